/**
 * Warnings of what Tornado takes and nobody means: paths that are missing whatever the event is (a key that no event has,
 * `${event.typ}`, `${event.host}`; a variable of a rule that is not there, comes later or is inactive), a `${` that never
 * closes, and `event.type` without `${}` where a value is compared.
 *
 * Documents are read here, not what was compiled of them, so that a rule with a mistake elsewhere is looked at too.
 */
import { issueSink, type IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { printPath, type Path } from "../path.ts";
import { runSteps, type Steps } from "../steps.ts";
import { suggest } from "../suggest.ts";
import { operandsOf, parseExpression } from "../template/expression.ts";
import { scanTemplate } from "../template/scan.ts";

/** `iterator` is there below an iterator only. */
const EVENT_KEYS = ["id", "type", "created_ms", "payload", "metadata", "trace_id", "iterator"];

export interface StrayRule {
  readonly name: string;
  readonly document: Json;
  readonly issues: IssueSink;
}

export const warnOfStrayPaths = (rules: readonly StrayRule[]): void => runSteps(warnOfStrayPathsInSteps(rules));

/** The rules of one ruleset, in order. */
export function* warnOfStrayPathsInSteps(rules: readonly StrayRule[]): Steps<void> {
  const variables = new Map(rules.map(({ name, document }) => [name, variablesOf(document)]));
  const active = rules.filter(({ document }) => isObject(document) && member(document, "active") !== false);
  // Positions, since sets of what comes before and after each of ten thousand rules would take longer than all the rest.
  const last = new Map(active.map(({ name }, at) => [name, at] as const));
  const first = new Map<string, number>();
  for (const [at, { name }] of active.entries()) if (!first.has(name)) first.set(name, at);
  for (const [at, { name, document, issues }] of active.entries()) {
    yield RULE;
    if (!isObject(document)) continue;
    const isEarlier = (other: string): boolean => (first.get(other) ?? Infinity) < at;
    const problemIn = (own: readonly string[] | null) => {
      const isVisible = (other: string): boolean => isEarlier(other) || (own !== null && other === name);
      const known: Known = {
        rule: name,
        own,
        variables,
        isVisible,
        visible: () => [...first.keys()].filter(isVisible),
        isLater: (other) => (last.get(other) ?? -1) > at,
      };
      return (path: Path) => eventProblem(path) ?? variableProblem(path, known);
    };
    const constraint = member(document, "constraint") ?? null;
    const conditions = problemIn(null);
    const consequences = problemIn(variables.get(name) ?? []);
    if (isObject(constraint)) {
      inOperator(member(constraint, "WHERE"), conditions, issues.at("constraint", "WHERE"));
      inExtractors(member(constraint, "WITH"), conditions, issues.at("constraint", "WITH"));
    }
    inActions(member(document, "actions"), consequences, issues.at("actions"));
  }
}

/** Of looking at one. */
const RULE = 30;

/** A filter, or the target of an iterator: variables are there in rulesets only. */
export function warnOfStrayPathsInNode(document: JsonObject, issues: IssueSink): void {
  const inFilter = (path: Path): Problem | null =>
    eventProblem(path) ??
    (path.root === "_variables" ? { reason: "variables are seen by rules only", accepted: "event" } : null);
  inOperator(member(document, "filter"), inFilter, issues.at("filter"));
  const target = member(document, "target");
  if (typeof target === "string") inTemplate(target, eventProblem, issues.at("target"));
}

interface Problem {
  readonly reason: string;
  readonly accepted: string;
  readonly suggestion?: string;
}
type ProblemOf = (path: Path) => Problem | null;

function eventProblem({ root, steps: [key, ...rest] }: Path): Problem | null {
  if (root !== "event" || typeof key !== "string" || EVENT_KEYS.includes(key)) return null;
  const suggestion = suggest(key, EVENT_KEYS) ?? printPath({ root: "payload", steps: [key, ...rest] });
  return { reason: `no event has the key ${JSON.stringify(key)}`, accepted: EVENT_KEYS.join(", "), suggestion };
}

interface Known {
  readonly rule: string;
  /** The rule's own variables; null where they are not there yet. */
  readonly own: readonly string[] | null;
  readonly variables: ReadonlyMap<string, readonly string[]>;
  /** Rules whose variables are there. */
  isVisible(rule: string): boolean;
  visible(): readonly string[];
  isLater(rule: string): boolean;
}

function variableProblem({ root, steps: [first, second] }: Path, known: Known): Problem | null {
  if (root !== "_variables" || typeof first !== "string" || known.own?.includes(first) === true) return null;
  const { rule, own, variables, isVisible, isLater } = known;
  if (isVisible(first)) {
    const there = variables.get(first)!;
    if (second === undefined ? there.length > 0 : there.includes(String(second))) return null;
  }
  const visible = known.visible();
  const names = [
    ...(own ?? []),
    ...visible.flatMap((name) => variables.get(name)!.map((variable) => `${name}.${variable}`)),
  ];
  const accepted = names.length === 0 ? "none is there" : names.join(", ");
  const wrong = (reason: string, near?: string): Problem => ({
    reason,
    accepted,
    ...(near === undefined ? {} : { suggestion: near }),
  });
  const name = JSON.stringify(first);
  if (isVisible(first)) {
    const there = variables.get(first)!;
    const near = suggest(String(second), there);
    return wrong(
      second === undefined
        ? `the rule ${name} has no variables`
        : `the rule ${name} has no variable ${JSON.stringify(second)}`,
      near === undefined ? undefined : `${first}.${near}`,
    );
  }
  if (isLater(first)) return wrong(`the rule ${name} comes later`);
  if (variables.has(first) && first !== rule) return wrong(`the rule ${name} is inactive`);
  if (own === null && (first === rule || variables.get(rule)?.includes(first) === true))
    return wrong("the variables of this rule are there for its actions only");
  const reason = `${own === null ? "no" : "no variable of this rule and no"} earlier rule of this ruleset is named ${name}`;
  const near = suggest(first, [...(own ?? []), ...visible.filter((one) => variables.get(one)!.length > 0)]);
  const whole = near !== undefined && typeof second === "string" && names.includes(`${near}.${second}`);
  return wrong(reason, whole ? `${near}.${second}` : near);
}

function variablesOf(document: Json): readonly string[] {
  const constraint = isObject(document) ? (member(document, "constraint") ?? null) : null;
  const variables = isObject(constraint) ? (member(constraint, "WITH") ?? null) : null;
  return isObject(variables) ? Object.keys(variables) : [];
}

/** Strings of an operator's own keys are templates; inside lists and objects they are literals. */
function inOperator(operator: Json | undefined, problem: ProblemOf, issues: IssueSink): void {
  if (!isObject(operator)) return;
  for (const key of Object.keys(operator)) {
    const value = member(operator, key);
    if (typeof value !== "string" || key === "type" || key === "regex") continue;
    inTemplate(value, problem, issues.at(key));
    bareAccessor(value, issues.at(key));
  }
  inOperator(member(operator, "operator"), problem, issues.at("operator"));
  const operators = member(operator, "operators");
  if (isArray(operators))
    for (const [at, one] of operators.entries()) inOperator(one, problem, issues.at("operators", at));
}

function inExtractors(extractors: Json | undefined, problem: ProblemOf, issues: IssueSink): void {
  if (!isObject(extractors)) return;
  for (const name of Object.keys(extractors)) {
    const extractor = member(extractors, name);
    if (!isObject(extractor)) continue;
    const from = member(extractor, "from");
    if (typeof from === "string") {
      inTemplate(from, problem, issues.at(name, "from"));
      bareAccessor(from, issues.at(name, "from"));
    }
    const modifiers = member(extractor, "modifiers_post");
    if (!isArray(modifiers)) continue;
    for (const [at, modifier] of modifiers.entries()) {
      const replace = isObject(modifier) ? member(modifier, "replace") : undefined;
      if (typeof replace === "string") inTemplate(replace, problem, issues.at(name, "modifiers_post", at, "replace"));
    }
  }
}

function inActions(actions: Json | undefined, problem: ProblemOf, issues: IssueSink): void {
  if (!isArray(actions)) return;
  for (const [at, action] of actions.entries()) {
    if (!isObject(action)) continue;
    inPayload(member(action, "payload"), problem, issues.at(at, "payload"));
    inOperator(member(action, "when"), problem, issues.at(at, "when"));
  }
}

function inPayload(value: Json | undefined, problem: ProblemOf, issues: IssueSink): void {
  if (typeof value === "string") inTemplate(value, problem, issues);
  else if (isArray(value)) for (const [at, item] of value.entries()) inPayload(item, problem, issues.at(at));
  else if (isObject(value) && !isMustache(value))
    for (const key of Object.keys(value)) inPayload(member(value, key), problem, issues.at(key));
}

const isMustache = (value: JsonObject): boolean => Object.keys(value).length === 1 && Object.hasOwn(value, "mustache");

function inTemplate(text: string, problem: ProblemOf, issues: IssueSink): void {
  const quiet = issueSink([]);
  for (const part of scanTemplate(text)) {
    if (typeof part === "string") {
      if (/\$\{(?!\})/.test(part))
        issues.warning("unclosed-placeholder", "a ${ without } stays text", { accepted: "${event.path}" });
      continue;
    }
    // What is wrong in it is reported where it is compiled.
    const expression = parseExpression(part.inside, quiet);
    for (const operand of expression === null ? [] : operandsOf(expression)) {
      const found = operand.kind === "path" ? problem(operand.path) : null;
      if (operand.kind !== "path" || found === null) continue;
      const { reason, ...more } = found;
      issues.warning("always-missing", `${reason}, so ${printPath(operand.path)} is always missing`, more);
    }
  }
}

const ACCESSOR = new RegExp(
  `^[\\s{$]*(event\\.(?:${EVENT_KEYS.join("|")})|_variables\\.\\w+)((?:\\.(?:"[^"]*"|[\\w@-]+)|\\[\\d+\\])*)[\\s}]*$`,
);

/** A text that is compared, where a value of the event was likely meant. */
function bareAccessor(text: string, issues: IssueSink): void {
  const [, head, rest] = text.includes("${") ? [] : (ACCESSOR.exec(text) ?? []);
  if (head === undefined) return;
  issues.warning("bare-accessor", `${JSON.stringify(text)} is taken as text, not as a value of the event`, {
    accepted: "${event.path} for a value",
    suggestion: `\${${head}${rest}}`,
  });
}
