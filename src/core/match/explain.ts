/**
 * Walks the tree as the reference evaluator does (evaluate.ts) and keeps what it saw. It must come to the same answers: the
 * statuses, variables, messages and actions of an explanation are those of the evaluator's trace.
 */
import type { Event } from "../event/event.ts";
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import { orderOfStrings } from "../operator/compare.ts";
import { OWN_VARIABLES, type Scope } from "../path.ts";
import { renderPayload } from "../rule/payload.ts";
import { expandForeach } from "../rule/render-actions.ts";
import { ok, type Result } from "../result.ts";
import type { Action, Foreach, RuleAction } from "../rule/compiled-action.ts";
import type { Rule } from "../rule/rule.ts";
import type { CompiledTree, FilterNode, IteratorNode, RulesetNode, TreeNode } from "../tree/compiled-tree.ts";
import { explainOperator, explainTemplate } from "./explain-operator.ts";
import type {
  ExplainedAction,
  ExplainedFilter,
  ExplainedIterator,
  ExplainedNode,
  ExplainedRule,
  ExplainedRuleset,
  ExplainedVariable,
} from "./explanation.ts";

/** An event holds nothing but JSON; its interface only lacks the index signature. */
export const explain = (tree: CompiledTree, event: Event): ExplainedNode =>
  visit(tree.root, event as unknown as JsonObject);

function visit(node: TreeNode, event: JsonObject): ExplainedNode {
  switch (node.type) {
    case "filter":
      return explainFilter(node, event);
    case "iterator":
      return explainIterator(node, event);
    case "ruleset":
      return explainRuleset(node, event);
  }
}

function explainFilter({ name, path, active, filter, nodes }: FilterNode, event: JsonObject): ExplainedFilter {
  const base = { type: "filter", name, path } as const;
  if (!active) return { ...base, status: "inactive", filter: null, nodes: [] };
  const asked = filter && explainOperator(filter, { event });
  if (asked !== null && !asked.result) return { ...base, status: "not_matched", filter: asked, nodes: [] };
  return { ...base, status: "matched", filter: asked, nodes: nodes.map((node) => visit(node, event)) };
}

function explainIterator({ name, path, active, target, nodes }: IteratorNode, event: JsonObject): ExplainedIterator {
  const base = { type: "iterator", name, path, target: explainTemplate(target, { event }) } as const;
  if (!active) return { ...base, status: "inactive", iterations: [] };
  const { value } = base.target;
  if (value === undefined) return { ...base, status: "accessor_error", iterations: [] };
  const elements = elementsOf(value);
  if (elements === undefined) return { ...base, status: "type_error", iterations: [] };
  const iterations = elements.map(([iteration, item]) => {
    const inner = { ...event, iterator: { iteration, item } };
    return { iteration, nodes: nodes.map((node) => visit(node, inner)) };
  });
  return { ...base, status: "matched", iterations };
}

function elementsOf(collection: Json): readonly (readonly [number | string, Json])[] | undefined {
  if (isArray(collection)) return collection.map((item, index) => [index, item]);
  if (!isObject(collection)) return undefined;
  return Object.keys(collection)
    .sort(orderOfStrings)
    .map((key) => [key, member(collection, key)!]);
}

function explainRuleset({ name, path, rules }: RulesetNode, event: JsonObject): ExplainedRuleset {
  const variables: MutableJsonObject = {};
  const explained: ExplainedRule[] = [];
  let stoppedBy: string | null = null;
  for (const rule of rules) {
    const untouched = { name: rule.name, path: rule.path, where: null, variables: [], actions: [] };
    if (!rule.active) explained.push({ ...untouched, status: "inactive" });
    else if (stoppedBy !== null) explained.push({ ...untouched, status: "not_processed", stoppedBy });
    else {
      const one = explainRule(rule, variables, event);
      explained.push(one);
      if (one.status === "matched" && !rule.continue) stoppedBy = rule.name;
    }
  }
  return { type: "ruleset", name, path, rules: explained };
}

function explainRule(rule: Rule, variables: MutableJsonObject, event: JsonObject): ExplainedRule {
  const scope: Scope = { event, _variables: variables };
  const where = rule.where && explainOperator(rule.where, scope);
  const base = { name: rule.name, path: rule.path, where };
  if (where !== null && !where.result) return { ...base, status: "not_matched", variables: [], actions: [] };

  const extracted = explainVariables(rule, scope);
  const unextracted = extracted.at(-1);
  if (unextracted?.error !== undefined) {
    const message = `variable ${unextracted.name}: ${unextracted.error}`;
    return { ...base, status: "partially_matched", message, variables: extracted, actions: [] };
  }
  const own: MutableJsonObject = {};
  for (const { name, value } of extracted) setMember(own, name, value!);
  if (rule.extractors.length > 0) setMember(variables, rule.name, own);

  const actions = explainActions(rule.actions, { ...scope, [OWN_VARIABLES]: own });
  const unrendered = actions.at(-1);
  if (unrendered?.status === "failed") {
    const message = `action ${unrendered.id}: ${unrendered.error}`;
    return { ...base, status: "partially_matched", message, variables: extracted, actions };
  }
  const dead = actions.flatMap(({ status, error }) => (status === "dead" ? [error!] : []));
  const message = dead.length === 0 ? {} : { message: dead.join("; ") };
  return { ...base, status: "matched", ...message, variables: extracted, actions };
}

/** Up to the first that fails. */
function explainVariables({ extractors }: Rule, scope: Scope): readonly ExplainedVariable[] {
  const explained: ExplainedVariable[] = [];
  for (const { name, from, extract } of extractors) {
    const base = { name, from: explainTemplate(from, scope) };
    const value = extract(scope);
    explained.push(value.ok ? { ...base, value: value.value } : { ...base, error: value.error });
    if (!value.ok) break;
  }
  return explained;
}

/** Up to the first that fails. */
function explainActions(actions: readonly RuleAction[], scope: Scope): readonly ExplainedAction[] {
  const explained: ExplainedAction[] = [];
  for (const action of actions) {
    const { id } = action;
    const base = { id, when: action.when && explainOperator(action.when, scope) };
    if (base.when !== null && !base.when.result) {
      explained.push({ ...base, status: "left_out" });
      continue;
    }
    const value: Result<readonly ExplainedAction[], string> =
      action.kind === "foreach" ? explainForeach(action, scope) : explainPayload(action, base, scope);
    if (!value.ok) {
      explained.push({ ...base, status: "failed", error: value.error });
      break;
    }
    explained.push(...value.value);
  }
  return explained;
}

function explainPayload(
  { payload, secrets }: Action,
  base: Pick<ExplainedAction, "id" | "when">,
  scope: Scope,
): Result<readonly ExplainedAction[], string> {
  const value = renderPayload(payload, scope, secrets);
  if (!value.ok) return value;
  return ok([{ ...base, status: "rendered", payload: value.value as JsonObject }]); // compiled from an object
}

/** What it asks for, as if each were an action of the rule; those that a `when` inside leaves out are not shown. */
function explainForeach(action: Foreach, scope: Scope): Result<readonly ExplainedAction[], string> {
  const expanded = expandForeach(action, scope);
  if (!expanded.ok) return expanded;
  const { actions, dead } = expanded.value;
  return ok([
    ...actions.map(({ id, foreach, payload }): ExplainedAction => ({
      id,
      foreach,
      status: "rendered",
      when: null,
      payload,
    })),
    ...dead.map(({ id, foreach, reason }): ExplainedAction => ({
      id,
      foreach,
      status: "dead",
      when: null,
      error: reason,
    })),
  ]);
}
