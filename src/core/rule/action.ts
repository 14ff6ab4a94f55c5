/** `actions:` of a rule: what it asks of which executor. */
import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, printJson, type Json, type JsonObject } from "../json.ts";
import { compileOperator } from "../operator/compile-operator.ts";
import type { ReadList } from "../operator/operator.ts";
import type { Scope } from "../path.ts";
import type { RegexLimits } from "../regex/regex.ts";
import { suggest } from "../suggest.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { textOf } from "../template/text.ts";
import type { ActionCatalog, ActionTarget } from "./action-catalog.ts";
import { checkPayload } from "./check-payload.ts";
import type { Action, RuleAction } from "./compiled-action.ts";
import { compileForeach, FOREACH } from "./foreach.ts";
import { lenient } from "./leniency.ts";
import { checkName } from "./names.ts";
import { compilePayload, type PayloadNode } from "./payload.ts";
import { readRetry } from "./retry-settings.ts";
import { booleanMember, found, list, stringMember, unknownKey } from "./strict-object.ts";

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
/** The others are of what is delivered, and so of the actions inside. */
const FOREACH_KEYS = ["id", "payload", "when"];

/** Null after the mistakes were reported. */
export function compileActions(
  documents: readonly Json[],
  options: ActionOptions,
  issues: IssueSink,
): readonly RuleAction[] | null {
  const ordinals = new Map<string, number>();
  const compileList = (
    list: readonly Json[],
    roots: readonly string[],
    sink: IssueSink,
  ): readonly RuleAction[] | null => {
    const actions = list.map((document, at) => {
      const id = isObject(document) ? member(document, "id") : undefined;
      const ordinal = ordinals.get(String(id)) ?? 0;
      ordinals.set(String(id), ordinal + 1);
      const action = compileAction(document, { ...options, roots }, sink.at(at), compileList);
      return action && { ...action, ordinal };
    });
    return actions.every((action) => action !== null) ? actions : null;
  };
  return compileList(documents, options.roots, issues);
}

type CompileList = Parameters<typeof compileForeach>[2];

function compileAction(
  document: Json,
  options: ActionOptions,
  issues: IssueSink,
  compileList: CompileList,
): RuleAction | null {
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where an action is expected`, { accepted: "{id, payload}" });
    return null;
  }
  const isForeach = member(document, "id") === FOREACH;
  const known = isForeach ? FOREACH_KEYS : KEYS;
  for (const key of Object.keys(document)) if (!known.includes(key)) unknownKey(key, known, issues, "warning");
  for (const key of ["id", "payload"])
    if (!Object.hasOwn(document, key)) issues.error("missing-key", `the key ${JSON.stringify(key)} is missing`);
  const ours = options.inactive ? lenient(issues, "everything") : issues;
  const when = member(document, "when") ?? null;
  const condition = when === null ? null : compileOperator(when, options, ours.at("when"));
  if (!isForeach) return compileSend(document, options, issues, ours, condition);
  const parts = compileForeach(member(document, "payload"), options.roots, compileList, issues.at("payload"));
  return parts && { kind: "foreach", id: FOREACH, ordinal: 0, when: condition, ...parts };
}

function compileSend(
  document: JsonObject,
  options: ActionOptions,
  issues: IssueSink,
  ours: IssueSink,
  when: Action["when"],
): Action | null {
  const id = checkName("an executor", member(document, "id"), issues.at("id"));
  const target = id === undefined ? null : targetOf(id, options.actions, issues.at("id"));
  const payload = compileActionPayload(document, options, target ?? null, issues.at("payload"));
  if (target && payload) checkPayload(payload, target, issues.at("payload"));

  const retryValue = member(document, "retry");
  const retry = retryValue === undefined ? undefined : readRetry(retryValue, ours.at("retry"));
  const dryRun = Object.hasOwn(document, "dry_run") ? booleanMember(document, "dry_run", ours, false) : undefined;
  const orderText = stringMember(document, "order_by", ours);
  const orderBy = orderText === undefined ? null : compileTemplate(orderText, ["payload"], ours.at("order_by"));
  if (id === undefined || payload === null) return null;
  return {
    kind: "send",
    id,
    ordinal: 0,
    when,
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
  const ids = [...Object.keys(actions), FOREACH];
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
  if (isObject(payload)) {
    const text = target?.text?.(payload);
    return compilePayload(payload, { roots, target, ...(text && { text }) }, issues);
  }
  issues.error("wrong-type", `${found(payload)} where the payload of an action is expected`, { accepted: "an object" });
  return null;
}

/** The order key that `order_by` gives for a rendered payload; null: no order. Anything but a scalar counts as its JSON. */
export function orderKeyOf(orderBy: Template, scope: Scope): string | null {
  const value = orderBy.render(scope);
  return value === undefined || value === null ? null : (textOf(value) ?? printJson(value));
}
