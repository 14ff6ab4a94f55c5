/** `actions:` of a rule: what it asks of which executor. */
import type { ActionSettings } from "../delivery/delivery.ts";
import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, printJson, type Json, type JsonObject } from "../json.ts";
import { compileOperator } from "../operator/compile-operator.ts";
import type { Operator, ReadList } from "../operator/operator.ts";
import type { Scope } from "../path.ts";
import type { RegexLimits } from "../regex/regex.ts";
import { suggest } from "../suggest.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { textOf } from "../template/text.ts";
import type { ActionCatalog, ActionTarget } from "./action-catalog.ts";
import { checkPayload } from "./check-payload.ts";
import { lenient } from "./leniency.ts";
import { checkName } from "./names.ts";
import { compilePayload, type PayloadNode } from "./payload.ts";
import { readRetry } from "./retry-settings.ts";
import { booleanMember, found, list, stringMember, unknownKey } from "./strict-object.ts";

export interface Action {
  /** Executor id. */
  readonly id: string;
  /** Position among the rule's actions to the same executor, from 0. */
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

export interface ActionOptions {
  readonly actions: ActionCatalog | null;
  readonly regex: RegexLimits;
  /** Reads the files that conditions name; absent: they cannot name any. */
  readonly readList?: ReadList;
  readonly roots: readonly string[];
  /** Inside an inactive rule, where our own keys are only warned of. */
  readonly inactive: boolean;
}

const KEYS = ["id", "payload", "when", "retry", "dry_run", "order_by"];

/** Null after the mistakes were reported. */
export function compileActions(
  documents: readonly Json[],
  options: ActionOptions,
  issues: IssueSink,
): readonly Action[] | null {
  const ordinals = new Map<string, number>();
  const actions = documents.map((document, at) => {
    const action = compileAction(document, options, issues.at(at));
    if (action === null) return null;
    const ordinal = ordinals.get(action.id) ?? 0;
    ordinals.set(action.id, ordinal + 1);
    return { ...action, ordinal };
  });
  return actions.every((action) => action !== null) ? actions : null;
}

function compileAction(document: Json, options: ActionOptions, issues: IssueSink): Action | null {
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where an action is expected`, { accepted: "{id, payload}" });
    return null;
  }
  for (const key of Object.keys(document)) if (!KEYS.includes(key)) unknownKey(key, KEYS, issues, "warning");
  for (const key of ["id", "payload"])
    if (!Object.hasOwn(document, key)) issues.error("missing-key", `the key ${JSON.stringify(key)} is missing`);

  const id = checkName("an executor", member(document, "id"), issues.at("id"));
  const target = id === undefined ? null : targetOf(id, options.actions, issues.at("id"));
  const payload = compileActionPayload(document, options, target ?? null, issues.at("payload"));
  if (target && payload) checkPayload(payload, target, issues.at("payload"));

  const ours = options.inactive ? lenient(issues, "everything") : issues;
  const when = member(document, "when") ?? null;
  const condition = when === null ? null : compileOperator(when, options, ours.at("when"));
  const retryValue = member(document, "retry");
  const retry = retryValue === undefined ? undefined : readRetry(retryValue, ours.at("retry"));
  const dryRun = Object.hasOwn(document, "dry_run") ? booleanMember(document, "dry_run", ours, false) : undefined;
  const orderText = stringMember(document, "order_by", ours);
  const orderBy = orderText === undefined ? null : compileTemplate(orderText, ["payload"], ours.at("order_by"));
  if (id === undefined || payload === null) return null;
  return {
    id,
    ordinal: 0,
    when: condition,
    payload,
    secrets: target?.secrets ?? [],
    settings:
      retry === undefined && dryRun === undefined
        ? null
        : { ...(dryRun === undefined ? {} : { dryRun }), ...(retry === undefined ? {} : { retry }) },
    orderBy,
  };
}

function targetOf(id: string, actions: ActionCatalog | null, issues: IssueSink): ActionTarget | null {
  if (actions === null) return null;
  if (Object.hasOwn(actions, id)) return actions[id]!;
  const ids = Object.keys(actions);
  const suggestion = suggest(id, ids);
  issues.error("unknown-action", `no executor has the id ${JSON.stringify(id)}`, {
    accepted: list(ids),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return null;
}

function compileActionPayload(
  document: JsonObject,
  { roots }: ActionOptions,
  target: ActionTarget | null,
  issues: IssueSink,
): PayloadNode | null {
  const payload = member(document, "payload");
  if (payload === undefined) return null;
  if (isObject(payload)) return compilePayload(payload, { roots, target }, issues);
  issues.error("wrong-type", `${found(payload)} where the payload of an action is expected`, { accepted: "an object" });
  return null;
}

/** The order key that `order_by` gives for a rendered payload; null: no order. Anything but a scalar counts as its JSON. */
export function orderKeyOf(orderBy: Template, scope: Scope): string | null {
  const value = orderBy.render(scope);
  return value === undefined || value === null ? null : (textOf(value) ?? printJson(value));
}
