import { describe } from "vitest";
import { describeOperator, MISSING, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { containsAll, containsAllIgnoreCase } from "./contains-all.ts";

describe("rule-language.md, Operators: containsAll", () => {
  /** rule-language.md, Operators: containsAll (+ IgnoreCase). */
  describeOperator(containsAll);
  describeOperator(containsAllIgnoreCase);
  truthOfWritten(containsAll, [
    ["login failed", ["login", "failed"], true],
    ["login failed", ["failed", "login", "in f"], true],
    ["login failed", ["login", "Failed"], false],
    ["login", ["login", "failed"], false],
    ["login", [], true],
    [5, [], false],
    [["a", "b"], ["a", "b"], false],
    [MISSING, [], false],
    [MISSING, ["a"], false],
  ]);
  truthOf(containsAll, [
    ["abc", "b", false],
    ["abc", ["b", 5], false],
    ["abc", MISSING, false],
  ]);
  truthOfWritten(containsAllIgnoreCase, [
    ["Login FAILED", ["LOGIN", "failed"], true],
    ["Login FAILED", ["login", "error"], false],
    [MISSING, ["a"], false],
  ]);
});
