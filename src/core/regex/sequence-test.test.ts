import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.ts";
import { DEFAULT_REGEX_LIMITS } from "./regex.ts";
import { parsePattern } from "./parse-pattern.ts";
import { sequenceTest } from "./sequence-test.ts";
import { simplify } from "./simplify.ts";

const of = (pattern: string): ReturnType<typeof sequenceTest> => sequenceTest(simplify(parsePattern(pattern).node));

describe("rule-language.md, Regular expressions", () => {
  test.each([
    ["a.*b", "xaxxbx", true],
    ["a.*b", "b a", false],
    ["a.*b", "ab", true],
    ["a.+b", "ab", false],
    ["a.+b", "a😀b", true],
    ["a.+b", "aab", true],
    ["^a.*b$", "ab", true],
    ["^a.*b$", "xab", false],
    ["^a.*b$", "abx", false],
    ["ab.*b$", "ab", false],
    ["a.+$", "a", false],
    ["a.*", "a", true],
    [".+", "", false],
    ["(a).*?(b)", "a-b", true],
    ["a.*b", "a\nb", null],
    ["(?s)a.*b", "a\nb", true],
  ] as const)("%s on %j: %j", (pattern, text, expected) => {
    expect(of(pattern)!(text)).toBe(expected);
  });

  test.each([
    "ab",
    "a",
    "^a$",
    "[ab].*c",
    "a.{2,}b",
    "a.*|b",
    "a.*$b",
    "a.*^b",
    "(?i)a.*b",
    "a.*\\bb",
    "a[^b]*b",
    "a.?b",
  ])("%s is no sequence", (pattern) => expect(of(pattern)).toBeNull());

  test("the answer is the engine's", () => {
    const literal = fc.stringMatching(/^[ab😀é]{0,2}$/u);
    const pattern = fc
      .tuple(
        fc.constantFrom("", "(?s)"),
        fc.constantFrom("", "^"),
        literal,
        fc.array(fc.tuple(fc.constantFrom(".*", ".+", ".*?"), literal), { minLength: 1, maxLength: 3 }),
        fc.constantFrom("", "$"),
      )
      .map(([flags, start, first, rest, end]) => flags + start + first + rest.flat().join("") + end);
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab😀é\n]{0,8}$/u), (source, text) => {
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
