import { describe } from "vitest";
import { describeOperator, MISSING, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { wildcard, wildcardIgnoreCase } from "./wildcard.ts";

describe("rule-language.md, Operators: wildcard", () => {
  /** rule-language.md, Operators: wildcard (+ IgnoreCase). */
  describeOperator(wildcard);
  describeOperator(wildcardIgnoreCase);
  truthOfWritten(wildcard, [
    ["abc", "a*c", true],
    ["abc", "A*c", false],
    ["abc", "b", false],
    ["abc", ["x*", "?bc"], true],
    ["abc", [], false],
    ["a*c", "a\\*c", true],
    ["abc", "a\\*c", false],
    [5, "*", false],
    [["abc"], "*", false],
    [null, "*", false],
    [MISSING, "*", false],
  ]);
  truthOf(wildcard, [
    ["5", 5, false],
    ["a", MISSING, false],
  ]);
  truthOfWritten(wildcardIgnoreCase, [
    ["C:\\Temp\\A.DOC", "c:\\\\*.doc", true],
    ["ÉTÉ", "é?é", true],
    ["abc", ["X*", "*C"], true],
    ["abc", "*B", false],
    [MISSING, "*", false],
  ]);
});
