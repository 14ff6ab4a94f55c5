import { expect, test } from "vitest";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { createTimeLimits } from "./time-limits.ts";

function world() {
  const clock = manualClock();
  const over: string[] = [];
  const limits = createTimeLimits<string>(clock, (item) => void over.push(item));
  return { clock, over, limits };
}

test("each is over after its own time, with one timer for all", async () => {
  const { clock, over, limits } = world();
  limits.begin("a", 1000);
  await clock.advance(400);
  limits.begin("b", 1000);
  limits.begin("c", 1000);
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
  const { clock, over, limits } = world();
  limits.begin("a", 1000);
  await clock.advance(500);
  limits.begin("b", 1000);
  expect(limits.end("a")).toBe(true);
  await clock.advance(999);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual(["b"]);
});

test("nothing under way, no timer", async () => {
  const { clock, over, limits } = world();
  limits.begin("a", 1000);
  expect(limits.end("a")).toBe(true);
  expect(limits.end("a")).toBe(false);
  expect(clock.pending).toBe(0);
  limits.begin("b", 1000);
  await clock.advance(1000);
  expect(over).toEqual(["b"]);
  expect(limits.end("b")).toBe(false);
});

test("one that begins when another is over has its whole time", async () => {
  const clock = manualClock();
  const over: number[] = [];
  const limits = createTimeLimits<number>(clock, (item) => {
    over.push(item);
    if (item < 3) limits.begin(item + 1, 10);
  });
  limits.begin(1, 10);
  await clock.advance(29);
  expect(over).toEqual([1, 2]);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(over).toEqual([1, 2, 3]);
});

test("the shorter of two limits is over first, whichever began first", async () => {
  const { clock, over, limits } = world();
  limits.begin("long", 1000);
  limits.begin("short", 300);
  limits.begin("longest", 2000);
  expect(clock.pending).toBe(1);
  await clock.advance(299);
  expect(over).toEqual([]);
  await clock.advance(1);
  expect(over).toEqual(["short"]);
  await clock.advance(700);
  expect(over).toEqual(["short", "long"]);
  limits.end("longest");
  expect(clock.pending).toBe(0);
});
