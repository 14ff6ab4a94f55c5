import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { compileModifier } from "../../src/core/modifier/compile-modifier.ts";
import { modifierTypes } from "../../src/core/modifier/list.ts";
import type { Modifier, ModifierType } from "../../src/core/modifier/modifier.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";

export function compileModifierForTest(document: Json): {
  readonly modifier: Modifier | null;
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const context = { issues: issueSink(issues), roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS };
  return { modifier: compileModifier(document, context), issues };
}

/** Settings, value, result; `{fails}` is the reason of a failure. */
export type ModifierRow = readonly [JsonObject, Json, Json | { readonly fails: string }];

/** What every modifier must do, and its own table. Templates read `event.type` "trap", `event.n` 5, `event.group` "<$1>". */
export function describeModifier(
  type: ModifierType,
  rows: readonly ModifierRow[],
  refused: readonly (readonly [JsonObject, string, string])[],
): void {
  describe(`modifier ${type.name}`, () => {
    test("is in the list, described, and its example compiles", () => {
      expect(modifierTypes).toContain(type);
      expect(type.summary).toMatch(/^[A-Z].*\.$/s);
      expect(compileModifierForTest(type.example)).toMatchObject({ modifier: { type: type.name }, issues: [] });
    });
    test("refuses an unknown key", () => {
      const { issues } = compileModifierForTest({ ...type.example, no_such_key: 1 });
      expect(issues).toMatchObject([{ severity: "error", code: "unknown-key", path: ["no_such_key"] }]);
    });
    test.each(
      rows.map(([settings, value, expected]) => [show(settings), show(value), settings, value, expected] as const),
    )("%s on %s", (_settings, _value, settings, value, expected) => {
      const { modifier, issues } = compileModifierForTest({ type: type.name, ...settings });
      expect(issues).toEqual([]);
      const got = modifier!.apply(value, { event: { type: "trap", n: 5, group: "<$1>" }, _variables: {} });
      expect(got.ok ? got.value : { fails: got.error }).toEqual(expected);
    });
    test.each(refused)("%j is refused", (settings, path, message) => {
      const { issues } = compileModifierForTest({ type: type.name, ...settings });
      expect(issues.map((issue) => [issue.path.join("."), issue.message])).toContainEqual([path, message]);
      expect(issues.every(({ severity }) => severity === "error")).toBe(true);
    });
  });
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
