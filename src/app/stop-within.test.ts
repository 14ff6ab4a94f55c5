import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { type Logger, silentLogger } from "../component/logger.ts";
import { stopWithin } from "./stop-within.ts";

test("time runs from the beginning of the stop; a second call waits for the first", async () => {
  const clock = manualClock();
  const stopping = stopWithin(15_000, { clock, logger: silentLogger });
  await clock.advance(60_000);
  expect(stopping.leftMs()).toBe(15_000);
  let finish: () => void = () => undefined;
  let runs = 0;
  const stop = () => {
    runs++;
    return new Promise<void>((resolve) => (finish = resolve));
  };
  const both = Promise.all([stopping.run(stop), stopping.run(stop)]);
  await clock.advance(5000);
  expect(stopping.leftMs()).toBe(10_000);
  finish();
  await both;
  expect(runs).toBe(1);
  expect(clock.pending).toBe(0);
});

test("what hangs is left behind, with a warning", async () => {
  const clock = manualClock();
  const warned: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_fields, message) => void warned.push(message) };
  let over = false;
  void stopWithin(15_000, { clock, logger })
    .run(() => new Promise(() => undefined))
    .then(() => (over = true));
  await clock.advance(15_900);
  expect(over).toBe(false);
  await clock.advance(200);
  expect(over).toBe(true);
  expect(warned).toHaveLength(1);
});
