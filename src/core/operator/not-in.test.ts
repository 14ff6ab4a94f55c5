import { describe } from "vitest";
import { describeOperator, MISSING, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { notIn, notInIgnoreCase } from "./not-in.ts";

describe("rule-language.md, Operators: notIn", () => {
  /** rule-language.md, Operators: notIn (+ IgnoreCase), true where the operand is missing. */
  describeOperator(notIn);
  describeOperator(notInIgnoreCase);
  truthOfWritten(notIn, [
    ["a", ["a", "b"], false],
    ["A", ["a", "b"], true],
    [1, [1.0], false],
    [null, [null], false],
    [{ a: 1 }, [{ a: 1 }], false],
    ["a", [], true],
    [MISSING, ["a"], true],
    [MISSING, [null], true],
  ]);
  truthOf(notIn, [
    ["a", MISSING, true],
    ["a", "abc", true],
    [MISSING, MISSING, true],
  ]);
  truthOfWritten(notInIgnoreCase, [
    ["A", ["a"], false],
    ["c", ["A", "B"], true],
    [MISSING, ["a"], true],
  ]);
});
