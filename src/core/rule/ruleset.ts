/** The ordered rules of one ruleset: compiles each, and checks what concerns them together. */
import { lenient } from "./leniency.ts";
import { isObject, member } from "../json.ts";
import { runSteps, type Steps } from "../steps.ts";
import { compileRule, stopsEverything, type Rule, type RuleOptions, type RuleSource } from "./rule.ts";
import { warnOfStrayPathsInSteps } from "./stray-paths.ts";

export interface RulesetOptions extends RuleOptions {
  readonly belowInactive: boolean;
  /** Rules in files: a name may be used once, by active and inactive rules. Rules in a tree: once by active ones. */
  readonly fromFiles: boolean;
}

export const compileRules = (
  sources: readonly RuleSource[],
  parentPath: string,
  options: RulesetOptions,
): readonly Rule[] => runSteps(compileRulesInSteps(sources, parentPath, options));

/** Those that could be compiled; mistakes were reported. */
export function* compileRulesInSteps(
  sources: readonly RuleSource[],
  parentPath: string,
  options: RulesetOptions,
): Steps<readonly Rule[]> {
  const rules: Rule[] = [];
  const names = new Map<string, Rule>();
  let stopper: Rule | undefined;
  for (const source of sources) {
    yield RULE;
    const rule = compileRule(source, parentPath, options, options.belowInactive);
    if (rule === null) continue;
    const namesake = names.get(rule.name);
    if (namesake !== undefined) {
      const forgiven = !options.fromFiles && !(rule.active && namesake.active);
      const at = lenient(source.issues.at("name"), forgiven ? "everything" : "none");
      at.error("duplicate-name", `the name ${JSON.stringify(rule.name)} is used by an earlier rule of this ruleset`);
    }
    if (namesake === undefined || rule.active) names.set(rule.name, rule);
    if (stopper !== undefined && rule.active)
      source.issues.warning(
        "unreachable-rule",
        `never reached: the rule ${stopper.name} always matches and has continue: false`,
      );
    if (stopsEverything(rule)) stopper ??= rule;
    rules.push(rule);
  }
  yield* warnOfStrayPathsInSteps(sources.map((source) => ({ ...source, name: nameIn(source) })));
  return rules;
}

/** Of compiling one. */
const RULE = 100;

function nameIn({ document, fallbackName }: RuleSource): string {
  const name = isObject(document) ? member(document, "name") : undefined;
  return typeof name === "string" ? name : (fallbackName ?? "");
}

/** A rule without a name takes its file's, less the number that orders it. */
export const nameOfStem = (stem: string): string => stem.replace(/^\d+_/, "");
