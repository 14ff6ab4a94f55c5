import type { Candidates } from "./candidates.ts";

export interface RuleIndex {
  /** Adds the rules that the event may match, those that it does match among them. */
  collect(into: Candidates): void;
}
