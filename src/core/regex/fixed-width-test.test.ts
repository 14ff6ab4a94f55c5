import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.ts";
import { fixedWidthTest } from "./fixed-width-test.ts";
import { parsePattern } from "./parse-pattern.ts";
import { DEFAULT_REGEX_LIMITS } from "./regex.ts";
import { simplify } from "./simplify.ts";

const of = (pattern: string): ReturnType<typeof fixedWidthTest> => fixedWidthTest(simplify(parsePattern(pattern).node));

describe("rule-language.md, Regular expressions", () => {
  test.each([
    ["\\s[a-f0-9]{4}\\s", "id beef !", true],
    ["\\s[a-f0-9]{4}\\s", "id beef", false],
    ["\\s[a-f0-9]{4}\\s", "id beefs ", false],
    ["[ab]c", "aac", true],
    ["[ab]c", "", false],
    ["(?i)k[0-9]", "K1", true],
    ["(a)(?:b)", "xab", true],
    [".[0-9]", "\n1", false],
    ["(?s).[0-9]", "\n1", true],
    ["(?:ab){2}", "xababx", true],
    ["[ab]c", "é ac", null],
    ["[ab]c", "ac é", true],
    ["(?i)k[0-9]", "\u212A1", null],
  ] as const)("%s on %j: %j", (pattern, text, expected) => {
    expect(of(pattern)!(text)).toBe(expected);
  });

  test.each(["a*", "[ab]+c", "[ab]{1,2}", "a|b[cd]", "^[ab]c", "[ab]\\b", "[ab]{300}", "(?:[ab]{20}){20}", ""])(
    "%s is no row of classes",
    (pattern) => expect(of(pattern)).toBeNull(),
  );

  test("the answer is the engine's", () => {
    const item = fc.constantFrom(
      "a",
      "[ab]",
      "[^a]",
      ".",
      "\\w",
      "\\s",
      "[aé]",
      "(b)",
      "a{2}",
      "[ab]{3}",
      "(?:ab){2}",
      "\\d",
    );
    const pattern = fc
      .tuple(fc.constantFrom("", "(?s)", "(?i)"), fc.array(item, { minLength: 1, maxLength: 4 }))
      .map(([flags, items]) => flags + items.join(""));
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[abAB1 é😀\n]{0,12}$/u), (source, text) => {
        const regex = compileRegex(source, DEFAULT_REGEX_LIMITS);
        if (!regex.ok) throw new Error(regex.error.message);
        const found = regex.value.first(text) !== null;
        expect(of(source)?.(text) ?? found).toBe(found);
        expect(regex.value.test(text)).toBe(found);
      }),
      { numRuns: 1500 },
    );
  });
});
