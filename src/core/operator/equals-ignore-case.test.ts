import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { equalsIgnoreCase } from "./equals-ignore-case.ts";

describe("tornado.md 3.2 and 3.3: equalsIgnoreCase", () => {
  describeOperator(equalsIgnoreCase);
  truthOf(equalsIgnoreCase, [
    ["Spooler", "SPOOLER", true],
    ["ÉTÉ", "été", true],
    ["straße", "STRASSE", false],
    ["a", "b", false],
    [1, 1, false],
    [null, null, false],
    [["a"], ["a"], false],
    [MISSING, MISSING, false],
  ]);
});
