/**
 * The compiled matcher: does what the reference evaluator (evaluate.ts) does, looking only at rules that may match.
 *
 * Every value that conditions read is a slot, read once per event (slot.ts). The rules of a ruleset are found by an index
 * over what must be equal in them (equality-index.ts) and only those are tested, in rule order, so that variables and
 * `continue: false` take effect as if every rule had been. Nothing is allocated for an event that matches nothing.
 * A trace names every rule, so it is the evaluator that makes it.
 */
import type { Event } from "../event/event.ts";
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { orderOfStrings } from "../operator/compare.ts";
import type { CompiledTree, FilterNode, IteratorNode, RulesetNode, TreeNode } from "../tree/compiled-tree.ts";
import { Candidates } from "./candidates.ts";
import { createConditions, type Conditions } from "./conditions.ts";
import { buildIndex, type Entry } from "./equality-index.ts";
import { evaluator } from "./evaluate.ts";
import { fireRule } from "./fire-rule.ts";
import { Encoding } from "./encoding.ts";
import type { Matcher, RuleMatch } from "./matcher.ts";
import { placementOf, type Placement } from "./placement.ts";
import { createReadOperator, type ReadOperator } from "./read-operator.ts";
import { createAtomChooser, type AtomChooser } from "./required-atoms.ts";
import { createRequiredKeys, type RequiredKeys } from "./required-keys.ts";
import { MatchState, NO_VARIABLES } from "./slot.ts";
import { createSlots, type Slots } from "./slots.ts";
import { runSteps, runStepsInSlices, type Steps } from "../steps.ts";
import { allOf, createTests, type Test } from "./test-of.ts";
import type { Condition } from "./condition.ts";

export const compileMatcher = (tree: CompiledTree): Matcher => runSteps(compileSteps(tree, null));

/** The same, awaiting `yieldNow` after every few milliseconds of work. */
export const compileMatcherInSlices = (tree: CompiledTree, yieldNow: () => Promise<void>): Promise<Matcher> =>
  runStepsInSlices(compileSteps(tree, null), yieldNow);

const NO_MATCHES: readonly RuleMatch[] = Object.freeze([]);

interface Workshop {
  readonly state: MatchState;
  readonly slots: Slots;
  readonly conditions: Conditions;
  readonly read: ReadOperator;
  readonly test: (condition: Condition) => Test;
  readonly requiredBy: (condition: Condition) => RequiredKeys;
  readonly encoding: Encoding;
  readonly candidates: Candidates;
  /** Takes what matched. */
  readonly found: (match: RuleMatch) => void;
  readonly placed: Placed | null;
}

/** Is told where each rule of a ruleset was put. */
export type Placed = (rulesetPath: string, placement: Placement) => void;

type Visit = () => void;

export function* compileSteps(tree: CompiledTree, placed: Placed | null): Steps<Matcher> {
  const state = new MatchState();
  const slots = createSlots(state);
  const conditions = createConditions();
  const test = createTests();
  let matches: RuleMatch[] | null = null;
  const visit = yield* compileNode(tree.root, {
    state,
    slots,
    conditions,
    read: createReadOperator(slots, conditions),
    test,
    requiredBy: createRequiredKeys(state.variablesTurn),
    encoding: new Encoding(),
    candidates: new Candidates(),
    placed,
    found(match) {
      if (matches === null) matches = [match];
      else matches.push(match);
    },
  });
  conditions.forget();
  return {
    match(event) {
      matches = null;
      state.enterEvent(objectOf(event));
      visit();
      return matches ?? NO_MATCHES;
    },
    trace: evaluator(tree).trace,
  };
}

/** An event holds nothing but JSON; its interface only lacks the index signature. */
const objectOf = (event: Event): JsonObject => event as unknown as JsonObject;

const NOTHING: Visit = () => undefined;

function* compileNode(node: TreeNode, workshop: Workshop): Steps<Visit> {
  yield 1;
  switch (node.type) {
    case "filter":
      return node.active ? yield* compileFilter(node, workshop) : NOTHING;
    case "iterator":
      return node.active ? yield* compileIterator(node, workshop) : NOTHING;
    case "ruleset":
      return yield* compileRuleset(node, workshop);
  }
}

function* compileNodes(nodes: readonly TreeNode[], workshop: Workshop): Steps<readonly Visit[]> {
  const visits: Visit[] = [];
  for (const node of nodes) visits.push(yield* compileNode(node, workshop));
  return visits.filter((visit) => visit !== NOTHING);
}

function* compileFilter({ filter, nodes }: FilterNode, workshop: Workshop): Steps<Visit> {
  const visits = yield* compileNodes(nodes, workshop);
  if (visits.length === 0) return NOTHING;
  const [first] = visits;
  const inside =
    visits.length === 1
      ? first!
      : () => {
          for (let i = 0; i < visits.length; i++) visits[i]!();
        };
  if (filter === null) return inside;
  const passes = workshop.test(workshop.read(filter, "filter"));
  return () => {
    if (passes()) inside();
  };
}

function* compileIterator({ target, nodes }: IteratorNode, workshop: Workshop): Steps<Visit> {
  const { state, slots } = workshop;
  const collection = slots.ofTemplate(target, "filter");
  const visits = yield* compileNodes(nodes, workshop);
  return () => {
    const elements = elementsOf(collection.read());
    const { event } = state.ruleScope;
    for (const [iteration, item] of elements) {
      state.enterElement({ ...event, iterator: { iteration, item } }, iteration);
      for (let i = 0; i < visits.length; i++) visits[i]!();
    }
    state.enterElement(event, null);
  };
}

/** Of an array in its order, of an object in the order of its keys by code point. */
function elementsOf(collection: Json | undefined): readonly (readonly [number | string, Json])[] {
  if (isArray(collection)) return collection.map((item, index) => [index, item]);
  if (!isObject(collection)) return [];
  return Object.keys(collection)
    .sort(orderOfStrings)
    .map((key) => [key, member(collection, key)!]);
}

function* compileRuleset({ rules, path }: RulesetNode, workshop: Workshop): Steps<Visit> {
  const { state, candidates, encoding, found, placed, test: testOf } = workshop;
  const atoms = createAtomChooser(state.variablesTurn);
  const entries = yield* readRules(rules, workshop, atoms);
  if (entries.length === 0) return NOTHING;
  const index = yield* buildIndex(entries, {
    testOf: (parts) => allOf(parts.map(testOf)),
    atoms,
    encoding,
    placed: placed && ((parts) => placed(path, placementOf(parts, state.variablesTurn))),
  });
  return () => {
    candidates.clear();
    index.collect(candidates);
    const { list, length } = candidates;
    if (length > 0) state.setVariables(NO_VARIABLES);
    for (let i = 0; i < length; i++) {
      const { rule, test, bare } = list[i]!;
      if (test !== null && !test()) continue;
      const match = bare !== null && state.iteration === null ? bare : fireRule(rule, state);
      found(match);
      if (!rule.continue && match.status === "matched") break;
    }
  };
}

/** The rules that an event can match, with what they require. */
function* readRules(rules: RulesetNode["rules"], workshop: Workshop, atoms: AtomChooser): Steps<readonly Entry[]> {
  const { conditions, read, requiredBy } = workshop;
  const entries: Entry[] = [];
  for (const [order, rule] of rules.entries()) {
    yield 20;
    if (!rule.active) continue;
    const where = rule.where === null ? conditions.and([]) : read(rule.where, "rule");
    if (where.kind === "constant" && !where.value) continue;
    const parts = where.kind === "and" ? where.parts : where.kind === "constant" ? [] : [where];
    atoms.count(where);
    entries.push({ order, rule, parts, required: requiredBy(where) });
  }
  return entries;
}
