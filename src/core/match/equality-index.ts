/**
 * Finds the rules of a ruleset by what must be equal in them. Each branch looks at one slot and goes on below the key that it
 * holds, and below `rest` with the rules that do not ask for it; it takes the slot that leaves the fewest rules to be tested,
 * wherever it stands in them and whatever it is called. What a branch has answered is not tested again.
 */
import type { Rule } from "../rule/rule.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import type { Condition } from "./condition.ts";
import type { Encoding } from "./encoding.ts";
import { bareMatch } from "./fire-rule.ts";
import { keyOf, type Key } from "./key.ts";
import type { KeyFound, PlacedParts } from "./placement.ts";
import { buildPrefilter, type FilteredRule } from "./prefilter.ts";
import type { AtomChooser } from "./required-atoms.ts";
import type { RuleIndex } from "./rule-index.ts";
import { accessorOf, type RequiredKeys } from "./required-keys.ts";
import type { Slot } from "./slot.ts";
import type { Steps } from "../steps.ts";
import type { Test } from "./test-of.ts";
import { TextMap } from "./text-map.ts";

/** A rule on its way to a leaf. */
export interface Entry {
  readonly order: number;
  readonly rule: Rule;
  /** All must hold. */
  readonly parts: readonly Condition[];
  readonly required: RequiredKeys;
}

export interface IndexOptions {
  /** Of parts that must all hold, asked in this order; null where there are none. */
  testOf(parts: readonly Condition[]): Test | null;
  readonly atoms: AtomChooser;
  readonly encoding: Encoding;
  /** Is told where each rule was put. */
  readonly placed: ((place: PlacedParts) => void) | null;
}

/** So few rules are tested one by one. */
const FEW = 4;
/** A leaf whose tests would take more nanoseconds than this gets a prefilter. */
const CROWDED = 1_000;
const DECIDED = 60;
/** A branch must spare this share of its rules. */
const WORTHWHILE = 0.1;

export function* buildIndex(
  entries: readonly Entry[],
  options: IndexOptions,
  used: ReadonlySet<number> = new Set(),
  way: readonly KeyFound[] = [],
): Steps<RuleIndex> {
  const best = entries.length < FEW ? null : yield* chooseSlot(entries, used);
  if (best === null)
    return isCrowded(entries) ? yield* buildCrowded(entries, options, way) : leafOf(entries, options, way);
  const { slot, fold } = best;
  const accessor = accessorOf(slot, fold);
  const inside = new Set([...used, accessor]);
  const groups = new Map<Key, Entry[]>();
  const others: Entry[] = [];
  for (const entry of entries) {
    yield 3;
    const required = entry.required.get(accessor);
    if (!required) {
      others.push(entry);
      continue;
    }
    const left = { ...entry, parts: entry.parts.filter((part) => !answers(part, slot, fold)) };
    for (const key of required.keys) {
      const group = groups.get(key);
      if (group) group.push(left);
      else groups.set(key, [left]);
    }
  }
  const children = new Map<Key, RuleIndex>();
  for (const [key, group] of groups) {
    const farther = options.placed === null ? way : [...way, { slot, fold, key }];
    yield 4 * group.length;
    const few = group.length < FEW && !isCrowded(group);
    children.set(key, few ? leafOf(group, options, farther) : yield* buildIndex(group, options, inside, farther));
  }
  const rest = others.length === 0 ? null : yield* buildIndex(others, options, inside, way);
  return new Branch(slot, fold, children, rest);
}

/** Whether the branch at the slot has answered it: a key was found that it requires. */
const answers = (part: Condition, slot: Slot, fold: boolean): boolean =>
  part.kind === "one-of" && part.slot === slot && part.fold === fold;

class Branch implements RuleIndex {
  readonly #slot: Slot;
  readonly #fold: boolean;
  readonly #children: ReadonlyMap<Key, RuleIndex>;
  readonly #rest: RuleIndex | null;
  readonly #texts: TextMap<RuleIndex>;

  constructor(slot: Slot, fold: boolean, children: ReadonlyMap<Key, RuleIndex>, rest: RuleIndex | null) {
    this.#slot = slot;
    this.#fold = fold;
    this.#children = children;
    this.#rest = rest;
    this.#texts = new TextMap([...children].flatMap(([key, child]) => (typeof key === "string" ? [[key, child]] : [])));
  }

  collect(into: Candidates): void {
    const value = this.#fold ? this.#slot.lower() : this.#slot.read();
    if (typeof value === "string") this.#texts.get(value)?.collect(into);
    else {
      const key = keyOf(value);
      if (key !== undefined) this.#children.get(key)?.collect(into);
    }
    this.#rest?.collect(into);
  }
}

const isCrowded = (entries: readonly Entry[]): boolean => {
  let cost = 0;
  for (const { parts } of entries) if ((cost += parts.reduce(addCost, 0)) >= CROWDED) return true;
  return false;
};

function leafOf(entries: readonly Entry[], { testOf, placed }: IndexOptions, way: readonly KeyFound[]): RuleIndex {
  const candidates = entries.map(({ rule, order, parts }): Candidate => {
    placed?.({ rule, way, parts, atoms: null, crowded: false });
    return { order, rule, test: testOf(parts), bare: bareMatch(rule) };
  });
  return new Leaf(candidates);
}

function* buildCrowded(
  entries: readonly Entry[],
  { testOf, atoms, encoding, placed }: IndexOptions,
  way: readonly KeyFound[],
): Steps<RuleIndex> {
  const choices = yield* atoms.choose(entries.map(({ parts }) => parts));
  const filtered: FilteredRule[] = [];
  for (const [at, { order, rule, parts }] of entries.entries()) {
    // What the prefilter has found probably holds, so the rest is tested before.
    const choice = choices[at] ?? null;
    const rest = parts.filter((part) => part !== choice?.part);
    const test = testOf(choice === null ? rest : [...rest, choice.part]);
    filtered.push({ candidate: { order, rule, test, bare: bareMatch(rule) }, atoms: choice?.atoms ?? null });
    placed?.({ rule, way, parts, atoms: choice?.atoms ?? null, crowded: true });
    yield 4;
  }
  return yield* buildPrefilter(filtered, { frequency: atoms.frequency, encoding });
}

/** A rule has mostly failed after a test or two. */
const addCost = (sum: number, { cost }: Condition): number => Math.min(sum + cost, DECIDED);

class Leaf implements RuleIndex {
  readonly #candidates: readonly Candidate[];

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  collect(into: Candidates): void {
    into.addAll(this.#candidates);
  }
}

interface Statistics {
  readonly slot: Slot;
  readonly fold: boolean;
  /** Rules by key. */
  readonly counts: Map<Key, number>;
  covered: number;
}

/** The slot that spares most rules; null where none spares enough. */
function* chooseSlot(entries: readonly Entry[], used: ReadonlySet<number>): Steps<Statistics | null> {
  const statistics = new Map<number, Statistics>();
  for (const { required } of entries) {
    yield 2;
    for (const [accessor, { slot, fold, keys }] of required) {
      if (used.has(accessor)) continue;
      let one = statistics.get(accessor);
      if (!one) statistics.set(accessor, (one = { slot, fold, counts: new Map(), covered: 0 }));
      one.covered++;
      for (const key of keys) one.counts.set(key, (one.counts.get(key) ?? 0) + 1);
    }
  }
  let best: Statistics | null = null;
  let fewest = entries.length * (1 - WORTHWHILE);
  for (const one of statistics.values()) {
    const left = entries.length - one.covered + expected(one.counts);
    if (left < fewest) {
      fewest = left;
      best = one;
    }
  }
  return best;
}

/** Rules found when each key is as frequent as the rules that ask for it, and some other value one key more. */
function expected(counts: ReadonlyMap<Key, number>): number {
  let sum = 0;
  let squares = 0;
  for (const count of counts.values()) {
    sum += count;
    squares += count * count;
  }
  return sum === 0 ? 0 : ((squares / sum) * counts.size) / (counts.size + 1);
}
