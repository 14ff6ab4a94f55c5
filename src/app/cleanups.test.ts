import { expect, test } from "vitest";
import { type Logger, silentLogger } from "../component/logger.ts";
import { createCleanups } from "./cleanups.ts";

test("they run in reverse order, once, and a failing one is logged and passed over", async () => {
  const steps: string[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => steps.push(`log ${(fields as { step: string }).step}`) };
  const cleanups = createCleanups();
  cleanups.push("store", () => void steps.push("store"));
  cleanups.push("dispatcher", async () => {
    throw new Error("no");
  });
  cleanups.push("collectors", async () => void steps.push("collectors"));
  await cleanups.runAll(logger);
  await cleanups.runAll(logger);
  expect(steps).toEqual(["collectors", "log dispatcher", "store"]);
});
