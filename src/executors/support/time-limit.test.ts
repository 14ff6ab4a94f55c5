import { expect, test } from "vitest";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { createTimeLimit } from "./time-limit.ts";

function world() {
  const clock = manualClock();
  const over: string[] = [];
  const limit = createTimeLimit<string>(1000, clock, (item) => void over.push(item));
  return { clock, over, limit };
}

test("each is over after its own time, with one timer for all", async () => {
  const { clock, over, limit } = world();
  limit.begin("a");
  await clock.advance(400);
  limit.begin("b");
  limit.begin("c");
  expect(clock.pending).toBe(1);
  await clock.advance(599);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual(["a"]);
  await clock.advance(400);
  expect(over).toEqual(["a", "b", "c"]);
  expect(clock.pending).toBe(0);
});

test("what ends in time is never over, and the next one is, in its time", async () => {
  const { clock, over, limit } = world();
  limit.begin("a");
  await clock.advance(500);
  limit.begin("b");
  limit.end("a");
  await clock.advance(999);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual(["b"]);
});

test("nothing under way, no timer", async () => {
  const { clock, over, limit } = world();
  limit.begin("a");
  limit.end("a");
  limit.end("a");
  expect(clock.pending).toBe(0);
  limit.begin("b");
  await clock.advance(1000);
  expect(over).toEqual(["b"]);
});

test("one that begins when another is over has its whole time", async () => {
  const clock = manualClock();
  const over: number[] = [];
  const limit = createTimeLimit<number>(10, clock, (item) => {
    over.push(item);
    if (item < 3) limit.begin(item + 1);
  });
  limit.begin(1);
  await clock.advance(29);
  expect(over).toEqual([1, 2]);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(over).toEqual([1, 2, 3]);
});
