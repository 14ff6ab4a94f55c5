import { describe, expect, test } from "vitest";
import { compileRegex } from "./compile-regex.ts";
import { DEFAULT_REGEX_LIMITS } from "./regex.ts";

/** Patterns that take quadratic or exponential time elsewhere, or are as large as may be. */
const PATTERNS = [
  String.raw`(\w+)=(\w+)`,
  "(a*)*b",
  "(x+x+)+y",
  "(?:a?){190}a{190}",
  ".*.*.*=.*",
  "a(?:.*x)?",
  "[ab]*a[ab]{590}",
  String.raw`\b\w+\b.*\bx`,
  String.raw`\<\w+\>.*x`,
  "(?:.*a){20}",
  "(?:(?:a|ab)(?:c|bcd)(?:d*))*",
  ".{1000,}x?",
].filter((pattern) => compileRegex(pattern, DEFAULT_REGEX_LIMITS).ok);

/** A fixed sequence of a and b without a period that a pattern could follow. */
const mixed = (length: number): string => {
  let state = 1;
  let text = "";
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    text += state & 0x10_0000 ? "a" : "b";
  }
  return text;
};

const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["one letter", "a".repeat(5000)],
  ["two letters", mixed(2600)],
  ["words", "a= ".repeat(1600)],
  ["beyond ASCII", `é${mixed(2600)}`],
  ["the longest value", "a".repeat(65_536)],
];

/** CPU time, of which other processes take none; the aim is 50 ms, a search that is not linear takes many seconds. */
const BOUND_MS = 400;

function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("rule-language.md, Regular expressions", () => {
  describe("accepted patterns stay within bounds on hostile texts", () => {
    test("most of the patterns are accepted", () => {
      expect(PATTERNS.length).toBeGreaterThan(9);
    });

    test.each(PATTERNS)("%s", (pattern) => {
      const result = compileRegex(pattern, DEFAULT_REGEX_LIMITS);
      if (!result.ok) throw new Error(result.error.message);
      const regex = result.value;
      for (const [name, text] of TEXTS) {
        for (const [use, run] of [
          ["test", () => regex.test(text)],
          ["all", () => regex.all(text)],
        ] as const) {
          // Compiling and collecting garbage may fall into the first run.
          const ms = Math.min(cpuMs(run), cpuMs(run));
          expect(ms, `${use} on ${name}`).toBeLessThan(BOUND_MS);
        }
      }
    });
  });
});
