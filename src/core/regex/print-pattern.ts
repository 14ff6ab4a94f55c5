/**
 * Writes a tree in the part of re2js's syntax that means the same there as here: single characters and classes as code
 * points, `(…)`, `(?:…)`, repetitions, `\A \z (?m:^) (?m:$) \b \B`, and look-behind at a class for the one-sided word
 * boundaries.
 */
import { type CodePointSet, intersect, single } from "./code-point-set.ts";
import type { Node, RepeatNode, WordLook } from "./node.ts";
import { ASCII_WORD, UNICODE_WORD } from "./unicode-classes.ts";

export interface PrintOptions {
  /** Whether groups capture; a search that asks for yes or no is smaller without. */
  readonly captures: boolean;
  /** Keep `\A` from being found at the start of the program, where the engine would tie it to position 0. */
  readonly hideTextStart: boolean;
  /** For ASCII texts only: classes are cut to their ASCII members, which makes `\w` four ranges instead of 771. */
  readonly ascii: boolean;
}

/** What ASCII texts are made of. */
export const ASCII: CodePointSet = [0, 127];

/** Highest count, and product of nested counts, that the engine takes; beyond it copies are written out. */
export const ENGINE_REPEAT_LIMIT = 1000;

export function printPattern(node: Node, options: PrintOptions): string {
  const print = (n: Node, budget: number): string => {
    switch (n.kind) {
      case "empty":
        return "(?:)";
      case "class":
        return printSet(options.ascii ? intersect(n.set, ASCII) : n.set);
      case "look":
        switch (n.look) {
          case "text-start":
            return options.hideTextStart ? String.raw`(?:\A|\b\B)` : String.raw`\A`;
          case "text-end":
            return String.raw`\z`;
          case "line-start":
            return "(?m:^)";
          case "line-end":
            return "(?m:$)";
          default:
            return printWordLook(n.look, n.unicode && !options.ascii);
        }
      case "group":
        return `${options.captures ? "(" : "(?:"}${print(n.sub, budget)})`;
      case "concat":
        return n.subs
          .map((sub) => (sub.kind === "alternation" ? `(?:${print(sub, budget)})` : print(sub, budget)))
          .join("");
      case "alternation":
        return n.subs
          .map((sub) => (sub.kind === "alternation" ? `(?:${print(sub, budget)})` : print(sub, budget)))
          .join("|");
      case "repeat":
        return printRepeat(n, budget);
    }
  };

  const printRepeat = (n: RepeatNode, budget: number): string => {
    const lazy = n.greedy ? "" : "?";
    const count = n.max === Infinity ? n.min : n.max;
    const written = count > budget;
    const body = print(n.sub, written ? budget : Math.trunc(budget / Math.max(1, count)));
    const sub = n.sub.kind === "class" || n.sub.kind === "group" ? body : `(?:${body})`;
    if (n.max === Infinity && n.min < 2) return sub + (n.min === 0 ? "*" : "+") + lazy;
    if (n.min === 0 && n.max === 1) return `${sub}?${lazy}`;
    if (!written) return `${sub}{${n.min}${n.max === n.min ? "" : n.max === Infinity ? "," : `,${n.max}`}}${lazy}`;
    if (n.max === Infinity) return `${sub.repeat(n.min)}${sub}*${lazy}`;
    const optional = n.max - n.min;
    return sub.repeat(n.min) + `(?:${sub}`.repeat(optional) + `)?${lazy}`.repeat(optional);
  };

  return print(node, ENGINE_REPEAT_LIMIT);
}

function printWordLook(look: WordLook, unicode: boolean): string {
  const word = printSet(unicode ? UNICODE_WORD : ASCII_WORD);
  switch (look) {
    case "word-boundary":
      return String.raw`\b`;
    case "not-word-boundary":
      return String.raw`\B`;
    case "word-start":
      return String.raw`(?:\b(?<!${word}))`;
    case "word-end":
      return String.raw`(?:\b(?<=${word}))`;
    case "word-start-half":
      return `(?<!${word})`;
    case "word-end-half":
      return String.raw`(?:\b(?<=${word})|\B(?<!${word}))`;
  }
}

function printSet(set: CodePointSet): string {
  const only = single(set);
  if (only !== null) return printCodePoint(only);
  // The engine has no empty class; this is the one that it reads as matching nothing.
  if (set.length === 0) return String.raw`[^\x{0}-\x{10ffff}]`;
  let text = "[";
  for (let i = 0; i < set.length; i += 2) {
    const [low = 0, high = 0] = [set[i], set[i + 1]];
    text += low === high ? printCodePoint(low) : `${printCodePoint(low)}-${printCodePoint(high)}`;
  }
  return `${text}]`;
}

const printCodePoint = (codePoint: number): string => {
  const char = String.fromCodePoint(codePoint);
  return /^[0-9A-Za-z]$/u.test(char) ? char : String.raw`\x{${codePoint.toString(16)}}`;
};
