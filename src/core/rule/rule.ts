/**
 * One rule: WHERE, WITH and actions under a name. In an inactive rule everything is read, nothing but its shape is an error.
 */
import type { IssueSink } from "../diagnostic.ts";
import { compileExtractor, type Extractor } from "../extractor/compile-extractor.ts";
import { isObject, member, type Json, type JsonObject } from "../json.ts";
import { compileOperator } from "../operator/compile-operator.ts";
import type { TemplateMap } from "../operator/operand.ts";
import type { Operator, ReadList } from "../operator/operator.ts";
import type { RegexLimits } from "../regex/regex.ts";
import type { ActionCatalog } from "./action-catalog.ts";
import { compileActions } from "./action.ts";
import type { RuleAction } from "./compiled-action.ts";
import { lenient, type Leniency } from "./leniency.ts";
import { checkName } from "./names.ts";
import { isDynamic } from "./payload.ts";
import { readRuleTests, type RuleTest } from "./rule-test.ts";
import { arrayMember, booleanMember, found, strictObject, stringMember } from "./strict-object.ts";

export interface Rule {
  readonly name: string;
  /** Node names from the outermost to the rule's own, joined by dots. */
  readonly path: string;
  readonly description: string;
  readonly active: boolean;
  /** False: a full match ends the ruleset. */
  readonly continue: boolean;
  /** Null: always. */
  readonly where: Operator | null;
  readonly extractors: readonly Extractor[];
  readonly actions: readonly RuleAction[];
  readonly tests: readonly RuleTest[];
}

export interface RuleOptions {
  readonly actions: ActionCatalog | null;
  readonly regex: RegexLimits;
  /** Reads the files that conditions name; absent: they cannot name any. */
  readonly readList?: ReadList;
  /** Shared by all rules of a tree. */
  readonly templates?: TemplateMap;
}

const OPTIONAL = ["name", "description", "continue", "active", "constraint", "tests"];
const STATEFUL = ["alert", "resolve_actions", "moved_from"];
const ROOTS = ["event", "_variables"];

export interface RuleSource {
  readonly document: Json;
  /** Used where the document has no name. */
  readonly fallbackName: string | null;
  readonly issues: IssueSink;
}

/** Null after the mistakes were reported; an inactive rule keeps only its name and tests. */
export function compileRule(
  { document, fallbackName, issues }: RuleSource,
  parentPath: string,
  options: RuleOptions,
  belowInactive: boolean,
): Rule | null {
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where a rule is expected`, {
      accepted: "an object with name, constraint, actions",
    });
    return null;
  }
  const active = booleanMember(document, "active", issues, true);
  const leniency: Leniency = !active ? "inactive-rule" : belowInactive ? "below-inactive" : "none";
  const soft = lenient(issues, leniency);

  const name = ruleName(document, fallbackName, soft);
  checkKeys(document, soft);
  const description = stringMember(document, "description", soft, "") ?? "";
  const goesOn = booleanMember(document, "continue", soft, true);
  const constraint = Object.hasOwn(document, "constraint") ? member(document, "constraint") : {};
  const parts = strictObject(constraint, { required: [], optional: ["WHERE", "WITH"] }, soft.at("constraint"));
  const compile = { ...options, roots: ROOTS };
  const where = parts && compileWhere(member(parts, "WHERE"), compile, soft.at("constraint", "WHERE"));
  const extractors = parts && compileWith(member(parts, "WITH"), compile, soft.at("constraint", "WITH"));
  const actions = compileActions(
    arrayMember(document, "actions", soft) ?? [],
    { ...compile, inactive: !active },
    soft.at("actions"),
  );
  const tests = readRuleTests(document, active ? soft : lenient(issues, "everything"));

  if (name === undefined) return null;
  const rule = { name, path: `${parentPath}.${name}`, description, active, continue: goesOn, tests };
  if (!active) return { ...rule, where: null, extractors: [], actions: [] };
  return where && extractors && actions ? { ...rule, where: where.operator, extractors, actions } : null;
}

function ruleName(document: JsonObject, fallback: string | null, issues: IssueSink): string | undefined {
  const given = Object.hasOwn(document, "name");
  if (!given && fallback === null) {
    issues.error("missing-name", 'the key "name" is missing');
    return undefined;
  }
  const name = given ? member(document, "name") : fallback!;
  return checkName("a rule", name, given ? issues.at("name") : issues) ?? (typeof name === "string" ? name : undefined);
}

function checkKeys(document: JsonObject, issues: IssueSink): void {
  strictObject(document, { required: ["actions"], optional: [...OPTIONAL, ...STATEFUL] }, issues);
  for (const key of STATEFUL)
    if (Object.hasOwn(document, key))
      issues.at(key).error("stateful-rule", "stateful rules are not supported by this version");
}

/** Absent, null and {}: always. */
function compileWhere(
  where: Json | undefined,
  options: RuleOptions & { readonly roots: readonly string[] },
  issues: IssueSink,
): { readonly operator: Operator | null } | null {
  if (where === undefined || where === null || (isObject(where) && Object.keys(where).length === 0))
    return { operator: null };
  const operator = compileOperator(where, options, issues);
  return operator && { operator };
}

function compileWith(
  value: Json | undefined,
  options: RuleOptions & { readonly roots: readonly string[] },
  issues: IssueSink,
): readonly Extractor[] | null {
  if (value === undefined) return [];
  if (!isObject(value)) {
    issues.error("wrong-type", `${found(value)} where variables are expected`, {
      accepted: '{name: {from: "${event.path}", regex: {match: pattern}}}',
    });
    return null;
  }
  const extractors = Object.keys(value).map((name) => {
    checkName("a variable", name, issues.at(name));
    return compileExtractor(name, member(value, name), options, issues.at(name));
  });
  return extractors.every((extractor) => extractor !== null) ? extractors : null;
}

/** Whether every event that reaches the rule matches it in full, so that with `continue: false` nothing passes it. */
export const stopsEverything = (rule: Rule): boolean =>
  rule.active &&
  !rule.continue &&
  (rule.where === null || alwaysTrue(rule.where)) &&
  rule.extractors.length === 0 &&
  rule.actions.every(alwaysRendered);

const alwaysRendered = (action: RuleAction): boolean =>
  action.when === null &&
  (action.kind === "foreach"
    ? !isDynamic(action.target) && action.actions.every(alwaysRendered)
    : !isDynamic(action.payload));

function alwaysTrue({ type, operators }: Operator): boolean {
  if (type === "AND") return operators.every(alwaysTrue);
  if (type === "OR") return operators.some(alwaysTrue);
  return type === "NOT" && operators.every(alwaysFalse);
}

function alwaysFalse({ type, operators }: Operator): boolean {
  if (type === "AND") return operators.some(alwaysFalse);
  if (type === "OR") return operators.every(alwaysFalse);
  return type === "NOT" && operators.every(alwaysTrue);
}
