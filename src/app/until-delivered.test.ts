import { expect, test } from "vitest";
import { turns, watched } from "../../test/kit/event-loop.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { silentLogger } from "../component/logger.ts";
import type { StoreStats } from "../component/store.ts";
import { untilDelivered } from "./until-delivered.ts";

function waitingFor(left: () => readonly [pending: number, waiting: number]) {
  const clock = manualClock();
  // Nothing else of the statistics is asked for.
  const stats = async () => {
    const [pending, waiting] = left();
    return { executors: { a: { pending: 0, waiting: 0 }, b: { pending, waiting } } } as unknown as StoreStats;
  };
  return { clock, done: watched(untilDelivered({ stats }, 15_000, { clock, logger: silentLogger })) };
}

test("it waits for what is pending and what is tried again", async () => {
  let left: readonly [number, number] = [2, 1];
  const { clock, done } = waitingFor(() => left);
  await clock.advance(1000);
  left = [0, 1];
  await clock.advance(1000);
  expect(done.settled).toBe(false);
  left = [0, 0];
  await clock.advance(100);
  expect(done.settled).toBe(true);
});

test("nothing to wait for", async () => {
  const { done } = waitingFor(() => [0, 0]);
  await turns();
  expect(done.settled).toBe(true);
});

test("a target that is down does not keep the process for ever", async () => {
  const { clock, done } = waitingFor(() => [1, 0]);
  await clock.advance(14_000);
  expect(done.settled).toBe(false);
  await clock.advance(1100);
  expect(done.settled).toBe(true);
});
