/**
 * Atoms: the smallest things by which a prefilter finds rules, one text at one place of one slot. An atom is weaker than the
 * conditions it stands for: it looks at lower case and may keep only part of their text, so that what it misses they miss too,
 * while what it finds must still be tested.
 */
import type { Condition, OneOf, RegexTest, TextTest, WildcardTest } from "./condition.ts";
import type { Key } from "./key.ts";
import { needsOfPattern } from "./pattern-needs.ts";
import type { Slot } from "./slot.ts";
import { wildcardTexts } from "./wildcard-texts.ts";

export interface Atom {
  readonly slot: Slot;
  /**
   * `scalar`: the value has this key and is no string. The others look at the lower case of a string; `beyond`: it holds a
   * character that is not ASCII, whichever.
   */
  readonly how: "is" | "starts" | "ends" | "contains" | "beyond" | "scalar";
  /** ASCII without NUL, but for `scalar`. */
  readonly needle: Key;
  /** Whether arrays and objects must be let through. */
  readonly containers: boolean;
}

/** Distinguishes atoms that are not the same. */
export const nameOfAtom = ({ slot, how, needle, containers }: Atom): string =>
  `${slot.id} ${how} ${containers} ${typeof needle} ${String(needle)}`;

/** Sets of which each would do, one atom of it being found; none: nothing can be said. */
export type Alternatives = readonly (readonly Atom[])[];

export function alternativesOf(condition: Condition): Alternatives {
  switch (condition.kind) {
    case "one-of":
      return atomsOfKeys(condition);
    case "text":
      return atomsOfText(condition);
    case "wildcard":
      return atomsOfWildcard(condition);
    case "regex":
      return atomsOfRegex(condition);
    default:
      return [];
  }
}

/** One atom for each key. */
function atomsOfKeys({ slot, keys }: OneOf): Alternatives {
  const atoms: Atom[] = [];
  for (const key of keys) {
    const atom =
      typeof key === "string"
        ? affix(slot, "is", key.toLowerCase())
        : ({ slot, how: "scalar", needle: key, containers: false } as const);
    if (atom === null) return [];
    atoms.push(atom);
  }
  return [atoms];
}

function atomsOfText({ slot, how, fold, needle, otherwise }: Omit<TextTest, "id" | "cost">): Alternatives {
  const containers = otherwise !== null;
  if (how === "contains") return containedAtoms(slot, needle, containers);
  // The lower case of a part is part of the lower case of the whole, but where context decides (Σ): so only ASCII counts.
  const atom = affix(slot, how, fold ? needle : needle.toLowerCase());
  return atom === null ? [] : [[atom]];
}

function atomsOfWildcard({ slot, fold, pattern }: WildcardTest): Alternatives {
  const { prefix, middles, suffix } = wildcardTexts(pattern);
  const test = { kind: "text", slot, fold, otherwise: null } as const;
  return [
    ...atomsOfText({ ...test, how: "starts", needle: prefix }),
    ...atomsOfText({ ...test, how: "ends", needle: suffix }),
    ...middles.flatMap((needle) => atomsOfText({ ...test, how: "contains", needle })),
  ];
}

function atomsOfRegex({ slot, regex }: RegexTest): Alternatives {
  const { lower } = needsOfPattern(regex.source);
  const sets = lower?.map((literal) => containedAtoms(slot, literal, false)[0]);
  return sets?.every((set) => set !== undefined) ? [sets.flat()] : [];
}

function containedAtoms(slot: Slot, text: string, containers: boolean): Alternatives {
  const lower = text.toLowerCase();
  const needle = longestAscii(lower);
  const alternatives: Atom[][] = [];
  if (needle !== "") alternatives.push([{ slot, how: "contains", needle, containers }]);
  if (BEYOND_ASCII.test(lower)) alternatives.push([{ slot, how: "beyond", needle: "", containers }]);
  return alternatives;
}

function affix(slot: Slot, how: "is" | "starts" | "ends", text: string): Atom | null {
  if (isAscii(text)) return text === "" && how !== "is" ? null : { slot, how, needle: text, containers: false };
  const end = ASCII_END.exec(text)![0];
  const start = ASCII_START.exec(text)![0];
  if (how !== "starts" && end !== "") return { slot, how: "ends", needle: end, containers: false };
  if (how !== "ends" && start !== "") return { slot, how: "starts", needle: start, containers: false };
  return BEYOND_ASCII.test(text) ? { slot, how: "beyond", needle: "", containers: false } : null;
}

const BEYOND_ASCII = /[^\0-\x7f]/;
// NUL is not among them: it stands for nothing in the tables of a scan.
const ASCII_START = /^[\x01-\x7f]*/;
const ASCII_END = /[\x01-\x7f]*$/;

const isAscii = (text: string): boolean => /^[\x01-\x7f]*$/.test(text);

const longestAscii = (text: string): string =>
  (text.match(/[\x01-\x7f]+/g) ?? []).reduce((best, run) => (run.length > best.length ? run : best), "");
