import { beforeEach, expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { silentLogger } from "../component/logger.ts";
import { noMetrics } from "../component/metrics.ts";
import type { Plan } from "../config/plan.ts";
import { settingsSchema, toSettings } from "../config/settings.ts";
import { createHealthBoard } from "../engine/health-board.ts";
import { createReloader, type Reloader } from "./reload.ts";

// The reloader looks at hash and settings alone.
const plan = (hash: string, settings: object = {}): Plan =>
  ({ hash, settings: toSettings(settingsSchema.parse(settings), "/") }) as Plan;

let next: Plan;
let steps: string[];
let applying: Promise<void>;
let reloader: Reloader;
let health: ReturnType<typeof createHealthBoard>;

beforeEach(() => {
  const clock = manualClock(1000);
  health = createHealthBoard(clock);
  steps = [];
  applying = Promise.resolve();
  reloader = createReloader(plan("1"), {
    load: async () => {
      steps.push("load");
      return { plan: next, diagnostics: [] };
    },
    apply: async (applied, number) => {
      steps.push(`apply ${applied.hash} as ${number}`);
      await applying;
    },
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    health,
  });
});

test("reloads run one after the other", async () => {
  const first = Promise.withResolvers<void>();
  applying = first.promise;
  next = plan("2");
  const both = Promise.all([reloader.reload("api"), reloader.reload("files")]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual(["load", "apply 2 as 2"]);
  first.resolve();
  expect((await both).map((status) => status.number)).toEqual([2, 2]);
  expect(steps).toEqual(["load", "apply 2 as 2", "load"]);
});

test("what cannot be put in service leaves number and hash, and is told; the next success ends that", async () => {
  applying = Promise.reject(new Error("password is hunter2"));
  next = plan("2");
  await expect(reloader.reload("api")).rejects.toThrow("hunter2");
  expect(reloader.status()).toMatchObject({
    number: 1,
    hash: "1",
    last_error: { at_ms: 1000, message: "internal error; the log has the details", diagnostics: [] },
  });
  expect(health.reasons()).toMatchObject([{ subject: "configuration", code: "reload_failed", level: "degraded" }]);
  applying = Promise.resolve();
  expect(await reloader.reload("api")).toMatchObject({ number: 2, hash: "2", last_error: null });
  expect(health.reasons()).toEqual([]);
});

test.each([
  [{ ingest: { port: 9 } }, ["ingest"]],
  [{ store: { max_size: "1gb" }, admin: { host: "::1" } }, ["admin", "store"]],
  [{ metrics: { token: "other" } }, ["metrics"]],
  [{ limits: { json_depth: 9 } }, []],
])("%j needs a restart for %j, until it is as it was", async (settings, expected) => {
  next = plan("2", settings);
  expect((await reloader.reload("api")).restart_needed).toEqual(expected);
  expect(health.reasons().map((reason) => reason.code)).toEqual(expected.length > 0 ? ["restart_needed"] : []);
  next = plan("3");
  expect((await reloader.reload("api")).restart_needed).toEqual([]);
  expect(health.reasons()).toEqual([]);
});

test("while the process stops a reload is refused; the one under way is waited for", async () => {
  const first = Promise.withResolvers<void>();
  applying = first.promise;
  next = plan("2");
  const under = reloader.reload("files");
  await new Promise((resolve) => setImmediate(resolve));
  const closed = reloader.close();
  first.resolve();
  await closed;
  expect((await under).number).toBe(2);
  await expect(reloader.reload("signal")).rejects.toMatchObject({ code: "shutting_down" });
});
