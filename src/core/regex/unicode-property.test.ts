import { describe, expect, test } from "vitest";
import { foldAsciiCase, foldCase } from "./case-folding.ts";
import { contains, difference, intersect, negate, setOf, symmetricDifference, union } from "./code-point-set.ts";
import { decodeRanges } from "./decode-table.ts";
import { UNICODE_DIGIT, UNICODE_SPACE, UNICODE_WORD } from "./unicode-classes.ts";
import { unicodeProperty } from "./unicode-property.ts";

const points = (set: readonly number[]): number =>
  set.reduce((sum, value, i) => sum + (i % 2 === 0 ? 1 - value : value), 0);

describe("rule-language.md, Regular expressions", () => {
  describe("tables of Unicode 15.0", () => {
    test.each([
      ["\\d", UNICODE_DIGIT, 64, 680],
      ["\\s", UNICODE_SPACE, 10, 25],
      ["\\w", UNICODE_WORD, 771, 139_612],
    ] as const)("%s", (_name, set, ranges, members) => {
      expect(set.length / 2).toBe(ranges);
      expect(points(set)).toBe(members);
    });

    test("an empty table is an empty set", () => {
      expect(decodeRanges("")).toEqual([]);
    });
  });

  describe("names of properties are loose", () => {
    const letters = unicodeProperty("L");

    test.each(["letter", "gc=L", "General_Category:Letter", "isL", "IS_letter", "l e-t_t e r", "gc = l"])(
      "%s",
      (name) => {
        expect(unicodeProperty(name)).toEqual(letters);
      },
    );

    test.each<[string, number, boolean]>([
      ["Greek", 0x3c3, true],
      ["sc=Grek", 0x3c3, true],
      ["sc=Greek", 0x342, false],
      ["scx=Greek", 0x342, true],
      ["cf", 0x200d, true],
      ["lc", 0x41, true],
      ["sc", 0x24, true],
      ["Other", 0xe000, true],
      ["Assigned", 0x378, false],
      ["space", 0x85, true],
      // Added after Unicode 15.0.
      ["L", 0x1c89, false],
    ])("%s of %i: %s", (name, codePoint, member) => {
      const set = unicodeProperty(name);
      expect(typeof set === "string" ? set : contains(set, codePoint)).toBe(member);
    });

    test.each(["", "is", "Foo", "constructor", "gc=Foo", "Cs", "isc", "block=Basic_Latin", "gc!=L"])(
      "%s is unknown",
      (name) => {
        expect(unicodeProperty(name)).toBeTypeOf("string");
      },
    );
  });

  describe("simple case folding", () => {
    const text = (set: readonly number[]): string =>
      Array.from({ length: set.length / 2 }, (_, i) => {
        let part = "";
        for (let c = set[2 * i] ?? 0; c <= (set[2 * i + 1] ?? 0); c++) part += String.fromCodePoint(c);
        return part;
      }).join("");

    test.each([
      ["k", "Kk\u212a"],
      ["s", "Ssſ"],
      ["ß", "ßẞ"],
      ["σ", "Σςσ"],
      ["å", "Åå\u212b"],
      ["ǆ", "Ǆǅǆ"],
      ["θ", "Θθϑϴ"],
      ["İ", "İ"],
      ["1", "1"],
      ["𐐀", "𐐀𐐨"],
    ])("%s is equal to %s", (char, orbit) => {
      const codePoint = char.codePointAt(0) ?? 0;
      expect(text(foldCase([codePoint, codePoint]))).toBe(orbit);
    });

    test("of ASCII only", () => {
      expect(text(foldAsciiCase([0x4b, 0x4d, 0x73, 0x73, 0xe9, 0xe9]))).toBe("KLMSklmsé");
    });
  });

  describe("sets", () => {
    test("operations keep ranges ascending and apart", () => {
      expect(setOf([5, 6, 1, 2, 3, 3, 9, 9, 6, 7])).toEqual([1, 3, 5, 7, 9, 9]);
      expect(union([1, 2], [3, 4])).toEqual([1, 4]);
      expect(intersect([1, 5, 8, 9], [4, 8])).toEqual([4, 5, 8, 8]);
      expect(difference([1, 5], [2, 3])).toEqual([1, 1, 4, 5]);
      expect(symmetricDifference([1, 5], [4, 7])).toEqual([1, 3, 6, 7]);
      expect(negate([])).toEqual([0, 0x10_ffff]);
      expect(negate([0, 0x10_ffff])).toEqual([]);
      expect(negate([10, 10])).toEqual([0, 9, 11, 0x10_ffff]);
    });

    test("contains", () => {
      const set = [1, 2, 5, 5, 9, 12];
      expect(Array.from({ length: 14 }, (_, c) => c).filter((c) => contains(set, c))).toEqual([1, 2, 5, 9, 10, 11, 12]);
    });
  });
});
