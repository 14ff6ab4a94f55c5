import { describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import type { Filter } from "../../src/core/template/filter/filter.ts";
import { filters } from "../../src/core/template/filter/list.ts";

/** What a filter makes of values (arguments, value, expected; undefined: missing) and which arguments it refuses. */
export function describeFilter(
  filter: Filter,
  rows: readonly (readonly [readonly Json[], Json, Json | undefined])[],
  refused: readonly (readonly [readonly Json[], string])[],
): void {
  describe(`filter ${filter.name}`, () => {
    test("is in the list and described", () => {
      expect(filters).toContain(filter);
      expect(filter.usage).toContain(filter.name);
      expect(filter.summary).toMatch(/^[A-Z].*\.$/s);
    });
    test.each(rows.map(([args, value, expected]) => [show(value), show(args), args, value, expected] as const))(
      "%s with %s",
      (_value, _args, args, value, expected) => {
        const prepared = filter.prepare(args);
        if (!prepared.ok) return expect.fail(prepared.error);
        expect(prepared.value(value)).toEqual(expected);
      },
    );
    test.each(refused)("refuses the arguments %j", (args, message) => {
      expect(filter.prepare(args)).toEqual({ ok: false, error: message });
    });
  });
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
