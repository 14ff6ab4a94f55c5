import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { containsIgnoreCase } from "./contains-ignore-case.ts";

describe("tornado.md 3.2 and 3.3: containsIgnoreCase", () => {
  describeOperator(containsIgnoreCase);
  truthOf(containsIgnoreCase, [
    ["An ERROR occurred", "error", true],
    ["abc", "", true],
    ["abc", 1, false],
    [["Abc"], "aBC", true],
    [["Abc"], "b", false],
    [[5], "5", false],
    [{ Key: 1 }, "kEY", true],
    [{ Key: 1 }, "ke", false],
    [5, "5", false],
    [MISSING, MISSING, false],
    ["abc", MISSING, false],
  ]);
});
