import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator } from "../../../test/kit/describe-operator.ts";
import type { Json } from "../json.ts";
import { and } from "./and.ts";
import { not } from "./not.ts";
import { or } from "./or.ts";

describe("tornado.md 3.1: AND, OR, NOT", () => {
  describeOperator(and);
  describeOperator(or);
  describeOperator(not);

  const T: Json = { type: "equals", first: 1, second: 1 };
  const F: Json = { type: "equals", first: 1, second: 2 };

  test.each<[Json, boolean]>([
    [{ type: "AND", operators: [] }, true],
    [{ type: "AND", operators: [T, T] }, true],
    [{ type: "AND", operators: [T, F] }, false],
    [{ type: "OR", operators: [] }, false],
    [{ type: "OR", operators: [F, T] }, true],
    [{ type: "OR", operators: [F, F] }, false],
    [{ type: "NOT", operator: F }, true],
    [{ type: "NOT", operator: { type: "OR", operators: [F, T] } }, false],
  ])("%j is %s", (document, expected) => {
    const { operator, issues } = compileForTest(document);
    expect(issues).toEqual([]);
    expect(operator!.evaluate({})).toBe(expected);
  });

  test("mistakes of inner operators are all reported, each at its place", () => {
    const { operator, issues } = compileForTest({
      type: "AND",
      operators: [{ type: "equal", first: 1 }, { type: "and" }, 5, { type: "NOT", operator: { type: "equalz" } }, {}],
    });
    expect(operator).toBeNull();
    expect(issues.map(({ path, message, suggestion }) => [path.join("."), message, suggestion])).toEqual([
      ["operators.0", 'the key "second" is missing', undefined],
      ["operators.1.type", 'unknown operator "and"', "AND"],
      ["operators.2", "the number 5 where an operator is expected", undefined],
      ["operators.3.operator.type", 'unknown operator "equalz"', "equals"],
      ["operators.4", 'the key "type" is missing', undefined],
    ]);
  });
});
