import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { contains } from "./contains.ts";

describe("tornado.md 3.2 and 3.3: contains", () => {
  describeOperator(contains);
  truthOf(contains, [
    ["abc", "b", true],
    ["abc", "B", false],
    ["abc", "", true],
    ["abc", 1, false],
    ["1", 1, false],
    [["abc"], "b", false],
    [["abc", 5], 5.0, true],
    [[9007199254740993n], 9007199254740993n, true],
    [[null], null, true],
    [[{ k: 1 }], { k: 1 }, true],
    [[[1]], [1], true],
    [[], MISSING, false],
    [[1], MISSING, false],
    [{ key: 1 }, "key", true],
    [{ key: 1 }, "Key", false],
    [{}, "toString", false],
    [{ "5": 1 }, 5, false],
    [5, 5, false],
    [null, null, false],
    [MISSING, MISSING, false],
  ]);
});
