import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { releaseMemory } from "./release-memory.ts";

const heapBytes = (): number => getHeapStatistics().total_physical_size;

function leaveGarbage(): void {
  const garbage: object[] = [];
  for (let n = 0; n < 150_000; n++) garbage.push({ n, text: `text ${n}` });
}

test("what is garbage is given back", async () => {
  leaveGarbage();
  const before = heapBytes();
  await releaseMemory(0);
  expect(heapBytes()).toBeLessThan(before - 4 * 2 ** 20);
});

test("a small heap is left as it is", async () => {
  leaveGarbage();
  const before = heapBytes();
  await releaseMemory(Number.MAX_SAFE_INTEGER);
  expect(heapBytes()).toBeGreaterThan(before - 4 * 2 ** 20);
});
