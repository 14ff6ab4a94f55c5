import { expect, test } from "vitest";
import { backoffMs, nextDelayMs } from "./backoff.ts";
import type { Backoff } from "./delivery.ts";

const exponential: Backoff = { type: "exponential", initialMs: 1000, maxMs: 300_000, multiplier: 2, jitter: 0 };
const fixed: Backoff = { type: "fixed", delayMs: 10_000, jitter: 0 };
const list: Backoff = { type: "list", delaysMs: [1000, 5000, 10_000], jitter: 0 };

test.each<[Backoff, number, number]>([
  [exponential, 1, 1000],
  [exponential, 2, 2000],
  [exponential, 9, 256_000],
  [exponential, 10, 300_000],
  [exponential, 5000, 300_000],
  [{ ...exponential, multiplier: 1.5 }, 3, 2250],
  [fixed, 1, 10_000],
  [fixed, 100, 10_000],
  [list, 1, 1000],
  [list, 2, 5000],
  [list, 3, 10_000],
  [list, 4, 10_000],
  [{ ...list, delaysMs: [] }, 1, 0],
])("%j waits after attempt %i for %i ms", (backoff, attempt, ms) =>
  expect(backoffMs(backoff, attempt, () => 0.9)).toBe(ms),
);

test.each([
  [0, 800],
  [0.5, 1000],
  [0.75, 1100],
])("jitter of 0.2 at %d gives %i ms", (random, ms) =>
  expect(backoffMs({ ...exponential, jitter: 0.2 }, 1, () => random)).toBe(ms),
);

test("Retry-After wins, sooner or later than the backoff", () => {
  expect(nextDelayMs(fixed, 1, 2000, Math.random)).toBe(2000);
  expect(nextDelayMs(fixed, 1, 60_000, Math.random)).toBe(60_000);
  expect(nextDelayMs(fixed, 1, 0, Math.random)).toBe(10_000);
  expect(nextDelayMs(fixed, 1, 31_536_000_000, Math.random)).toBe(3_600_000);
  expect(nextDelayMs(fixed, 1, undefined, Math.random)).toBe(10_000);
});
