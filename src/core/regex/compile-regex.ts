/**
 * Rust's regular expressions on re2js. A pattern is parsed to a tree of code point sets (`parse-pattern.ts`), simplified as
 * Rust does (`simplify.ts`), printed for the engine (`print-pattern.ts`) and searched by Rust's rules (`find-all.ts`).
 */
import { err, ok, type Result } from "../result.ts";
import { findAll } from "./find-all.ts";
import { parsePattern } from "./parse-pattern.ts";
import type { Regex, RegexError, RegexLimits, RegexMatch } from "./regex.ts";
import { parseReplacement } from "./replacement.ts";
import { createSearcher } from "./searcher.ts";
import { simplify } from "./simplify.ts";
import { RegexSyntaxError } from "./syntax-error.ts";
import { walk } from "./walk.ts";

/** What it costs to begin a search, as characters × instructions. */
const SEARCH_COST = 64;

export function compileRegex(pattern: string, limits: RegexLimits): Result<Regex, RegexError> {
  const known = limits.known?.get(pattern);
  if (known) return known;
  const compiled = tryToCompile(pattern, limits);
  limits.known?.set(pattern, compiled);
  return compiled;
}

function tryToCompile(pattern: string, limits: RegexLimits): Result<Regex, RegexError> {
  try {
    return ok(compile(pattern, limits));
  } catch (error) {
    if (error instanceof RegexSyntaxError) return err({ message: error.message, offset: error.offset });
    throw error;
  }
}

function compile(pattern: string, limits: RegexLimits): Regex {
  const parsed = parsePattern(pattern);
  const node = simplify(parsed.node);
  /** Indexes of the groups that are left, in the order in which the engine numbers them. */
  const groups = [...walk(node)].flatMap((n) => (n.kind === "group" ? [n.index] : []));
  const groupCount = groups.at(-1) ?? 0;
  const kept = new Set(groups);
  const groupNames = Array.from({ length: groupCount + 1 }, (_, i) =>
    kept.has(i) ? (parsed.names.get(i) ?? null) : null,
  );
  const searcher = createSearcher(node, groups.length, limits.program);

  /** Whether the text may be searched at this price. */
  const affordable = (text: string, size: number): boolean => {
    if (text.length <= limits.value && text.length * size <= limits.cost) return true;
    limits.onOverLimit?.();
    return false;
  };

  const matchOf = (text: string, ends: readonly number[]): RegexMatch => {
    const part = (i: number): string | undefined => {
      const [start = -1, end = -1] = [ends[2 * i], ends[2 * i + 1]];
      return start < 0 ? undefined : text.slice(start, end);
    };
    const found: (string | undefined)[] = Array.from(groupNames, () => undefined);
    found[0] = part(0);
    groups.forEach((index, i) => (found[index] = part(i + 1)));
    return { start: ends[0] ?? 0, end: ends[1] ?? 0, groups: found };
  };

  const all = (text: string): readonly RegexMatch[] | null => {
    if (!affordable(text, 0)) return null;
    const { size, search } = searcher.find(text);
    if (!affordable(text, size)) return null;
    let left = limits.cost;
    const found = findAll(text, search, (read) => (left -= read * size + (size === 0 ? 0 : SEARCH_COST)) >= 0);
    if (found === null) limits.onOverLimit?.();
    return found === null ? null : found.map((ends) => matchOf(text, ends));
  };

  return {
    source: pattern,
    groupCount,
    groupNames,
    test: (text) => affordable(text, 0) && searcher.test(text, affordable),
    first(text) {
      if (!affordable(text, 0)) return null;
      const { size, search } = searcher.find(text);
      const ends = affordable(text, size) ? search.find(0) : null;
      return ends === null ? null : matchOf(text, ends);
    },
    all: (text) => all(text) ?? [],
    replaceAll(text, replacement) {
      const matches = all(text);
      if (matches === null) return undefined;
      const parts = parseReplacement(replacement, groupNames);
      let result = "";
      let last = 0;
      for (const match of matches) {
        result += text.slice(last, match.start);
        for (const part of parts) result += typeof part === "string" ? part : (match.groups[part.group] ?? "");
        last = match.end;
      }
      return result + text.slice(last);
    },
  };
}
