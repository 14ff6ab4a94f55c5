/** What the rest of the program asks of the rules. Two implementations: the reference evaluator (evaluate.ts) and the compiled matcher (compile.ts). */
import type { ActionSettings } from "../delivery/delivery.ts";
import type { Event } from "../event/event.ts";
import type { JsonObject } from "../json.ts";

export interface Matcher {
  /** The rules that matched or partially matched, in tree order. Never throws for any event. */
  match(event: Event): readonly RuleMatch[];
  /** The same with a record of every node and rule on the way. */
  trace(event: Event): { readonly matches: readonly RuleMatch[]; readonly trace: TraceNode };
}

export interface RuleMatch {
  /** Rule path: node names and the rule's, joined by dots. */
  readonly path: string;
  readonly status: "matched" | "partially_matched";
  /** Why it matched only partially; of a full match: why an action of a foreach is a dead letter. */
  readonly message?: string;
  /** The rule's own variables. */
  readonly extracted: JsonObject;
  /** Empty unless `matched`. */
  readonly actions: readonly RenderedAction[];
  /** What a foreach could not ask for; absent: nothing. */
  readonly dead?: readonly DeadAction[];
  /** Iteration of the iterator above, if any. */
  readonly iteration: number | string | null;
}

export interface RenderedAction {
  /** Executor id. */
  readonly id: string;
  readonly payload: JsonObject;
  readonly settings: ActionSettings | null;
  /** Of the action's own `order_by`; undefined: the executor decides. */
  readonly orderKey?: string | null;
  /** Position among the list's actions to the same executor, from 0; counted before `when` leaves any out. */
  readonly ordinal: number;
  /** Positions in the foreach expansions around it, outermost first. */
  readonly foreach: readonly number[];
}

/** An action of a foreach that becomes a dead letter; the others of its rule go their way. */
export interface DeadAction {
  /** Executor id, or `foreach` for a target that is no array. */
  readonly id: string;
  readonly foreach: readonly number[];
  readonly code: "foreach_target" | "template";
  readonly reason: string;
  /** What there is instead of a payload. */
  readonly payload: JsonObject;
}

/** The `trace` of `squall replay --trace` (architecture.md), keys in this order. */
export type TraceNode =
  | {
      readonly type: "filter";
      readonly name: string;
      readonly status: "matched" | "not_matched" | "inactive";
      readonly nodes: readonly TraceNode[];
    }
  | {
      readonly type: "iterator";
      readonly name: string;
      readonly status: "matched" | "accessor_error" | "type_error" | "inactive";
      readonly iterations: readonly { readonly iteration: number | string; readonly nodes: readonly TraceNode[] }[];
    }
  | { readonly type: "ruleset"; readonly name: string; readonly rules: readonly TraceRule[] };

export interface TraceRule {
  readonly name: string;
  readonly status: "matched" | "partially_matched" | "not_matched" | "not_processed" | "inactive";
  readonly message?: string;
  readonly extracted?: JsonObject;
  readonly actions?: readonly { readonly id: string; readonly payload: JsonObject }[];
}
