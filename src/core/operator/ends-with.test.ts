import { describe } from "vitest";
import { describeOperator, MISSING, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { endsWith, endsWithIgnoreCase } from "./ends-with.ts";

describe("rule-language.md, Operators: endsWith", () => {
  /** rule-language.md, Operators: endsWith (+ IgnoreCase), of strings only. */
  describeOperator(endsWith);
  describeOperator(endsWithIgnoreCase);
  truthOfWritten(endsWith, [
    ["C:\\Windows\\cmd.exe", "\\cmd.exe", true],
    ["C:\\Windows\\cmd.exe", "\\CMD.exe", false],
    ["abc", "ab", false],
    ["abc", "", true],
    ["abc", ["x", "bc"], true],
    ["abc", [], false],
    [12, "2", false],
    [["abc"], "abc", false],
    [MISSING, "", false],
  ]);
  truthOf(endsWith, [
    ["5", 5, false],
    ["a", MISSING, false],
  ]);
  truthOfWritten(endsWithIgnoreCase, [
    ["C:\\Windows\\CMD.EXE", "\\cmd.exe", true],
    ["abc", ["X", "BC"], true],
    ["abc", "B", false],
    [MISSING, "a", false],
  ]);
});
