/**
 * Documents → the tree that is evaluated. The outermost node is `root`, which always matches; below it the files of
 * `processing-trees/`, or, where there are none, every folder of `rules/` as a ruleset. A single tree file (`--tree`) is
 * its own outermost node.
 */
import type { ActionCatalog } from "../rule/action-catalog.ts";
import { checkName } from "../rule/names.ts";
import type { RegexLimits } from "../regex/regex.ts";
import { orderOfStrings } from "../operator/compare.ts";
import type { ReadList } from "../operator/operator.ts";
import { runSteps, runStepsInSlices, type Steps } from "../steps.ts";
import { collectIssues } from "./collected-issues.ts";
import { compileFolder, compileNode, distinctNames, type NamedNode, type NodeContext } from "./compile-node.ts";
import { activeRules, type CompiledTree, type FilterNode, type TreeNode } from "./compiled-tree.ts";
import type { SourceDocument, TreeSources } from "./sources.ts";

export interface CompileOptions {
  /** Null: executors are not known and not checked. */
  readonly actions: ActionCatalog | null;
  readonly regex: RegexLimits;
  /** Reads the files that conditions name; absent: they cannot name any. */
  readonly readList?: ReadList;
}

/** Null: errors were reported to the documents' sinks. */
export const compileTree = (sources: TreeSources, options: CompileOptions): CompiledTree | null =>
  runSteps(compile(sources, options));

/** The same, awaiting `yieldNow` after every few milliseconds of work. */
export const compileTreeInSlices = (
  sources: TreeSources,
  options: CompileOptions,
  yieldNow: () => Promise<void>,
): Promise<CompiledTree | null> => runStepsInSlices(compile(sources, options), yieldNow);

function* compile({ trees, rulesets }: TreeSources, options: CompileOptions): Steps<CompiledTree | null> {
  const issues = collectIssues();
  const unused = new Set(Object.keys(rulesets));
  const context: NodeContext = {
    options: shared(options),
    rulesets,
    issuesOf: issues.of,
    onRulesetUsed: (folder) => void unused.delete(folder),
    parentPath: "root",
    iterator: null,
    belowInactive: false,
  };
  const nodes = yield* trees.length === 0 ? implicitNodes(rulesets, context) : writtenNodes(trees, context);
  if (trees.length > 0)
    for (const folder of unused) {
      const [first] = rulesets[folder]!;
      if (first)
        issues.of(first).warning("unused-ruleset", `no processing tree uses the ruleset ${JSON.stringify(folder)}`);
    }
  const root: FilterNode = {
    type: "filter",
    name: "root",
    path: "root",
    description: "",
    active: true,
    filter: null,
    nodes,
  };
  return issues.flush() ? null : compiled(root);
}

/** One file whose rules stand in it. Null: errors were reported to its sink. */
export function compileSingleTree(document: SourceDocument, options: CompileOptions): CompiledTree | null {
  const issues = collectIssues();
  const context: NodeContext = {
    options: shared(options),
    rulesets: null,
    issuesOf: issues.of,
    onRulesetUsed: () => undefined,
    parentPath: "",
    iterator: null,
    belowInactive: false,
  };
  const root = runSteps(compileNode(document.value, context, issues.of(document)));
  return issues.flush() || root === null ? null : compiled(root);
}

function* writtenNodes(trees: readonly SourceDocument[], context: NodeContext): Steps<readonly TreeNode[]> {
  const nodes: NamedNode[] = [];
  for (const tree of trees) {
    const issues = context.issuesOf(tree);
    nodes.push({ node: yield* compileNode(tree.value, context, issues), issues });
  }
  return distinctNames(nodes);
}

function* implicitNodes(
  rulesets: Readonly<Record<string, readonly SourceDocument[]>>,
  context: NodeContext,
): Steps<readonly TreeNode[]> {
  const nodes: TreeNode[] = [];
  for (const folder of Object.keys(rulesets).sort(orderOfStrings)) {
    const documents = rulesets[folder]!;
    const [first] = documents;
    if (first) checkName("a ruleset", folder, context.issuesOf(first));
    const path = `root.${folder}`;
    nodes.push({ type: "ruleset", name: folder, path, folder, rules: yield* compileFolder(documents, path, context) });
  }
  return nodes;
}

/** Rules of one tree share their templates and patterns. */
const shared = (options: CompileOptions): NodeContext["options"] => ({
  ...options,
  regex: { known: new Map(), ...options.regex },
  templates: new Map(),
});

const compiled = (root: TreeNode): CompiledTree => ({ root, rulePaths: activeRules(root).map((rule) => rule.path) });
