/** Actions of a rule after compilation. */
import type { ActionSettings } from "../delivery/delivery.ts";
import type { Operator } from "../operator/operator.ts";
import type { Template } from "../template/template.ts";
import type { PayloadNode } from "./payload.ts";

/** What a rule asks of one executor. */
export interface Action {
  readonly kind: "send";
  /** Executor id. */
  readonly id: string;
  /** Position among the rule's actions to the same executor, from 0; those inside foreach count. */
  readonly ordinal: number;
  /** False leaves the action out; null: always. */
  readonly when: Operator | null;
  readonly payload: PayloadNode;
  /** Names of the executor's secrets: no value of an event may refer to one. */
  readonly secrets: readonly string[];
  readonly settings: ActionSettings | null;
  /** Null: the executor decides. */
  readonly orderBy: Template | null;
}

/** The same actions for every element of an array (foreach.ts). */
export interface Foreach {
  readonly kind: "foreach";
  readonly id: "foreach";
  readonly ordinal: number;
  readonly when: Operator | null;
  readonly target: PayloadNode;
  readonly actions: readonly RuleAction[];
}

export type RuleAction = Action | Foreach;
