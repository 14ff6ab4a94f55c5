/**
 * Conditions as the matcher sees them: operators with their operands bound to slots, normalized so that the index and the
 * prefilter can read them. AND and OR are flat, without constants or repetitions, cheap parts first (no operator has an
 * effect, so order cannot be observed); equal conditions are one object, which is how rules share them.
 */
import type { Regex } from "../regex/regex.ts";
import type { Key } from "./key.ts";
import type { Slot } from "./slot.ts";

export type Condition = Constant | Combination | Negation | OneOf | TextTest | WildcardTest | RegexTest | OtherTest;

export interface Constant {
  readonly kind: "constant";
  readonly id: number;
  readonly cost: 0;
  readonly value: boolean;
}

interface Base {
  /** Of equal conditions the same. */
  readonly id: number;
  /** About nanoseconds. */
  readonly cost: number;
}

export interface Combination extends Base {
  readonly kind: "and" | "or";
  /** At least two. */
  readonly parts: readonly Condition[];
}

export interface Negation extends Base {
  readonly kind: "not";
  readonly part: Condition;
}

/** A scalar, or with `fold` the lower case of a string, is one of these. */
export interface OneOf extends Base {
  readonly kind: "one-of";
  readonly slot: Slot;
  readonly fold: boolean;
  readonly keys: ReadonlySet<Key>;
}

/** A string, or with `fold` its lower case, has this part there. */
export interface TextTest extends Base {
  readonly kind: "text";
  readonly how: "starts" | "ends" | "contains";
  readonly slot: Slot;
  readonly fold: boolean;
  /** With `fold` in lower case. */
  readonly needle: string;
  /** The answer for arrays and objects; null: false. For scalars it is false. */
  readonly otherwise: (() => boolean) | null;
}

/** A string, or with `fold` its lower case, is as a pattern says. */
export interface WildcardTest extends Base {
  readonly kind: "wildcard";
  readonly slot: Slot;
  readonly fold: boolean;
  /** With `fold` in lower case. */
  readonly pattern: string;
}

export interface RegexTest extends Base {
  readonly kind: "regex";
  readonly slot: Slot;
  readonly regex: Regex;
}

/** Whatever has no form of its own. */
export interface OtherTest extends Base {
  readonly kind: "other";
  readonly test: () => boolean;
}
