import type { Result } from "../result.ts";

/** A compiled regular expression of Rust's dialect (rule-language.md, Regular expressions). Offsets are UTF-16. */
export interface Regex {
  readonly source: string;
  /** Groups besides the whole match. */
  readonly groupCount: number;
  /** Name of group i (1-based) at index i; index 0 is null. */
  readonly groupNames: readonly (string | null)[];
  /** Unanchored search. */
  test(text: string): boolean;
  /** The first match. */
  first(text: string): RegexMatch | null;
  /** All matches by Rust's empty-match rule. */
  all(text: string): readonly RegexMatch[];
  /** Rust's `replace_all` with its `$1`, `$name`, `$$` syntax; undefined when a limit was hit. */
  replaceAll(text: string, replacement: string): string | undefined;
}

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole match; undefined: took no part. */
  readonly groups: readonly (string | undefined)[];
}

export interface RegexError {
  /** What is wrong, lower case. */
  readonly message: string;
  /** UTF-16 offset in the pattern. */
  readonly offset: number;
}

export interface RegexLimits {
  /** Instructions of the printed program (`limits.regex_program`). */
  readonly program: number;
  /** Longest value in UTF-16 units (`limits.regex_value`). */
  readonly value: number;
  /** Length × program size (`limits.regex_cost`). */
  readonly cost: number;
  /** Told whenever a value was over a limit and therefore did not match. */
  readonly onOverLimit?: () => void;
  /** What was compiled under these limits, by pattern: rules with the same one share it. Absent: nothing is kept. */
  readonly known?: Map<string, Result<Regex, RegexError>>;
}

export const DEFAULT_REGEX_LIMITS: RegexLimits = { program: 600, value: 65_536, cost: 1_600_000 };
