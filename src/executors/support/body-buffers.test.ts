import { expect, test } from "vitest";
import { createBodyBuffers } from "./body-buffers.ts";

const KB = 1024;
const MB = 1024 * KB;

test("a buffer that was given back is taken again, also by its part, and by nobody else meanwhile", () => {
  const { take, giveBack } = createBodyBuffers();
  const first = take(100 * KB);
  expect(take(100 * KB).buffer).not.toBe(first.buffer);
  giveBack(first.subarray(0, 10));
  expect(take(90 * KB).buffer).toBe(first.buffer);
  expect(take(90 * KB).buffer).not.toBe(first.buffer);
});

test.each([0, 1, 100, 65_535, 65_536, 65_537, MB, 9 * MB])("%i bytes have room", (bytes) => {
  const { take, giveBack } = createBodyBuffers();
  giveBack(take(64 * KB));
  expect(take(bytes).length).toBeGreaterThanOrEqual(bytes);
});

test("what is too small stays for a smaller one", () => {
  const { take, giveBack } = createBodyBuffers();
  const small = take(100 * KB);
  giveBack(small);
  expect(take(MB).buffer).not.toBe(small.buffer);
  expect(take(100 * KB).buffer).toBe(small.buffer);
});

test("8 MB are kept, those that came last", () => {
  const { take, giveBack } = createBodyBuffers();
  const all = Array.from({ length: 10 }, () => take(MB));
  for (const buffer of all) giveBack(buffer);
  const kept = new Set(Array.from({ length: 10 }, () => take(MB).buffer));
  expect(all.map(({ buffer }) => kept.has(buffer))).toEqual([false, false, ...Array.from({ length: 8 }, () => true)]);
});

test.each([
  ["small", 10],
  ["large", 9 * MB],
])("a %s one is not kept", (_, bytes) => {
  const { take, giveBack } = createBodyBuffers();
  const one = take(bytes);
  giveBack(one);
  expect(take(bytes).buffer).not.toBe(one.buffer);
});
