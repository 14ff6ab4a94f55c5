import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileWildcard } from "./wildcard-pattern.ts";

describe("rule-language.md, Operators: patterns of wildcard", () => {
  test.each<[string, string, boolean]>([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "a\nb", true],
    ["**", "", true],
    ["?", "", false],
    ["?", "a", true],
    ["?", "ab", false],
    ["?", "😀", true],
    ["??", "😀", false],
    ["a?c", "a😀c", true],
    ["*?", "😀", true],
    ["?*", "", false],
    ["*?*?*", "a", false],
    ["*?*?*", "ab", true],
    ["a*", "ba", false],
    ["*a", "ab", false],
    ["*a", "aa", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["ab*ba", "aba", false],
    ["*ab*ab*", "xabyabz", true],
    ["*ab*ab*", "xabyaz", false],
    ["*aba*aba*", "xababa", false],
    ["a*b?d*e", "aXbcdYe", true],
    ["*a?c*c", "abcc", true],
    ["*a?c*c", "abc", false],
    ["*a?c*", "aabbacc", true],
    ["*b?", "abcbd", true],
    ["?b*", "ab", true],
    [".+(", ".+(", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["\\?", "?", true],
    ["\\?", "a", false],
    ["\\\\", "\\", true],
    ["\\\\*", "\\x", true],
    ["*\\cmd.exe", "C:\\cmd.exe", true],
    ["a\\", "a\\", true],
  ])("%j, %j: %s", (pattern, text, expected) => {
    expect(compileWildcard(pattern)(text)).toBe(expected);
  });

  /** The meaning, letter by letter. */
  function matches(pattern: string, text: readonly string[]): boolean {
    if (pattern === "") return text.length === 0;
    const rest = pattern.slice(1);
    if (pattern[0] === "*") return matches(rest, text) || (text.length > 0 && matches(pattern, text.slice(1)));
    return text.length > 0 && (pattern[0] === "?" || pattern[0] === text[0]) && matches(rest, text.slice(1));
  }

  test("agrees with the meaning of each character", () => {
    const pattern = fc.array(fc.constantFrom("a", "b", "*", "?"), { maxLength: 8 }).map((all) => all.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "😀"), { maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => compileWildcard(p)(t.join("")) === matches(p, t)),
      { numRuns: 2000 },
    );
  });

  test("takes no longer for a text that nearly matches in many ways", () => {
    expect(compileWildcard(`${"*a".repeat(50)}*b`)("a".repeat(5000))).toBe(false);
    expect(compileWildcard(`${"*a?".repeat(50)}*b`)("a".repeat(5000))).toBe(false);
  }, 10_000);
});
