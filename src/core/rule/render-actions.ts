/**
 * The actions of a rule for one event. All or nothing: what cannot be rendered makes the rule match only partially; only
 * what one element of a foreach does to its own action is a dead letter (foreach.ts).
 */
import { isArray, type Json, type JsonObject } from "../json.ts";
import type { DeadAction, RenderedAction } from "../match/matcher.ts";
import type { Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { orderKeyOf } from "./action.ts";
import type { Action, Foreach, RuleAction } from "./compiled-action.ts";
import { renderPayload, unrenderable } from "./payload.ts";
import { found } from "./strict-object.ts";

export interface RenderedActions {
  readonly actions: readonly RenderedAction[];
  readonly dead: readonly DeadAction[];
}

/** The error says which action lacks what. */
export function renderActions(actions: readonly RuleAction[], scope: Scope): Result<RenderedActions, string> {
  const rendered: RenderedAction[] = [];
  const dead: DeadAction[] = [];
  for (const action of actions) {
    if (action.when !== null && !action.when.evaluate(scope)) continue;
    if (action.kind === "foreach") {
      const expanded = expandForeach(action, scope);
      if (!expanded.ok) return err(`action ${action.id}: ${expanded.error}`);
      rendered.push(...expanded.value.actions);
      dead.push(...expanded.value.dead);
      continue;
    }
    const value = renderPayload(action.payload, scope, action.secrets);
    if (!value.ok) return err(`action ${action.id}: ${value.error}`);
    rendered.push(renderedAction(action, value.value, []));
  }
  return ok({ actions: rendered, dead });
}

/** Of one foreach whose `when` holds. */
export function expandForeach(foreach: Foreach, scope: Scope): Result<RenderedActions, string> {
  const unmet = unmetByAny(foreach, scope);
  if (unmet !== null) return err(unmet);
  const into: Expansion = { actions: [], dead: [] };
  const error = expand(foreach, scope, [], into);
  return error === null ? ok(into) : err(error);
}

interface Expansion {
  readonly actions: RenderedAction[];
  readonly dead: DeadAction[];
}

/** Why the whole rule cannot be rendered; null: it can. */
function expand(foreach: Foreach, scope: Scope, places: readonly number[], into: Expansion): string | null {
  const target = renderPayload(foreach.target, scope, []);
  if (!target.ok) return target.error;
  const elements = target.value;
  if (!isArray(elements)) {
    into.dead.push({
      id: foreach.id,
      foreach: places,
      code: "foreach_target",
      reason: `${targetText(foreach, scope, elements)} where foreach needs an array`,
      payload: { target: elements },
    });
    return null;
  }
  for (const action of foreach.actions)
    for (const [at, item] of elements.entries()) {
      const error = one(action, { ...scope, item }, [...places, at], into);
      if (error !== null) return `action ${action.id}: ${error}`;
    }
  return null;
}

function one(action: RuleAction, scope: Scope, places: readonly number[], into: Expansion): string | null {
  if (action.when !== null) {
    if (!action.when.evaluate(scope)) return null;
    const unmet = unmetBy(action, scope);
    if (unmet !== null) return unmet;
  }
  if (action.kind === "foreach") return expand(action, scope, places, into);
  const value = renderPayload(action.payload, scope, action.secrets);
  if (value.ok) into.actions.push(renderedAction(action, value.value, places));
  else
    into.dead.push({
      id: action.id,
      foreach: places,
      code: "template",
      reason: `element ${places.join(".")} of foreach: ${value.error}`,
      payload: { item: scope["item"] ?? null },
    });
  return null;
}

/** What reads no `item` and has no value, in the target or in an inner action that is asked for in any case. */
function unmetByAny({ target, actions }: Foreach, scope: Scope): string | null {
  const unmet = unrenderable(target, scope, [], "payload.target");
  if (unmet !== null) return unmet;
  for (const action of actions) {
    const inner = action.when === null ? unmetBy(action, scope) : null;
    if (inner !== null) return `action ${action.id}: ${inner}`;
  }
  return null;
}

const unmetBy = (action: RuleAction, scope: Scope): string | null =>
  action.kind === "foreach" ? unmetByAny(action, scope) : unrenderable(action.payload, scope, action.secrets);

function targetText({ target }: Foreach, scope: Scope, value: Json): string {
  if (target.kind !== "template") return found(value);
  const { source } = target.template;
  return target.template.render(scope) === undefined ? `${source} is missing` : `${source} is ${found(value)}`;
}

const renderedAction = (
  { id, ordinal, settings, orderBy }: Action,
  payload: Json,
  places: readonly number[],
): RenderedAction => ({
  id,
  payload: payload as JsonObject, // compiled from an object
  settings,
  ...(orderBy === null ? {} : { orderKey: orderKeyOf(orderBy, { payload }) }),
  ordinal,
  foreach: places,
});
