import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { equals } from "./equals.ts";

describe("tornado.md 3.2 and 3.3: equals", () => {
  describeOperator(equals);
  truthOf(equals, [
    ["a", "a", true],
    ["a", "A", false],
    ["1", 1, false],
    [true, 1, false],
    [null, null, true],
    [null, MISSING, false],
    [MISSING, MISSING, true],
    [MISSING, 1, false],
    [1, 1.0, true],
    [0, -0, true],
    [100, 1e2, true],
    [9007199254740993n, 9007199254740993n, true],
    [9007199254740993n, 9007199254740992, false],
    [18446744073709551616n, 18446744073709551616, true],
    [[1, [2]], [1, [2]], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ toString: 1 }, {}, false],
    [{}, { constructor: 1 }, false],
    [{}, [], false],
    ["", null, false],
  ]);
});
