/** A processing tree ready to be evaluated: readonly data all the way down to operators and templates. */
import type { Operator } from "../operator/operator.ts";
import type { Rule } from "../rule/rule.ts";
import type { Template } from "../template/template.ts";

export interface CompiledTree {
  readonly root: TreeNode;
  /** Of every rule that can run (active, below active nodes), in tree order. */
  readonly rulePaths: readonly string[];
}

export type TreeNode = FilterNode | IteratorNode | RulesetNode;

interface NodeBase {
  readonly name: string;
  /** Node names from the outermost to this one, joined by dots. */
  readonly path: string;
}

export interface FilterNode extends NodeBase {
  readonly type: "filter";
  readonly description: string;
  readonly active: boolean;
  /** Null: all pass. */
  readonly filter: Operator | null;
  readonly nodes: readonly TreeNode[];
}

export interface IteratorNode extends NodeBase {
  readonly type: "iterator";
  readonly description: string;
  readonly active: boolean;
  /** One path of the event. */
  readonly target: Template;
  readonly nodes: readonly TreeNode[];
}

export interface RulesetNode extends NodeBase {
  readonly type: "ruleset";
  /** The folder of `rules/`; null: the rules stand in the tree. */
  readonly folder: string | null;
  readonly rules: readonly Rule[];
}

export const childrenOf = (node: TreeNode): readonly TreeNode[] => (node.type === "ruleset" ? [] : node.nodes);

/** In tree order, without what lies below inactive nodes. */
export function activeRules(node: TreeNode): readonly Rule[] {
  if (node.type === "ruleset") return node.rules.filter((rule) => rule.active);
  return node.active ? node.nodes.flatMap(activeRules) : [];
}
