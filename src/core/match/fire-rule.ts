/** What a rule gives whose WHERE holds: its variables, and its actions rendered; all or nothing, as in evaluate.ts. */
import { setMember, type JsonObject, type MutableJsonObject } from "../json.ts";
import { OWN_VARIABLES, type Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { renderActions, type RenderedActions } from "../rule/render-actions.ts";
import type { Rule } from "../rule/rule.ts";
import type { RenderedAction, RuleMatch } from "./matcher.ts";
import { NO_VARIABLES, type MatchState } from "./slot.ts";

/** What a rule gives that has neither variables nor actions, outside an iterator; null: it has some. */
export const bareMatch = ({ path, extractors, actions }: Rule): RuleMatch | null =>
  extractors.length === 0 && actions.length === 0
    ? { path, iteration: null, status: "matched", extracted: NO_VARIABLES, actions: NO_ACTIONS }
    : null;

export function fireRule(rule: Rule, state: MatchState): RuleMatch {
  const { path } = rule;
  const { iteration } = state;
  if (rule.extractors.length === 0 && rule.actions.length === 0)
    return { path, iteration, status: "matched", extracted: NO_VARIABLES, actions: NO_ACTIONS };
  const extracted = rule.extractors.length === 0 ? ok({}) : extract(rule, state.ruleScope);
  if (!extracted.ok)
    return { path, iteration, status: "partially_matched", message: extracted.error, extracted: {}, actions: [] };
  const own = extracted.value;
  if (rule.extractors.length > 0) addVariables(rule.name, own, state);
  const actions = rule.actions.length === 0 ? ok(NOTHING) : renderActions(rule.actions, scopeOfActions(own, state));
  if (!actions.ok)
    return { path, iteration, status: "partially_matched", message: actions.error, extracted: own, actions: [] };
  const { actions: rendered, dead } = actions.value;
  if (dead.length === 0) return { path, iteration, status: "matched", extracted: own, actions: rendered };
  const message = dead.map(({ reason }) => reason).join("; ");
  return { path, iteration, status: "matched", message, extracted: own, actions: rendered, dead };
}

const NO_ACTIONS: readonly RenderedAction[] = Object.freeze([]);
const NOTHING: RenderedActions = { actions: NO_ACTIONS, dead: [] };

/** The object that the rules of the ruleset share is made with the first variables. */
function addVariables(name: string, own: JsonObject, state: MatchState): void {
  const { _variables: before } = state.ruleScope;
  const variables: MutableJsonObject = before === NO_VARIABLES ? {} : (before as MutableJsonObject); // made here
  setMember(variables, name, own);
  state.setVariables(variables);
}

const scopeOfActions = (own: JsonObject, { ruleScope: { event, _variables } }: MatchState): Scope => ({
  event,
  _variables,
  [OWN_VARIABLES]: own,
});

function extract(rule: Rule, scope: Scope): Result<JsonObject, string> {
  const variables: MutableJsonObject = {};
  for (const { name, extract: take } of rule.extractors) {
    const value = take(scope);
    if (!value.ok) return err(`variable ${name}: ${value.error}`);
    setMember(variables, name, value.value);
  }
  return ok(variables);
}
