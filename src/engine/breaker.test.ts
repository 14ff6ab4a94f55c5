import { describe, expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { createBreaker, type Verdict } from "./breaker.ts";

const FAILURE: Verdict = { kind: "failure" };
const SUCCESS: Verdict = { kind: "success" };
const UNAVAILABLE: Verdict = { kind: "unavailable" };

function setUp(failures = 3) {
  const clock = manualClock();
  const breaker = createBreaker({ failures, openForMs: 30_000 }, () => clock.monotonicMs());
  return { clock, breaker, ended: (verdict: Verdict) => breaker.end(breaker.begin(), verdict) };
}

test("it opens after so many failures in a row", () => {
  const { breaker, ended } = setUp();
  expect(ended(FAILURE)).toEqual({ counted: true, changed: false });
  ended(FAILURE);
  ended(SUCCESS);
  ended(FAILURE);
  ended(FAILURE);
  expect(breaker.state()).toBe("closed");
  expect(breaker.waitMs()).toBeNull();
  expect(ended(FAILURE)).toEqual({ counted: true, changed: true });
  expect(breaker.state()).toBe("open");
  expect(breaker.waitMs()).toBe(30_000);
});

test("one unavailable opens it at once and does not count", () => {
  const { breaker, ended } = setUp();
  expect(ended(UNAVAILABLE)).toEqual({ counted: false, changed: true });
  expect(breaker.openForMs()).toBe(30_000);
});

test.each([
  [5000, 5000],
  [0, 30_000],
  [31_536_000_000, 3_600_000],
])("the target may ask for %i ms, within bounds", (retryAfterMs, openForMs) => {
  const { breaker, ended } = setUp();
  ended({ kind: "unavailable", retryAfterMs });
  expect(breaker.openForMs()).toBe(openForMs);
});

describe("after open_for", () => {
  async function halfOpen() {
    const all = setUp(1);
    all.ended(FAILURE);
    await all.clock.advance(29_999);
    expect(all.breaker.waitMs()).toBe(1);
    await all.clock.advance(1);
    expect(all.breaker.waitMs()).toBeNull();
    expect(all.breaker.state()).toBe("half_open");
    return all;
  }

  test("a single probe goes", async () => {
    const { breaker } = await halfOpen();
    breaker.begin();
    expect(breaker.waitMs()).toBe(Number.POSITIVE_INFINITY);
    expect(breaker.state()).toBe("half_open");
  });
  test("its success closes", async () => {
    const { breaker, ended } = await halfOpen();
    expect(ended(SUCCESS)).toEqual({ counted: true, changed: true });
    expect(breaker.state()).toBe("closed");
  });
  test.each([FAILURE, UNAVAILABLE])("its %j opens again and does not count", async (verdict) => {
    const { breaker, ended } = await halfOpen();
    expect(ended(verdict)).toEqual({ counted: false, changed: true });
    expect(breaker.waitMs()).toBe(30_000);
  });
  test("a probe that never asked the target lets the next one go", async () => {
    const { breaker, ended } = await halfOpen();
    ended({ kind: "none" });
    expect(breaker.waitMs()).toBeNull();
    expect(breaker.state()).toBe("half_open");
  });
});

test("what began before it opened neither counts nor closes nor opens it", async () => {
  const { clock, breaker } = setUp(1);
  const [first, second, third] = [breaker.begin(), breaker.begin(), breaker.begin()];
  breaker.end(first, FAILURE);
  expect(breaker.end(second, FAILURE)).toEqual({ counted: false, changed: false });
  expect(breaker.end(third, SUCCESS)).toEqual({ counted: false, changed: false });
  expect(breaker.state()).toBe("open");
  const late = setUp(1);
  const stale = late.breaker.begin();
  late.ended(UNAVAILABLE);
  await late.clock.advance(30_000);
  late.ended(SUCCESS);
  late.breaker.end(stale, UNAVAILABLE);
  expect(late.breaker.state()).toBe("closed");
  await clock.advance(0);
});
