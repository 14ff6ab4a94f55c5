/**
 * Which atoms a prefilter looks for: for each rule a set of which at least one must be found for the rule to match. Of AND
 * that is the set of one part, of OR those of every branch together; NOT has none. Chosen is the set that promises the fewest
 * events: how likely an atom is to be found is guessed from its length and from how many conditions of the ruleset name it,
 * for what many rules ask for (`\powershell.exe`), many events have. To look at one more slot has its price, which the
 * rules that look there share; so the choice is made twice, the second time knowing where the others look.
 */
import { alternativesOf, nameOfAtom, type Alternatives, type Atom } from "./atom.ts";
import type { Condition } from "./condition.ts";
import { countGrams } from "./count-grams.ts";
import type { Slot, Turn } from "./slot.ts";
import type { Steps } from "../steps.ts";

export interface RequiredAtoms {
  readonly atoms: readonly Atom[];
  /** What looking for them costs per event, and testing what is found. Nanoseconds. */
  readonly weight: number;
}

/** Null: the rule is best tested always. */
export type Choice = { readonly atoms: readonly Atom[]; readonly part: Condition } | null;

export interface AtomChooser {
  /** Counts the atoms of a condition. All of a ruleset are counted before the first choice. */
  count(condition: Condition): void;
  /** For rules, each given by the conditions that must all hold. */
  choose(rules: readonly (readonly Condition[])[]): Steps<readonly Choice[]>;
  /** In how many of the texts that are looked for at a slot these two to four characters stand. */
  frequency(slot: Slot, gram: string): number;
}

/** Of testing a rule that was found. Nanoseconds. */
const TEST = 300;
/** Of a look at a slot. Nanoseconds. */
const LOOK = 150;
/** How much likelier an atom is for being named once more than by one condition, times the number of all conditions. */
const SHARED = 50;
/** Shorter texts are looked for one by one. */
const SHORT = 3;

/** Values of the turn `changing` (variables) are no atoms: they are not known when rules are looked for. */
export function createAtomChooser(changing: Turn): AtomChooser {
  const alternatives = new Map<number, Alternatives>();
  const atoms = new Map<string, Atom>();
  const named = new Map<Atom, number>();
  const texts = new Map<Slot, string[]>();
  const grams = new Map<Slot, ReadonlyMap<string, number>>();
  let counted = 0;

  /** One object for atoms that are the same. */
  const share = (atom: Atom): Atom => getOrMake(atoms, nameOfAtom(atom), () => atom);

  const setsOf = (condition: Condition): Alternatives =>
    getOrMake(alternatives, condition.id, () =>
      "slot" in condition && condition.slot.turn === changing
        ? []
        : alternativesOf(condition).map((set) => [...new Set(set.map(share))]),
    );

  const count = (condition: Condition): void => {
    if (condition.kind === "and" || condition.kind === "or") return condition.parts.forEach(count);
    if (condition.kind === "not") return count(condition.part);
    counted++;
    for (const atom of setsOf(condition).flat()) {
      const times = named.get(atom) ?? 0;
      named.set(atom, times + 1);
      if (times === 0 && atom.how !== "scalar") getOrMake(texts, atom.slot, () => []).push(String(atom.needle));
    }
  };

  const weightOf = (atom: Atom): number => {
    // It stands for many texts, so being named often says nothing.
    const shares = atom.how === "beyond" ? 0 : (named.get(atom) ?? 1) - 1;
    return TEST * (likelihood(atom) + SHARED * (shares / counted)) + scanCost(atom);
  };

  /** `price` of a look at a slot. */
  function* chooseAt(
    rules: readonly (readonly Condition[])[],
    price: (slot: Slot) => number,
  ): Steps<readonly Choice[]> {
    const chosen = new Map<number, RequiredAtoms | null>();
    const weighed = (set: readonly Atom[]): RequiredAtoms => {
      const slots = new Set(set.map(({ slot }) => slot));
      return { atoms: set, weight: sum(set.map(weightOf)) + sum([...slots].map(price)) };
    };
    const either = (parts: readonly Condition[]): RequiredAtoms | null => {
      const all = new Set<Atom>();
      for (const part of parts) {
        const one = requiredBy(part);
        if (one === null) return null;
        for (const atom of one.atoms) all.add(atom);
      }
      return weighed([...all]);
    };
    const find = (condition: Condition): RequiredAtoms | null => {
      if (condition.kind === "and") return lightest(condition.parts.map(requiredBy));
      return condition.kind === "or" ? either(condition.parts) : lightest(setsOf(condition).map(weighed));
    };
    const requiredBy = (condition: Condition): RequiredAtoms | null =>
      getOrMake(chosen, condition.id, () => find(condition));

    const choices: Choice[] = [];
    for (const parts of rules) {
      let choice: Choice = null;
      let least = costOfTest(parts);
      for (const part of parts) {
        const required = requiredBy(part);
        if (required === null || required.weight >= least) continue;
        least = required.weight;
        choice = { atoms: required.atoms, part };
      }
      choices.push(choice);
      yield 10 + (choice?.atoms.length ?? 0);
    }
    return choices;
  }

  return {
    count,
    *choose(rules) {
      const looks = new Map<Slot, number>();
      for (const choice of yield* chooseAt(rules, () => 0))
        for (const slot of new Set(choice?.atoms.map((atom) => atom.slot))) looks.set(slot, (looks.get(slot) ?? 0) + 1);
      return yield* chooseAt(rules, (slot) => LOOK / (looks.get(slot) ?? 1));
    },
    frequency: (slot, gram) => getOrMake(grams, slot, () => countGrams(texts.get(slot) ?? [])).get(gram) ?? 0,
  };
}

/** The end of a path (`.exe`) is more likely there than its letters are anywhere. */
function likelihood({ how, needle }: Atom): number {
  if (typeof needle !== "string" || how === "beyond") return 0.05;
  return how === "contains" ? 2 ** (-1.3 * needle.length) : 0.5 * 2 ** (-0.6 * needle.length);
}

/** Nanoseconds. */
const scanCost = ({ how, needle }: Atom): number => (how === "contains" && String(needle).length < SHORT ? 40 : 1);

/** What testing a rule always would cost; the first part mostly fails. Nanoseconds. */
const costOfTest = (parts: readonly Condition[]): number =>
  parts.reduceRight((rest, { cost }) => cost + rest * PASSED, 40);

const PASSED = 0.3;

function lightest(options: readonly (RequiredAtoms | null)[]): RequiredAtoms | null {
  let best: RequiredAtoms | null = null;
  for (const option of options) if (option && (best === null || option.weight < best.weight)) best = option;
  return best;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
