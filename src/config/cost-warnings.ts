/** Warnings of rules that are tested for every event and take long: `check --cost`. */
import type { IssueSink } from "../core/diagnostic.ts";
import { isExpensive } from "../core/match/placement.ts";
import { planOf } from "../core/match/plan.ts";
import type { Rule } from "../core/rule/rule.ts";
import type { CompiledTree, TreeNode } from "../core/tree/compiled-tree.ts";
import type { RuleFiles } from "./rules.ts";

/** The tree is that of the files. A folder that two nodes use has its rules warned of once. */
export function warnOfCost(tree: CompiledTree, files: RuleFiles): void {
  const sinks = sinksOf(tree, files);
  const warned = new Set<string>();
  for (const place of planOf(tree).flatMap(({ places }) => places)) {
    const found = isExpensive(place) ? sinks.get(place.rule) : undefined;
    if (found === undefined || warned.has(found.place)) continue;
    warned.add(found.place);
    found.issues.warning(
      "expensive-rule",
      `the rule ${place.rule.name} is tested for every event, about ${Math.round(place.cost)} ns each: ${place.reason}`,
      { accepted: "beside it, an operator that most events fail: equals, in, or a text of three characters or more" },
    );
  }
}

interface RuleSink {
  /** Names the rule's text, wherever it is used. */
  readonly place: string;
  readonly issues: IssueSink;
}

/** Where each rule is written. Nothing was left out on the way from files to a tree without mistakes. */
function sinksOf({ root }: CompiledTree, { trees, rulesets }: RuleFiles): ReadonlyMap<Rule, RuleSink> {
  const sinks = new Map<Rule, RuleSink>();
  const visit = (node: TreeNode, issues: IssueSink | null, file: string): void => {
    if (node.type !== "ruleset") {
      for (const [at, inner] of node.nodes.entries()) visit(inner, issues?.at("nodes", at) ?? null, file);
      return;
    }
    const documents = node.folder === null ? null : rulesets.get(node.folder);
    for (const [at, rule] of node.rules.entries()) {
      const document = documents?.[at];
      const inside = document?.issues ?? issues?.at("rules", at);
      const place = document?.file ?? `${file} ${JSON.stringify(inside?.path)}`;
      if (inside) sinks.set(rule, { place, issues: inside.at("constraint", "WHERE") });
    }
  };
  if (root.type === "ruleset") return sinks;
  if (trees.length === 0) for (const node of root.nodes) visit(node, null, "");
  else for (const [at, node] of root.nodes.entries()) visit(node, trees[at]!.issues, trees[at]!.file);
  return sinks;
}
