import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator, refusal } from "../../../test/kit/describe-operator.ts";
import type { Json, JsonObject } from "../json.ts";
import { OWN_VARIABLES } from "../path.ts";
import { allOf } from "./all-of.ts";
import { anyOf } from "./any-of.ts";

describe("rule-language.md, Operators: anyOf and allOf", () => {
  /** rule-language.md, Operators: anyOf, allOf. */
  describeOperator(anyOf);
  describeOperator(allOf);

  const FULL = { type: "ge", first: "${element.used}", second: 90 };

  describe("anyOf and allOf", () => {
    test.each<[JsonObject, boolean, boolean]>([
      [{ a: [{ used: 95 }, { used: 20 }] }, true, false],
      [{ a: [{ used: 95 }, { used: 90 }] }, true, true],
      [{ a: [{ used: 5 }, {}] }, false, false],
      [{ a: [] }, false, true],
      [{ a: null }, false, false],
      [{ a: "text" }, false, false],
      [{ a: { used: 95 } }, false, false],
      [{}, false, false],
    ])("of %j: %s, %s", (event, any, all) => {
      for (const [type, expected] of [
        [anyOf, any],
        [allOf, all],
      ] as const) {
        // prettier-ignore
        const { operator } = compileForTest({ type: type.name, target: "${event.a}", operator: FULL });
        expect(operator!.evaluate({ event })).toBe(expected);
      }
    });

    test.each<[Json, Json, boolean]>([
      [{ type: "equals", first: "${element}", second: 2 }, [1, 2], true],
      [{ type: "equals", first: "${element}", second: "${event.b}" }, [1, "b"], true],
      [{ type: "equals", first: "${element}", second: "${_variables.v}" }, [1, "own"], true],
      [{ type: "NOT", operator: { type: "equals", first: "${element}", second: 1 } }, [1, 1], false],
      [{ type: "exists", target: "${element}" }, [null], false],
      [
        { type: "allOf", target: "${element}", operator: { type: "gt", first: "${element}", second: 1 } },
        [[1, 2], [2, 3]], // prettier-ignore
        true,
      ],
      [
        { type: "anyOf", target: "${event.c}", operator: { type: "equals", first: "${element}", second: 7 } },
        [1],
        true,
      ],
    ])("anyOf with %j of %j: %s", (inner, a, expected) => {
      const { operator, issues } = compileForTest({ type: "anyOf", target: "${event.a}", operator: inner });
      expect(issues).toEqual([]);
      const scope = { event: { a, b: "b", c: [7] }, _variables: {}, [OWN_VARIABLES]: { v: "own" } };
      expect(operator!.evaluate(scope)).toBe(expected);
    });

    test("element is a root only inside", () => {
      expect(refusal({ type: "anyOf", target: "${element.a}", operator: FULL })).toMatchObject([
        ["target", "unknown-root", expect.anything()],
      ]);
      expect(refusal(FULL)).toMatchObject([["first", "unknown-root", expect.anything()]]);
    });

    test("mistakes inside are reported at their place", () => {
      expect(refusal({ type: "allOf", target: 5, operator: { type: "equal", first: 1 } })).toEqual([
        ["target", "wrong-type", "the number 5 where a path such as ${event.payload.name} is expected"],
        ["operator", "missing-key", 'the key "second" is missing'],
      ]);
    });
  });
});
