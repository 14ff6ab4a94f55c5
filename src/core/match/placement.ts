/**
 * Where the compiled matcher keeps each rule: by which keys it is found, by which texts below them, and what testing it
 * costs. Facts for people who wonder which of their rules are expensive; matching does not need them.
 */
import type { Rule } from "../rule/rule.ts";
import { alternativesOf, type Atom } from "./atom.ts";
import type { Condition } from "./condition.ts";
import type { Key } from "./key.ts";
import { needsOfPattern } from "./pattern-needs.ts";
import type { Slot, Turn } from "./slot.ts";

export interface Placement {
  readonly rule: Rule;
  /** Equalities, one after another, that lead to it; a rule that asks for one of several keys has a place below each. */
  readonly way: readonly KeyFound[];
  /** One of these texts must be found; null: it is tested whenever its place is reached. */
  readonly atoms: readonly Atom[] | null;
  /** Why there are none. */
  readonly reason: string;
  /** Of one test, in nanoseconds, roughly. */
  readonly cost: number;
}

export interface KeyFound {
  readonly slot: Slot;
  readonly fold: boolean;
  readonly key: Key;
}

export interface PlacedParts {
  readonly rule: Rule;
  readonly way: readonly KeyFound[];
  /** Not answered by the way; all must hold. */
  readonly parts: readonly Condition[];
  readonly atoms: readonly Atom[] | null;
  /** Whether texts were looked for at this place at all. */
  readonly crowded: boolean;
}

/** Values of the turn `changing` (variables) are not known when rules are looked for. */
export function placementOf({ rule, way, parts, atoms, crowded }: PlacedParts, changing: Turn): Placement {
  return { rule, way, atoms, reason: atoms === null ? whyNone(parts, crowded, changing) : "", cost: costOf(parts) };
}

function whyNone(parts: readonly Condition[], crowded: boolean, changing: Turn): string {
  if (parts.length === 0) return "nothing else is asked";
  const reasons = parts.map((part) => whyNoAtom(part, changing));
  if (reasons.every((reason) => reason !== null)) return [...new Set(reasons)].join("; ");
  return crowded ? "looking for its texts would cost more than testing it" : "so few rules are tested one by one";
}

/** Null: there is something to look for. */
function whyNoAtom(condition: Condition, changing: Turn): string | null {
  if ("slot" in condition && condition.slot.turn === changing) return "variables are not known before";
  switch (condition.kind) {
    case "constant":
      return "it is always so";
    case "not":
      return "a negation names nothing that must be there";
    case "other":
      return "an operator that names no text";
    case "and": {
      const reasons = condition.parts.map((part) => whyNoAtom(part, changing));
      return reasons.includes(null) ? null : [...new Set(reasons)].join("; ");
    }
    case "or": {
      const reason = condition.parts.map((part) => whyNoAtom(part, changing)).find((one) => one !== null);
      return reason === undefined ? null : `a branch of an OR has no text: ${reason}`;
    }
    case "regex":
      return hasAtoms(condition)
        ? null
        : `no text is in all that the regex ${shortened(condition.regex.source)} matches`;
    default:
      return hasAtoms(condition) ? null : "the text is empty or too unusual to be looked for";
  }
}

const hasAtoms = (condition: Condition): boolean => alternativesOf(condition).length > 0;

const shortened = (source: string): string => (source.length > 40 ? `${source.slice(0, 39)}…` : source);

/** The first of several that must hold mostly fails. */
const costOf = (parts: readonly Condition[]): number =>
  parts.reduceRight((rest, part) => costOfOne(part) + rest * PASSED, 0);

const PASSED = 0.3;
/** A regex is searched for only where a text is found that all of its matches hold. */
const GUARDED = 60;

function costOfOne(condition: Condition): number {
  switch (condition.kind) {
    case "and":
      return costOf(condition.parts);
    case "or":
      return condition.parts.reduce((sum, part) => sum + costOfOne(part), 0);
    case "not":
      return costOfOne(condition.part);
    case "regex": {
      const { lower, written } = needsOfPattern(condition.regex.source);
      return lower === null && written === null ? condition.cost : GUARDED;
    }
    default:
      return condition.cost;
  }
}

/** Whether it is tested for every event that reaches its ruleset, and that takes long. */
export const isExpensive = ({ way, atoms, cost }: Placement): boolean =>
  way.length === 0 && atoms === null && cost >= EXPENSIVE;

/** Nanoseconds: a search without anything to guard it, or a list of texts in a long value. */
const EXPENSIVE = 200;
