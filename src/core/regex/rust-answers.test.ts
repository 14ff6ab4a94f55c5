import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.ts";
import { parsePattern } from "./parse-pattern.ts";
import { printPattern } from "./print-pattern.ts";
import { DEFAULT_REGEX_LIMITS } from "./regex.ts";
import { simplify } from "./simplify.ts";
import { walk } from "./walk.ts";

const lines = (name: string): string[] =>
  readFileSync(new URL(`../../../test/fixtures/regex/${name}`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");

interface Case {
  readonly pattern: string;
  readonly matches: readonly (readonly [text: string, matches: readonly (readonly (string | null)[])[]])[];
}

// The shape of our own fixture.
const cases = lines("rust-1.10.ndjson").map((line) => JSON.parse(line) as Case);
const sigma = lines("sigma-patterns.ndjson").map((line) => JSON.parse(line) as { readonly pattern: string });

describe("rule-language.md, Regular expressions", () => {
  test("generated patterns match as in Rust 1.10.3", () => {
    expect(cases.length).toBeGreaterThan(400);
    for (const { pattern, matches } of cases) {
      const result = compileRegex(pattern, DEFAULT_REGEX_LIMITS);
      if (!result.ok) throw new Error(`${pattern}: ${result.error.message}`);
      for (const [text, expected] of matches) {
        const found = result.value.all(text).map((match) => match.groups.map((group) => group ?? null));
        expect({ pattern, text, found }).toEqual({ pattern, text, found: expected });
        expect({ pattern, text, matches: result.value.test(text) }).toEqual({
          pattern,
          text,
          matches: expected.length > 0,
        });
      }
    }
  });

  test("every pattern of the Sigma rules loads with the default limits", () => {
    expect(sigma.length).toBeGreaterThan(100);
    const refused = sigma.flatMap(({ pattern }) => {
      const result = compileRegex(pattern, DEFAULT_REGEX_LIMITS);
      return result.ok ? [] : [{ pattern, error: result.error }];
    });
    expect(refused).toEqual([]);
  });

  test("printing is stable: what is printed is read back as the same", () => {
    const options = { captures: true, hideTextStart: false, ascii: false };
    let compared = 0;
    for (const { pattern } of [...cases, ...sigma]) {
      const node = simplify(parsePattern(pattern).node);
      // Look-behind is the engine's only; a pattern of ASCII boundaries is read back as one of Unicode's, which print alike.
      if ([...walk(node)].some((n) => n.kind === "look" && /start|end/u.test(n.look) && n.look.startsWith("word")))
        continue;
      const printed = printPattern(node, options);
      expect(printPattern(simplify(parsePattern(printed).node), options)).toBe(printed);
      compared++;
    }
    expect(compared).toBeGreaterThan(400);
  });

  describe("any text is a pattern or refused", () => {
    const part = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(..."(){}[]|*+?^$.\\-&~#:=<>!PpbBdwsxuUimRAz019,éa K\n") },
      fc.constantFrom("(?", "(?P<", "[[:", ":]]", "&&", "--", "\\b{", "\\p{", "\\x{", "{2,", "(?x)", "(?-u)", "(?i)"),
      fc.string({ unit: "grapheme", maxLength: 2 }),
    );

    test("and never throws, whatever it is searched in", () => {
      fc.assert(
        fc.property(
          fc.array(part, { maxLength: 14 }),
          fc.string({ unit: "grapheme", maxLength: 12 }),
          (parts, text) => {
            const pattern = parts.join("");
            const result = compileRegex(pattern, DEFAULT_REGEX_LIMITS);
            if (!result.ok) {
              expect(result.error.offset).toBeGreaterThanOrEqual(0);
              expect(result.error.offset).toBeLessThanOrEqual(pattern.length);
              return;
            }
            const first = result.value.first(text);
            expect(result.value.test(text)).toBe(first !== null);
            expect(result.value.all(text)[0] ?? null).toEqual(first);
          },
        ),
        { numRuns: 1000 },
      );
    });
  });
});
