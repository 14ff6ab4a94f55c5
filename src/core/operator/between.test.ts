import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator, refusal } from "../../../test/kit/describe-operator.ts";
import type { Json, JsonObject } from "../json.ts";
import { between } from "./between.ts";

describe("rule-language.md, Operators: between", () => {
  /** rule-language.md, Operators: between, both ends included. */
  describeOperator(between);

  test.each<[Json | undefined, Json, Json, boolean]>([
    [80, 80, 90, true],
    [90, 80, 90, true],
    [85.5, 80, 90, true],
    [79.999, 80, 90, false],
    [91, 80, 90, false],
    [9007199254740993n, 9007199254740992, 9007199254740993n, true],
    [5, 5, 5, true],
    ["85", 80, 90, false],
    ["m", "a", "z", true],
    ["Z", "a", "z", false],
    [5, "a", "z", false],
    [true, false, true, true],
    [[1, 5], [1], [2], true],
    [null, 0, 1, false],
    [undefined, 0, 1, false],
  ])("%o between %o and %o: %s", (value, low, high, expected) => {
    const event: JsonObject = value === undefined ? {} : { a: value };
    const { operator } = compileForTest({ type: "between", target: "${event.a}", low, high });
    expect(operator!.evaluate({ event })).toBe(expected);
    const read = compileForTest({ type: "between", target: "${event.a}", low: "${event.l}", high: "${event.h}" });
    expect(read.operator!.evaluate({ event: { ...event, l: low, h: high } })).toBe(expected);
  });

  test.each<[JsonObject]>([[{ h: 9 }], [{ l: 1 }], [{ l: 9, h: 1 }], [{ l: "a", h: 9 }]])(
    "ends of the event that make no range, %j, hold nothing",
    (ends) => {
      const { operator } = compileForTest({
        type: "between",
        target: "${event.a}",
        low: "${event.l}",
        high: "${event.h}",
      });
      expect(operator!.evaluate({ event: { a: 5, ...ends } })).toBe(false);
    },
  );

  test.each<[Json, Json, string]>([
    [9, 1, "low is more than high, so nothing is between them"],
    [1, "9", "low and high have no order, so nothing is between them"],
    [{}, {}, "low and high have no order, so nothing is between them"],
  ])("from %j to %j is refused", (low, high, message) => {
    expect(refusal({ type: "between", target: "${event.a}", low, high })).toEqual([["", "bad-range", message]]);
  });
});
