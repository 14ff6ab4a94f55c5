/** One node of a processing tree with everything below it. */
import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, type Json, type JsonObject } from "../json.ts";
import { compileOperator } from "../operator/compile-operator.ts";
import type { Operator } from "../operator/operator.ts";
import { lenient } from "../rule/leniency.ts";
import { checkName } from "../rule/names.ts";
import type { RuleOptions } from "../rule/rule.ts";
import { compileRulesInSteps, nameOfStem } from "../rule/ruleset.ts";
import { warnOfStrayPathsInNode } from "../rule/stray-paths.ts";
import { arrayMember, booleanMember, found, list, strictObject, stringMember } from "../rule/strict-object.ts";
import type { Steps } from "../steps.ts";
import { suggest } from "../suggest.ts";
import { barePath } from "../template/expression.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import type { FilterNode, IteratorNode, RulesetNode, TreeNode } from "./compiled-tree.ts";
import type { SourceDocument } from "./sources.ts";

export interface NodeContext {
  readonly options: RuleOptions;
  /** Folders of `rules/`; null: a single tree, whose rules stand in it. */
  readonly rulesets: Readonly<Record<string, readonly SourceDocument[]>> | null;
  readonly issuesOf: (document: SourceDocument) => IssueSink;
  readonly onRulesetUsed: (folder: string) => void;
  /** Path of the node around this one; "" for the outermost. */
  readonly parentPath: string;
  /** Path of the iterator around, if any. */
  readonly iterator: string | null;
  readonly belowInactive: boolean;
}

const NODE_TYPES = ["filter", "iterator", "ruleset"];

/** Null after the mistakes were reported. */
export function* compileNode(document: Json, context: NodeContext, sink: IssueSink): Steps<TreeNode | null> {
  const issues = context.belowInactive ? lenient(sink, "below-inactive") : sink;
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where a node is expected`, {
      accepted: `an object of type ${list(NODE_TYPES)}`,
    });
    return null;
  }
  const type = member(document, "type");
  switch (type) {
    case "filter":
      return yield* compileFilter(document, context, issues);
    case "iterator":
      return yield* compileIterator(document, context, issues);
    case "ruleset":
      return yield* compileRuleset(document, context, issues);
    default:
      unknownType(type, issues);
      return null;
  }
}

function unknownType(type: Json | undefined, issues: IssueSink): void {
  if (type === undefined) {
    issues.error("missing-key", 'the key "type" is missing', { accepted: list(NODE_TYPES) });
    return;
  }
  const suggestion = typeof type === "string" ? suggest(type, NODE_TYPES) : undefined;
  const name = typeof type === "string" ? JSON.stringify(type) : found(type);
  issues.at("type").error("unknown-node-type", `unknown type of node ${name}`, {
    accepted: list(NODE_TYPES),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function* compileFilter(document: JsonObject, context: NodeContext, issues: IssueSink): Steps<FilterNode | null> {
  strictObject(
    document,
    { required: ["type", "name"], optional: ["description", "active", "filter", "nodes"] },
    issues,
  );
  const common = readCommon(document, context, issues);
  const filter = member(document, "filter") === undefined ? {} : member(document, "filter")!;
  const isEmpty = isObject(filter) && Object.keys(filter).length === 0;
  const roots = ["event", "_variables"];
  const operator: Operator | null | false = isEmpty
    ? null
    : (compileOperator(filter, { ...context.options, roots }, issues.at("filter")) ?? false);
  warnOfStrayPathsInNode(document, issues);
  const nodes = yield* compileChildren(document, common, context, issues);
  return common === null || operator === false ? null : { type: "filter", ...common, filter: operator, nodes };
}

function* compileIterator(document: JsonObject, context: NodeContext, issues: IssueSink): Steps<IteratorNode | null> {
  strictObject(
    document,
    { required: ["type", "name", "target"], optional: ["description", "active", "nodes"] },
    issues,
  );
  const common = readCommon(document, context, issues);
  if (context.iterator !== null)
    issues.error("nested-iterator", `an iterator inside the iterator ${context.iterator}`, {
      accepted: "one iterator between the root and a rule",
    });
  const text = stringMember(document, "target", issues);
  const target = text === undefined ? null : compileTarget(text, issues.at("target"));
  warnOfStrayPathsInNode(document, issues);
  const nodes = yield* compileChildren(document, common, { ...context, iterator: common?.path ?? "" }, issues);
  return common === null || target === null ? null : { type: "iterator", ...common, target, nodes };
}

function compileTarget(text: string, issues: IssueSink): Template | null {
  const target = compileTemplate(text, ["event", "_variables"], issues);
  if (target === null) return null;
  const [part] = target.parts;
  const path = target.kind === "value" && typeof part === "object" ? barePath(part) : undefined;
  if (path?.root === "event") return target;
  issues.error("bad-target", `${JSON.stringify(text)} is not a simple accessor`, {
    accepted: "one path of the event, ${event.payload.alerts}",
  });
  return null;
}

function* compileRuleset(document: JsonObject, context: NodeContext, issues: IssueSink): Steps<RulesetNode | null> {
  strictObject(document, { required: ["type", "name"], optional: ["ruleset", "rules"] }, issues);
  const name = nodeName(document, issues);
  const folder = stringMember(document, "ruleset", issues);
  const inline = arrayMember(document, "rules", issues);
  if (Object.hasOwn(document, "ruleset") === Object.hasOwn(document, "rules"))
    issues.error(
      folder === undefined ? "missing-key" : "too-many-keys",
      folder === undefined ? "the rules are missing" : "ruleset and rules exclude each other",
      { accepted: "ruleset: a folder of rules/, or rules: a list" },
    );
  if (name === undefined) return null;
  const path = join(context.parentPath, name);
  const options = { ...context.options, belowInactive: context.belowInactive };
  if (folder !== undefined) {
    const rules = folderRules(folder, context, issues.at("ruleset"));
    return rules && { type: "ruleset", name, path, folder, rules: yield* compileFolder(rules, path, context) };
  }
  const sources = (inline ?? []).map((rule, at) => ({
    document: rule,
    fallbackName: null,
    issues: issues.at("rules", at),
  }));
  return {
    type: "ruleset",
    name,
    path,
    folder: null,
    rules: yield* compileRulesInSteps(sources, path, { ...options, fromFiles: false }),
  };
}

function folderRules(
  folder: string,
  { rulesets, onRulesetUsed }: NodeContext,
  issues: IssueSink,
): readonly SourceDocument[] | null {
  if (rulesets === null) {
    issues.error("unknown-ruleset", "a single tree has no folder of rules", { accepted: "rules: a list" });
    return null;
  }
  if (Object.hasOwn(rulesets, folder)) {
    onRulesetUsed(folder);
    return rulesets[folder]!;
  }
  const folders = Object.keys(rulesets);
  const suggestion = suggest(folder, folders);
  issues.error("unknown-ruleset", `rules/ has no folder ${JSON.stringify(folder)}`, {
    accepted: folders.length === 0 ? "none is there" : list(folders),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return null;
}

/** The rules of a folder below the node of this path. */
export function* compileFolder(
  documents: readonly SourceDocument[],
  path: string,
  { options, belowInactive, issuesOf }: NodeContext,
): Steps<RulesetNode["rules"]> {
  const sources = documents.map((document) => ({
    document: document.value,
    fallbackName: nameOfStem(document.stem),
    issues: issuesOf(document),
  }));
  return yield* compileRulesInSteps(sources, path, { ...options, belowInactive, fromFiles: true });
}

interface Common {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly active: boolean;
}

function readCommon(document: JsonObject, { parentPath }: NodeContext, issues: IssueSink): Common | null {
  const name = nodeName(document, issues);
  const description = stringMember(document, "description", issues, "") ?? "";
  const active = booleanMember(document, "active", issues, true);
  return name === undefined ? null : { name, path: join(parentPath, name), description, active };
}

/** A name that is none is used all the same, so that what lies below is checked too. */
function nodeName(document: JsonObject, issues: IssueSink): string | undefined {
  const name = member(document, "name");
  return checkName("a node", name, issues.at("name")) ?? (typeof name === "string" ? name : undefined);
}

const join = (parent: string, name: string): string => (parent === "" ? name : `${parent}.${name}`);

function* compileChildren(
  document: JsonObject,
  common: Common | null,
  context: NodeContext,
  issues: IssueSink,
): Steps<readonly TreeNode[]> {
  const inner: NodeContext = {
    ...context,
    parentPath: common?.path ?? context.parentPath,
    belowInactive: context.belowInactive || common?.active === false,
  };
  const children: NamedNode[] = [];
  for (const [at, child] of (arrayMember(document, "nodes", issues) ?? []).entries()) {
    const inside = issues.at("nodes", at);
    children.push({ node: yield* compileNode(child, inner, inside), issues: inside });
  }
  return distinctNames(children);
}

export interface NamedNode {
  /** Null: it could not be compiled. */
  readonly node: TreeNode | null;
  readonly issues: IssueSink;
}

/** The nodes that could be compiled; a name used twice among them is reported. */
export function distinctNames(children: readonly NamedNode[]): readonly TreeNode[] {
  const names = new Set<string>();
  const nodes: TreeNode[] = [];
  for (const { node, issues } of children) {
    if (node === null) continue;
    if (names.has(node.name))
      issues
        .at("name")
        .error("duplicate-name", `the name ${JSON.stringify(node.name)} is used by an earlier node beside it`);
    names.add(node.name);
    nodes.push(node);
  }
  return nodes;
}
