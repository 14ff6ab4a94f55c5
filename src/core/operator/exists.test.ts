import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator, refusal } from "../../../test/kit/describe-operator.ts";
import type { JsonObject } from "../json.ts";
import { exists } from "./exists.ts";

describe("rule-language.md, Operators: exists", () => {
  /** rule-language.md, Operators: exists. */
  describeOperator(exists);

  test.each<[JsonObject, boolean]>([
    [{ a: 1 }, true],
    [{ a: false }, true],
    [{ a: 0 }, true],
    [{ a: "" }, true],
    [{ a: [] }, true],
    [{ a: null }, false],
    [{}, false],
  ])("in %j: %s", (event, expected) => {
    const { operator } = compileForTest({ type: "exists", target: "${event.a}" });
    expect(operator!.evaluate({ event })).toBe(expected);
  });

  test("looks at a path", () => {
    expect(refusal({ type: "exists", target: 5 })).toEqual([
      ["target", "wrong-type", "the number 5 where a path such as ${event.payload.name} is expected"],
    ]);
  });
});
