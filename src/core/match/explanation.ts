/** What `explain` says of one event: the tree as the event went through it, with every value that was compared on the way. */
import type { Json, JsonObject } from "../json.ts";
import type { TraceNode, TraceRule } from "./matcher.ts";

type StatusOf<Type extends TraceNode["type"]> = Extract<TraceNode, { type: Type; status: string }>["status"];

export type ExplainedNode = ExplainedFilter | ExplainedIterator | ExplainedRuleset;

interface NodeBase {
  readonly name: string;
  /** Node names from the outermost to this one, joined by dots. */
  readonly path: string;
}

export interface ExplainedFilter extends NodeBase {
  readonly type: "filter";
  readonly status: StatusOf<"filter">;
  /** Null: all pass, or it was not asked. */
  readonly filter: ExplainedOperator | null;
  /** Empty unless `matched`. */
  readonly nodes: readonly ExplainedNode[];
}

export interface ExplainedIterator extends NodeBase {
  readonly type: "iterator";
  readonly status: StatusOf<"iterator">;
  readonly target: ExplainedValue;
  readonly iterations: readonly {
    readonly iteration: number | string;
    readonly nodes: readonly ExplainedNode[];
  }[];
}

export interface ExplainedRuleset extends NodeBase {
  readonly type: "ruleset";
  readonly rules: readonly ExplainedRule[];
}

export interface ExplainedRule extends NodeBase {
  readonly status: TraceRule["status"];
  /** Why it matched only partially, or what of a foreach is a dead letter. */
  readonly message?: string;
  /** The rule before it that ended the ruleset, where it was `not_processed`. */
  readonly stoppedBy?: string;
  /** Null: always true, or it was not asked. */
  readonly where: ExplainedOperator | null;
  /** As far as they were extracted: the last one may have failed. */
  readonly variables: readonly ExplainedVariable[];
  /** As far as they were looked at: the last one may have failed. */
  readonly actions: readonly ExplainedAction[];
}

export interface ExplainedVariable {
  readonly name: string;
  readonly from: ExplainedValue;
  /** Absent: it failed. */
  readonly value?: Json;
  /** Why it failed. */
  readonly error?: string;
}

export interface ExplainedAction {
  readonly id: string;
  /** Elements of the foreach around it, outermost first; absent: there is none. */
  readonly foreach?: readonly number[];
  /** `left_out` by its `when`; `dead` is a dead letter of a foreach. */
  readonly status: "rendered" | "left_out" | "failed" | "dead";
  /** Null: always. */
  readonly when: ExplainedOperator | null;
  readonly payload?: JsonObject;
  /** Why it failed, or is dead. */
  readonly error?: string;
}

/** Something that was read: with `missing` there is no value. */
export interface ExplainedValue {
  /** The template as written; null: a literal. */
  readonly source: string | null;
  readonly value?: Json;
  readonly missing: boolean;
}

export interface ExplainedOperator {
  readonly type: string;
  readonly result: boolean;
  /** In the order of the operator's keys. */
  readonly operands: readonly (ExplainedValue & { readonly key: string })[];
  /** Of `regex`. */
  readonly pattern?: string;
  /** What the values do not show by themselves. */
  readonly note?: string;
  /** Those inside it, also where the evaluation did not need them; of anyOf and allOf once for each element. */
  readonly operators: readonly ExplainedOperator[];
}
