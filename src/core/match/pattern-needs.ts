/**
 * What a pattern cannot match without: a length, and texts of which one is contained in the lower case of every text that it matches. A
 * necessary condition and no more, by which most texts are spared the search.
 *
 * Lower case because other conditions look at that anyway. A class counts as a character if each of its members has the same
 * ASCII character for its lower case, by itself and wherever it stands: `(?i)k` holds K and the Kelvin sign, which do;
 * `(?i)s` holds `ſ`, which does not; İ becomes two characters and Σ depends on its neighbours, so beyond ASCII nothing counts.
 */
import type { CodePointSet } from "../regex/code-point-set.ts";
import type { Node } from "../regex/node.ts";
import { parsePattern } from "../regex/parse-pattern.ts";

export interface PatternNeeds {
  /** One of them is in the lower case of the text; null: it can match without any. */
  readonly lower: readonly string[] | null;
  /** One of them is in the text as it is. */
  readonly written: readonly string[] | null;
  /** UTF-16 units that a match has at least. */
  readonly length: number;
}

/** Of a pattern that compiles. */
export function needsOfPattern(source: string): PatternNeeds {
  const { node } = parsePattern(source);
  return { lower: bestOf(read(node, lowerOf)), written: bestOf(read(node, asWritten)), length: shortest(node) };
}

/** What a character of the text is for one of them; null: nothing that could be looked for. */
type Fold = (codePoint: number) => string | null;

const asWritten: Fold = (codePoint) => String.fromCodePoint(codePoint);

function lowerOf(codePoint: number): string | null {
  const character = String.fromCodePoint(codePoint).toLowerCase();
  return character.length === 1 && character <= "\x7f" ? character : null;
}

interface Literals {
  /** Folded, all that the node can match; null: too many. */
  readonly exact: readonly string[] | null;
  /** One of them is inside; null: nothing is known. */
  readonly required: readonly string[] | null;
}

const MOST_EXACT = 16;
const MOST_REQUIRED = 64;
const LARGEST_CLASS = 4;
const ANYTHING: Literals = { exact: null, required: null };
const EMPTY: Literals = { exact: [""], required: null };

function read(node: Node, fold: Fold): Literals {
  switch (node.kind) {
    case "empty":
    case "look":
      return EMPTY;
    case "class":
      return { exact: charactersOf(node.set, fold), required: null };
    case "group":
      return read(node.sub, fold);
    case "repeat":
      return repeated(read(node.sub, fold), node.min, node.max);
    case "concat":
      return sequence(node.subs.map((sub) => read(sub, fold)));
    case "alternation":
      return anyOf(node.subs.map((sub) => read(sub, fold)));
  }
}

function shortest(node: Node): number {
  switch (node.kind) {
    case "empty":
    case "look":
      return 0;
    case "class":
      return 1;
    case "group":
      return shortest(node.sub);
    case "repeat":
      return node.min * shortest(node.sub);
    case "concat":
      return node.subs.reduce((sum, sub) => sum + shortest(sub), 0);
    case "alternation":
      return Math.min(...node.subs.map(shortest));
  }
}

function charactersOf(set: CodePointSet, fold: Fold): readonly string[] | null {
  const characters = new Set<string>();
  let members = 0;
  for (let at = 0; at < set.length; at += 2)
    for (let codePoint = set[at]!; codePoint <= set[at + 1]!; codePoint++) {
      const character = fold(codePoint);
      if (++members > LARGEST_CLASS || character === null) return null;
      characters.add(character);
    }
  return characters.size === 0 ? null : [...characters];
}

function repeated(sub: Literals, min: number, max: number): Literals {
  if (min === 0) return max === 1 && sub.exact ? { exact: distinct([...sub.exact, ""]), required: null } : ANYTHING;
  if (min === max && min <= MOST_EXACT) return sequence(Array.from({ length: min }, () => sub));
  return { exact: null, required: bestOf(sub) };
}

function sequence(subs: readonly Literals[]): Literals {
  let run: readonly string[] = [""];
  let broken = false;
  let best: readonly string[] | null = null;
  for (const sub of subs) {
    const longer = sub.exact && run.length * sub.exact.length <= MOST_EXACT ? product(run, sub.exact) : null;
    if (longer) {
      run = longer;
      continue;
    }
    best = better(better(best, run), bestOf(sub));
    run = sub.exact ?? [""];
    broken = true;
  }
  return broken ? { exact: null, required: better(best, run) } : { exact: run, required: null };
}

function anyOf(subs: readonly Literals[]): Literals {
  const exact = subs.every((sub) => sub.exact) ? distinct(subs.flatMap((sub) => sub.exact!)) : null;
  if (exact && exact.length <= MOST_EXACT) return { exact, required: null };
  const required = subs.map(bestOf);
  if (!required.every((literals) => literals !== null)) return ANYTHING;
  const all = distinct(required.flat());
  return { exact: null, required: all.length <= MOST_REQUIRED ? all : null };
}

const bestOf = ({ exact, required }: Literals): readonly string[] | null => better(required, exact);

/** Long texts say most, and few of them. The empty text says nothing. */
export function better(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  if (b === null || b.includes("")) return a;
  return a === null || worth(b) > worth(a) ? b : a;
}

const worth = (literals: readonly string[]): number =>
  Math.min(...literals.map(({ length }) => length)) - Math.log2(literals.length) / 2;

const product = (starts: readonly string[], ends: readonly string[]): readonly string[] =>
  distinct(starts.flatMap((start) => ends.map((end) => start + end)));

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
