/**
 * Atoms of which at least one must be found for a condition to hold: of AND those of the part that promises the fewest
 * events, of OR those of every branch, of NOT none. How likely an atom is to be found is guessed from its length and from
 * how many conditions of the ruleset name it: what many rules ask for (`\powershell.exe`), many events have.
 */
import { atomsOfKeys, atomsOfText, containedAtoms, nameOfAtom, type Alternatives, type Atom } from "./atom.ts";
import type { Condition, WildcardTest } from "./condition.ts";
import { needsOfPattern } from "./pattern-needs.ts";
import type { Slot, Turn } from "./slot.ts";
import { wildcardTexts } from "./wildcard-texts.ts";

export interface RequiredAtoms {
  readonly atoms: readonly Atom[];
  /** Expected number of rules found for nothing, per event. */
  readonly weight: number;
}

export interface AtomChooser {
  /** Counts the atoms of a condition. All of a ruleset are counted before the first choice. */
  count(condition: Condition): void;
  /** Null: the condition can hold without any. */
  choose(condition: Condition): RequiredAtoms | null;
  /** Of conditions that must all hold. */
  chooseOf(conditions: readonly Condition[]): RequiredAtoms | null;
  /** In how many of the texts that are looked for at a slot these three or four characters stand. */
  frequency(slot: Slot, gram: string): number;
}

/** Values of the turn `changing` (variables) are no atoms: they are not known when rules are looked for. */
export function createAtomChooser(changing: Turn): AtomChooser {
  const atomsBy = new Map<number, Alternatives>();
  const atoms = new Map<string, Atom>();
  const named = new Map<Atom, number>();
  const textsBySlot = new Map<Slot, string[]>();
  const gramsBySlot = new Map<Slot, ReadonlyMap<string, number>>();
  const chosen = new Map<number, RequiredAtoms | null>();
  let counted = 0;

  /** One object for atoms that are the same. */
  const share = (atom: Atom): Atom => {
    const name = nameOfAtom(atom);
    const found = atoms.get(name) ?? atom;
    atoms.set(name, found);
    return found;
  };

  const alternativesOf = (condition: Condition): Alternatives => {
    const found = atomsBy.get(condition.id);
    if (found) return found;
    const made = alternatives(condition, changing).map((set) => [...new Set(set.map(share))]);
    atomsBy.set(condition.id, made);
    return made;
  };

  const count = (condition: Condition): void => {
    switch (condition.kind) {
      case "and":
      case "or":
        condition.parts.forEach(count);
        break;
      case "not":
        count(condition.part);
        break;
      default:
        counted++;
        for (const atom of alternativesOf(condition).flat()) {
          const times = named.get(atom) ?? 0;
          named.set(atom, times + 1);
          if (times === 0 && atom.how !== "scalar") listAt(textsBySlot, atom.slot).push(String(atom.needle));
        }
    }
  };

  const weightOf = (atom: Atom): number => {
    // It stands for many texts, so being named often says nothing.
    const shares = atom.how === "beyond" ? 0 : (named.get(atom) ?? 1) - 1;
    return likelihood(atom) + SHARED * (shares / counted);
  };

  const weighed = (set: readonly Atom[]): RequiredAtoms => ({
    atoms: set,
    weight: set.reduce((sum, atom) => sum + weightOf(atom), 0),
  });

  const lightest = (options: Iterable<RequiredAtoms | null>): RequiredAtoms | null => {
    let best: RequiredAtoms | null = null;
    for (const option of options) if (option && (best === null || option.weight < best.weight)) best = option;
    return best;
  };

  const find = (condition: Condition): RequiredAtoms | null => {
    switch (condition.kind) {
      case "and":
        return lightest(condition.parts.map(choose));
      case "or": {
        const all = condition.parts.map(choose);
        if (!all.every((one) => one !== null)) return null;
        return weighed([...new Set(all.flatMap((one) => one.atoms))]);
      }
      default:
        return lightest(alternativesOf(condition).map(weighed));
    }
  };

  const choose = (condition: Condition): RequiredAtoms | null => {
    const found = chosen.get(condition.id);
    if (found !== undefined) return found;
    const made = find(condition);
    chosen.set(condition.id, made);
    return made;
  };

  const gramsAt = (slot: Slot): ReadonlyMap<string, number> => {
    const found = gramsBySlot.get(slot);
    if (found) return found;
    const made = countGrams(textsBySlot.get(slot) ?? []);
    gramsBySlot.set(slot, made);
    return made;
  };

  return {
    count,
    choose,
    chooseOf: (conditions) => lightest(conditions.map(choose)),
    frequency: (slot, gram) => gramsAt(slot).get(gram) ?? 0,
  };
}

/** What being named once more than by one condition adds, as a share of all conditions. */
const SHARED = 50;

/** Of a scan's costs, in the same measure: short texts are looked for by themselves, or found everywhere. */
const SHORT = 7;

function likelihood({ how, needle }: Atom): number {
  if (typeof needle !== "string" || how === "beyond") return 0.05;
  const here = how === "contains" ? 1 : 0.3;
  const cost = how === "contains" && needle.length < SHORT ? 0.05 * (SHORT - needle.length) : 0;
  return here * 2 ** (-needle.length / 2) + cost;
}

function alternatives(condition: Condition, changing: Turn): Alternatives {
  if (!("slot" in condition) || condition.slot.turn === changing) return [];
  switch (condition.kind) {
    case "one-of":
      return atomsOfKeys(condition);
    case "text":
      return atomsOfText(condition);
    case "wildcard":
      return atomsOfWildcard(condition);
    case "regex": {
      const { literals } = needsOfPattern(condition.regex.source);
      const sets = literals?.map((literal) => containedAtoms(condition.slot, literal, false)[0]);
      return sets?.every((set) => set !== undefined) ? [sets.flat()] : [];
    }
  }
}

function atomsOfWildcard({ slot, fold, pattern }: WildcardTest): Alternatives {
  const { prefix, middles, suffix } = wildcardTexts(pattern);
  const test = { slot, fold, otherwise: null, kind: "text" as const, id: 0, cost: 0 };
  return [
    ...atomsOfText({ ...test, how: "starts", needle: prefix }),
    ...atomsOfText({ ...test, how: "ends", needle: suffix }),
    ...middles.flatMap((needle) => atomsOfText({ ...test, how: "contains", needle })),
  ];
}

function listAt(lists: Map<Slot, string[]>, slot: Slot): string[] {
  const found = lists.get(slot);
  if (found) return found;
  const made: string[] = [];
  lists.set(slot, made);
  return made;
}

function countGrams(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const size of [3, 4])
      for (let at = 0; at + size <= text.length; at++) {
        const gram = text.slice(at, at + size);
        counts.set(gram, (counts.get(gram) ?? 0) + 1);
      }
  return counts;
}
