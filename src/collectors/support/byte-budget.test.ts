import { expect, test } from "vitest";
import { createByteBudget } from "./byte-budget.ts";

test("over the bound nothing more is taken, until something is given back", () => {
  const budget = createByteBudget(100);
  const a = budget.hold();
  const b = budget.hold();
  expect(a.add(60)).toBe(true);
  expect(b.add(41)).toBe(false);
  expect(b.add(40)).toBe(true);
  expect(budget.used).toBe(100);
  expect(a.add(1)).toBe(false);
  a.release(10);
  expect(b.add(10)).toBe(true);
  a.release();
  a.release();
  b.release();
  expect(budget.used).toBe(0);
});

test("one request alone may pass the bound", () => {
  const budget = createByteBudget(100);
  const alone = budget.hold();
  expect(alone.add(90)).toBe(true);
  expect(alone.add(90)).toBe(true);
  expect(budget.hold().add(1)).toBe(false);
});
