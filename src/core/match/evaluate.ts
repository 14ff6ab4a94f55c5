/**
 * The reference evaluator: walks the whole tree for every event, in the plainest way. It is slow, and it is the oracle that
 * every faster matcher must agree with.
 *
 * Rules of a ruleset run in order: WHERE, then WITH, then every action is rendered. WITH and actions are all or nothing:
 * one failure makes the rule `partially_matched` with the reason, and none of its actions is asked for. Variables stay,
 * under the rule's name, for the rules after it, also when an action failed. Only what a foreach cannot ask for becomes a
 * dead letter by itself. A full match with `continue: false` ends the
 * ruleset. Siblings are independent; each iteration has its own copy of the event.
 */
import type { Event } from "../event/event.ts";
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import { orderOfStrings } from "../operator/compare.ts";
import { OWN_VARIABLES, type Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { renderActions } from "../rule/render-actions.ts";
import type { Rule } from "../rule/rule.ts";
import type { CompiledTree, FilterNode, IteratorNode, RulesetNode, TreeNode } from "../tree/compiled-tree.ts";
import type { Matcher, RuleMatch, TraceNode, TraceRule } from "./matcher.ts";

export function evaluator(tree: CompiledTree): Matcher {
  const trace: Matcher["trace"] = (event) => {
    const matches: RuleMatch[] = [];
    return { trace: visit(tree.root, { event, iteration: null, matches }), matches };
  };
  return { match: (event) => trace(event).matches, trace };
}

interface Visit {
  readonly event: Event;
  readonly iteration: number | string | null;
  /** Filled in tree order. */
  readonly matches: RuleMatch[];
}

/** An event holds nothing but JSON; its interface only lacks the index signature. */
const scopeOf = (event: Event): Scope => ({ event: event as unknown as JsonObject });

function visit(node: TreeNode, at: Visit): TraceNode {
  switch (node.type) {
    case "filter":
      return visitFilter(node, at);
    case "iterator":
      return visitIterator(node, at);
    case "ruleset":
      return visitRuleset(node, at);
  }
}

function visitFilter({ name, active, filter, nodes }: FilterNode, at: Visit): TraceNode {
  if (!active) return { type: "filter", name, status: "inactive", nodes: [] };
  if (filter !== null && !filter.evaluate(scopeOf(at.event)))
    return { type: "filter", name, status: "not_matched", nodes: [] };
  return { type: "filter", name, status: "matched", nodes: nodes.map((node) => visit(node, at)) };
}

function visitIterator({ name, active, target, nodes }: IteratorNode, at: Visit): TraceNode {
  if (!active) return { type: "iterator", name, status: "inactive", iterations: [] };
  const collection = target.render(scopeOf(at.event));
  if (collection === undefined) return { type: "iterator", name, status: "accessor_error", iterations: [] };
  const elements = elementsOf(collection);
  if (elements === undefined) return { type: "iterator", name, status: "type_error", iterations: [] };
  const iterations = elements.map(([iteration, item]) => {
    const event = { ...at.event, iterator: { iteration, item } };
    return { iteration, nodes: nodes.map((node) => visit(node, { ...at, event, iteration })) };
  });
  return { type: "iterator", name, status: "matched", iterations };
}

/** Of an array in its order, of an object in the order of its keys by code point. */
function elementsOf(collection: Json): readonly (readonly [number | string, Json])[] | undefined {
  if (isArray(collection)) return collection.map((item, index) => [index, item]);
  if (!isObject(collection)) return undefined;
  return Object.keys(collection)
    .sort(orderOfStrings)
    .map((key) => [key, member(collection, key)!]);
}

function visitRuleset({ name, rules }: RulesetNode, at: Visit): TraceNode {
  const variables: MutableJsonObject = {};
  const traced: TraceRule[] = [];
  let stopped = false;
  for (const rule of rules) {
    if (!rule.active || stopped) {
      traced.push({ name: rule.name, status: rule.active ? "not_processed" : "inactive" });
      continue;
    }
    const match = runRule(rule, variables, at);
    if (match === null) {
      traced.push({ name: rule.name, status: "not_matched" });
      continue;
    }
    at.matches.push(match);
    const { status, message, extracted } = match;
    const actions = match.actions.map(({ id, payload }) => ({ id, payload }));
    traced.push({ name: rule.name, status, ...(message === undefined ? {} : { message }), extracted, actions });
    stopped = status === "matched" && !rule.continue;
  }
  return { type: "ruleset", name, rules: traced };
}

function runRule(rule: Rule, variables: MutableJsonObject, { event, iteration }: Visit): RuleMatch | null {
  const scope: Scope = { ...scopeOf(event), _variables: variables };
  if (rule.where !== null && !rule.where.evaluate(scope)) return null;
  const match = { path: rule.path, iteration };
  const extracted = extract(rule, scope);
  if (!extracted.ok)
    return { ...match, status: "partially_matched", message: extracted.error, extracted: {}, actions: [] };
  const own = extracted.value;
  if (rule.extractors.length > 0) setMember(variables, rule.name, own);
  const actions = renderActions(rule.actions, { ...scope, [OWN_VARIABLES]: own });
  if (!actions.ok)
    return { ...match, status: "partially_matched", message: actions.error, extracted: own, actions: [] };
  const { actions: rendered, dead } = actions.value;
  const matched: RuleMatch = { ...match, status: "matched", extracted: own, actions: rendered };
  return dead.length === 0 ? matched : { ...matched, message: dead.map(({ reason }) => reason).join("; "), dead };
}

function extract(rule: Rule, scope: Scope): Result<JsonObject, string> {
  const variables: MutableJsonObject = {};
  for (const { name, extract } of rule.extractors) {
    const value = extract(scope);
    if (!value.ok) return err(`variable ${name}: ${value.error}`);
    setMember(variables, name, value.value);
  }
  return ok(variables);
}
