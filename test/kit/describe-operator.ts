import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { compileOperator } from "../../src/core/operator/compile-operator.ts";
import { operatorTypes } from "../../src/core/operator/list.ts";
import type { Operator, OperatorType, ReadList } from "../../src/core/operator/operator.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";

/** Compiles an operator for tests; the issues are those it reported. */
export function compileForTest(
  document: Json,
  more: { readonly readList?: ReadList } = {},
): {
  readonly operator: Operator | null;
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const options = { roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS, ...more };
  return { operator: compileOperator(document, options, issueSink(issues)), issues };
}

/** What every operator must do: be in the list, compile its example, know its aliases, refuse unknown and missing keys. */
export function describeOperator(type: OperatorType, optional: readonly string[] = []): void {
  describe(`every operator: ${type.name}`, () => {
    test("is in the list and described", () => {
      expect(operatorTypes).toContain(type);
      expect(type.summary).toMatch(/^[A-Z].*\.$/s);
    });
    test.each([type.name, ...type.aliases])("its example compiles as %s to data under the canonical name", (name) => {
      const { operator, issues } = compileForTest({ ...type.example, type: name });
      expect(issues).toEqual([]);
      expect(operator?.type).toBe(type.name);
    });
    test("refuses an unknown key, naming what is accepted", () => {
      const { issues } = compileForTest({ ...type.example, no_such_key: 1 });
      expect(issues).toMatchObject([{ severity: "error", code: "unknown-key", path: ["no_such_key"] }]);
    });
    const required = Object.keys(type.example).filter((key) => key !== "type" && !optional.includes(key));
    test.each(required)("refuses to go without %s", (key) => {
      const document: JsonObject = Object.fromEntries(Object.entries(type.example).filter(([name]) => name !== key));
      const { operator, issues } = compileForTest(document);
      expect(operator).toBeNull();
      expect(issues).toMatchObject([{ severity: "error", code: "missing-key" }]);
    });
    test("does not throw for an empty event", () => {
      expect(compileForTest(type.example).operator!.evaluate({})).toBeTypeOf("boolean");
    });
  });
}

/** Marks an operand that is missing. */
export const MISSING = Symbol("missing");
type Side = Json | typeof MISSING;

/** Truth of an operator over `first` and `second`, each read from the event; rows are [first, second, expected]. */
export function truthOf(type: OperatorType, rows: readonly (readonly [Side, Side, boolean])[]): void {
  const { operator } = compileForTest({ type: type.name, first: "${event.a}", second: "${event.b}" });
  test.each(rows.map(([a, b, expected]) => [show(a), show(b), expected, a, b] as const))(
    `${type.name}(%s, %s) is %s`,
    (_first, _second, expected, a, b) => {
      const event = { ...(a === MISSING ? {} : { a }), ...(b === MISSING ? {} : { b }) } as JsonObject; // no symbol is left
      expect(operator!.evaluate({ event })).toBe(expected);
    },
  );
}

/** The same for operators whose `second` may be written out: each row is asked that way too. */
export function truthOfWritten(type: OperatorType, rows: readonly (readonly [Side, Json, boolean])[]): void {
  truthOf(type, rows);
  test.each(rows.map(([a, b, expected]) => [show(a), show(b), expected, a, b] as const))(
    `${type.name}(%s, %s written out) is %s`,
    (_first, _second, expected, a, b) => {
      const second = typeof b === "string" ? b.replaceAll("${", "${'${'}") : b;
      const { operator, issues } = compileForTest({ type: type.name, first: "${event.a}", second });
      expect(issues).toEqual([]);
      expect(operator!.operands["second"]).toEqual({ kind: "literal", value: b });
      expect(operator!.evaluate({ event: a === MISSING ? {} : { a } })).toBe(expected);
    },
  );
}

/** What an operator says about a document it refuses: where, which code, and the message. */
export function refusal(document: Json): readonly (readonly [string, string, string])[] {
  const { operator, issues } = compileForTest(document);
  expect(operator).toBeNull();
  return issues.map(({ path, code, message }) => [path.join("."), code, message]);
}

function show(side: Side): string {
  if (side === MISSING) return "missing";
  return JSON.stringify(side, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
}
