import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import { ne } from "./ne.ts";

describe("tornado.md 3.2 and 3.3: ne", () => {
  describeOperator(ne);
  truthOf(ne, [
    ["a", "a", false],
    ["a", "b", true],
    ["1", 1, true],
    [1, 1.0, false],
    [MISSING, MISSING, false],
    [MISSING, 5, true],
    [null, MISSING, true],
    [null, null, false],
    [{ a: [1] }, { a: [1] }, false],
  ]);
});
