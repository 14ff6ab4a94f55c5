import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { createRateLimiter } from "./rate-limiter.ts";

test("a burst goes at once, then one per interval, to the millisecond", async () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ perSecond: 50, burst: 3 }, () => clock.monotonicMs());
  for (let n = 0; n < 3; n++) {
    expect(limiter.waitMs()).toBe(0);
    limiter.take();
  }
  expect(limiter.waitMs()).toBe(20);
  await clock.advance(19);
  expect(limiter.waitMs()).toBe(1);
  await clock.advance(1);
  expect(limiter.waitMs()).toBe(0);
  limiter.take();
  expect(limiter.waitMs()).toBe(20);
});

test("no more than the burst is saved up", async () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ perSecond: 1, burst: 2 }, () => clock.monotonicMs());
  await clock.advance(1_000_000);
  limiter.waitMs();
  limiter.take();
  limiter.take();
  expect(limiter.waitMs()).toBe(1000);
});

test.each([0.1, 0.3, 3, 7, 33.3])("at %d a second the wait it gives is long enough", async (perSecond) => {
  const clock = manualClock();
  const limiter = createRateLimiter({ perSecond, burst: 1 }, () => clock.monotonicMs());
  for (let n = 0; n < 20; n++) {
    await clock.advance(limiter.waitMs());
    expect(limiter.waitMs()).toBe(0);
    limiter.take();
  }
  expect(clock.monotonicMs() - manualClock().monotonicMs()).toBeLessThanOrEqual((19_000 / perSecond) * 1.001 + 20);
});

test("without a rate nothing waits", () => {
  const limiter = createRateLimiter(null, () => 0);
  for (let n = 0; n < 1000; n++) limiter.take();
  expect(limiter.waitMs()).toBe(0);
});
