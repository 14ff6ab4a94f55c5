import { describe, expect, test } from "vitest";
import { turns, watched } from "../../../test/kit/event-loop.ts";
import { createStreamBudget } from "./stream-budget.ts";

const later = (promise: Promise<void> | undefined) => {
  if (!promise) throw new Error("it was taken at once");
  return watched(promise);
};

describe("bytes of streams", () => {
  test("what fits is taken at once, more waits its turn", async () => {
    const budget = createStreamBudget(100);
    const [a, b, c] = [budget.hold(), budget.hold(), budget.hold()];
    a.settling();
    expect(a.acquire(60)).toBeUndefined();
    const second = later(b.acquire(50));
    const third = later(c.acquire(10)); // there is room, but not before the one that came first
    await turns(2);
    expect([second.settled, third.settled, budget.used]).toEqual([false, false, 60]);
    a.release(10);
    await turns(2);
    expect([second.settled, third.settled, budget.used]).toEqual([true, false, 100]);
    a.release(50);
    await turns(2);
    expect([third.settled, budget.used]).toEqual([true, 60]);
  });

  test("when nothing settles the first may pass the bound, and no other", async () => {
    const budget = createStreamBudget(100);
    const [a, b] = [budget.hold(), budget.hold()];
    expect(a.acquire(50)).toBeUndefined();
    expect(b.acquire(50)).toBeUndefined();
    expect(a.acquire(50)).toBeUndefined();
    expect(a.acquire(500)).toBeUndefined();
    const waiting = later(b.acquire(1));
    await turns(2);
    expect(waiting.settled).toBe(false);
    a.settling();
    a.release(599);
    a.settled();
    await turns(2);
    expect([waiting.settled, budget.used]).toEqual([true, 52]);
  });

  test("who gives up waits no more and counts no more", async () => {
    const budget = createStreamBudget(100);
    const [a, b, c] = [budget.hold(), budget.hold(), budget.hold()];
    a.settling();
    expect(a.acquire(100)).toBeUndefined();
    const gone = later(b.acquire(50));
    const next = later(c.acquire(10));
    b.cancel();
    await turns(2);
    expect([gone.settled, next.settled, budget.used]).toEqual([true, false, 100]);
    a.close();
    a.close();
    await turns(2);
    expect([next.settled, budget.used]).toEqual([true, 10]);
    b.close();
    c.close();
    expect(budget.used).toBe(0);
  });

  test("the one beyond the bound makes room when it is gone", async () => {
    const budget = createStreamBudget(100);
    const [a, b] = [budget.hold(), budget.hold()];
    expect(a.acquire(300)).toBeUndefined();
    const waiting = later(b.acquire(300));
    a.close();
    await turns(2);
    expect([waiting.settled, budget.used]).toEqual([true, 300]);
  });

  test("without waiting: only what fits", () => {
    const budget = createStreamBudget(100);
    const hold = budget.hold();
    expect([hold.tryAcquire(60), hold.tryAcquire(41), hold.tryAcquire(40)]).toEqual([true, false, true]);
  });
});
