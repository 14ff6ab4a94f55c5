import { describe } from "vitest";
import { describeOperator, MISSING, truthOf } from "../../../test/kit/describe-operator.ts";
import type { Json } from "../json.ts";
import { ge } from "./ge.ts";
import { gt } from "./gt.ts";
import { le } from "./le.ts";
import { lt } from "./lt.ts";

/** first, second, and which way they are ordered; null: not at all. */
const rows: readonly (readonly [Json | typeof MISSING, Json | typeof MISSING, "<" | "=" | ">" | null])[] = [
  [1, 2, "<"],
  [1, 1.0, "="],
  [2.5, 2, ">"],
  [9007199254740993n, 9007199254740992, ">"],
  [9007199254740993n, 9007199254740994n, "<"],
  [18446744073709551615n, 1e300, "<"],
  [-0, 0, "="],
  ["abc", "abd", "<"],
  ["ab", "abc", "<"],
  ["twelve", "two", "<"],
  ["Z", "a", "<"],
  ["\uff5e", "\u{1f600}", "<"],
  [false, true, "<"],
  [true, true, "="],
  [null, null, "="],
  [null, MISSING, null],
  [MISSING, MISSING, null],
  [MISSING, 1, null],
  [1, "1", null],
  [true, 1, null],
  [[1], 1, null],
  [{ a: 1 }, { a: 1 }, null],
  [[["id", 557], ["one"]], [["id", 555], ["two"]], ">"],
  [[1, 2], [1, 2], "="],
  [[1], [1, 2], "<"],
  [[1, { a: 1 }], [1, { a: 1 }], null],
  [[1, "a"], [1, 2], null],
  [[2, "a"], [1, 2], ">"],
  [[], [], "="],
];

describe("tornado.md 3.2 and 3.3: ge, gt, le, lt", () => {
  for (const [type, signs] of [
    [ge, ">="],
    [gt, ">"],
    [le, "<="],
    [lt, "<"],
  ] as const)
    describe(type.name, () => {
      describeOperator(type);
      truthOf(
        type,
        rows.map(([a, b, order]) => [a, b, order !== null && signs.includes(order)]),
      );
    });
});
