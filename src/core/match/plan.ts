/** The places of all rules of a tree, as the compiled matcher has them. */
import type { CompiledTree } from "../tree/compiled-tree.ts";
import { compileSteps } from "./compile.ts";
import type { Placement } from "./placement.ts";
import { runSteps } from "../steps.ts";

export interface RulesetPlan {
  /** Node names from the outermost to the ruleset, joined by dots. */
  readonly path: string;
  readonly places: readonly Placement[];
}

/** Rulesets in tree order; without those that no event can reach. */
export function planOf(tree: CompiledTree): readonly RulesetPlan[] {
  const plans: { readonly path: string; readonly places: Placement[] }[] = [];
  const placed = (path: string, placement: Placement): void => {
    const last = plans.at(-1);
    if (last?.path === path) last.places.push(placement);
    else plans.push({ path, places: [placement] });
  };
  runSteps(compileSteps(tree, placed));
  return plans;
}
