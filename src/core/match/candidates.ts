/** The rules of a ruleset that an event may match, in their order. One instance serves all rulesets, one after another. */
import type { Rule } from "../rule/rule.ts";
import type { RuleMatch } from "./matcher.ts";
import type { Test } from "./test-of.ts";

export interface Candidate {
  /** Position in the ruleset. */
  readonly order: number;
  readonly rule: Rule;
  /** What the index has not answered; null: nothing. */
  readonly test: Test | null;
  /** What it gives whenever it matches, outside an iterator; null: that depends on the event. */
  readonly bare: RuleMatch | null;
}

const NONE: readonly Candidate[] = [];

export class Candidates {
  #list: readonly Candidate[] = NONE;
  #length = 0;
  /** Used where several parts of an index contribute. */
  readonly #merged: Candidate[] = [];

  get list(): readonly Candidate[] {
    return this.#list;
  }

  /** Of `list`, which may be longer. */
  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#list = NONE;
    this.#length = 0;
  }

  /** Takes candidates that are in order. */
  addAll(list: readonly Candidate[]): void {
    if (this.#length === 0) {
      this.#list = list;
      this.#length = list.length;
      return;
    }
    for (const candidate of list) this.add(candidate);
  }

  /** Takes one, at its place. */
  add(candidate: Candidate): void {
    const merged = this.#merged;
    if (this.#list !== merged) {
      for (let i = 0; i < this.#length; i++) merged[i] = this.#list[i]!;
      this.#list = merged;
    }
    let at = this.#length++;
    for (; at > 0 && merged[at - 1]!.order > candidate.order; at--) merged[at] = merged[at - 1]!;
    merged[at] = candidate;
  }
}
