/**
 * Finds, among many rules that no equality tells apart, those that may match: one set of atoms is chosen for each rule
 * (required-atoms.ts), and all atoms of a slot are looked for at once. Rules without atoms are always found.
 */
import { nameOfAtom, type Atom } from "./atom.ts";
import { Bits } from "./bits.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import type { Encoding } from "./encoding.ts";
import type { RuleIndex } from "./rule-index.ts";
import type { Slot } from "./slot.ts";
import { SlotFilter, type AtomRules } from "./slot-filter.ts";
import type { Steps } from "../steps.ts";

export interface FilteredRule {
  readonly candidate: Candidate;
  /** Null: it is always found. */
  readonly atoms: readonly Atom[] | null;
}

export interface PrefilterOptions {
  /** Of a gram, among what rules look for at a slot. */
  readonly frequency: (slot: Slot, gram: string) => number;
  readonly encoding: Encoding;
}

/** `rules` in their order. */
export function* buildPrefilter(rules: readonly FilteredRule[], options: PrefilterOptions): Steps<RuleIndex> {
  const always = new Bits(rules.length);
  const bySlot = new Map<Slot, Map<string, { atom: Atom; rules: number[] }>>();
  for (const [at, { atoms: wanted }] of rules.entries()) {
    yield 5;
    if (wanted === null) {
      always.set(at);
      continue;
    }
    for (const atom of wanted) {
      const atoms = bySlot.get(atom.slot) ?? new Map<string, { atom: Atom; rules: number[] }>();
      bySlot.set(atom.slot, atoms);
      const name = nameOfAtom(atom);
      const known = atoms.get(name);
      if (known) known.rules.push(at);
      else atoms.set(name, { atom, rules: [at] });
    }
  }
  const filters: SlotFilter[] = [];
  for (const [slot, atoms] of bySlot) {
    const all: readonly AtomRules[] = [...atoms.values()];
    yield all.length * 10;
    filters.push(new SlotFilter(slot, all, (gram) => options.frequency(slot, gram), options.encoding));
  }
  return new Prefilter(
    rules.map(({ candidate }) => candidate),
    always,
    filters,
    parentsOfMany([...bySlot.keys()]),
  );
}

/** So many of its members are looked at that it is better gone over (the tests of what is found will look at more). */
const MANY = 4;

function parentsOfMany(slots: readonly Slot[]): readonly Slot[] {
  const parents = slots.flatMap(({ parent }) => parent ?? []);
  return [...new Set(parents)].filter((parent) => parents.filter((one) => one === parent).length >= MANY);
}

class Prefilter implements RuleIndex {
  readonly #candidates: readonly Candidate[];
  readonly #always: Bits;
  readonly #filters: readonly SlotFilter[];
  readonly #found: Bits;
  /** Of many of the slots. */
  readonly #parents: readonly Slot[];

  constructor(
    candidates: readonly Candidate[],
    always: Bits,
    filters: readonly SlotFilter[],
    parents: readonly Slot[],
  ) {
    this.#candidates = candidates;
    this.#always = always;
    this.#filters = filters;
    this.#found = new Bits(candidates.length);
    this.#parents = parents;
  }

  collect(into: Candidates): void {
    const found = this.#found;
    for (let i = 0; i < this.#parents.length; i++) this.#parents[i]!.readMembers();
    for (let i = 0; i < this.#filters.length; i++) this.#filters[i]!.find(found);
    const { words } = found;
    const always = this.#always.words;
    for (let i = 0; i < words.length; i++) {
      let word = words[i]! | always[i]!;
      words[i] = 0;
      for (; word !== 0; word &= word - 1) into.add(this.#candidates[32 * i + 31 - Math.clz32(word & -word)]!);
    }
  }
}
