import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { compileOperand } from "./operand.ts";

describe("tornado.md 3.1: operands", () => {
  /** What can be known when the rules are loaded is a literal; null: it depends on the event. */
  test.each<[Json, Json | null]>([
    [5, 5],
    [["${event.a}"], ["${event.a}"]],
    ["plain", "plain"],
    ["${'${'}input}", "${input}"],
    ["${'a' | upper}b", "Ab"],
    ["${'5' | number}", 5],
    ["${'x' | number}", null],
    ["${event.a}", null],
    ["${event.a ?? 'b'}", null],
    ["${'a' ?? event.a}", null],
  ])("%j", (value, literal) => {
    const issues: Issue[] = [];
    const operand = compileOperand(value, { roots: ["event"] }, issueSink(issues));
    expect(issues).toEqual([]);
    expect(operand).toMatchObject(literal === null ? { kind: "template" } : { kind: "literal", value: literal });
  });
});

describe("templates that many rules name are one", () => {
  const templates = new Map();
  const compile = (text: string, roots: readonly string[]) => {
    const issues: Issue[] = [];
    return { operand: compileOperand(text, { roots, templates }, issueSink(issues)), issues };
  };

  test("of the same roots", () => {
    expect(compile("${event.a}", ["event"]).operand).toBe(compile("${event.a}", ["event"]).operand);
  });

  test("what is wrong is told every time", () => {
    for (let i = 0; i < 2; i++) expect(compile("x ${element.a}", ["event"]).issues).toHaveLength(1);
    expect(compile("x ${element.a}", ["event", "element"]).issues).toEqual([]);
  });
});
