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
  const read = templateReader();
  for (const [at, { name, document, issues }] of active.entries()) {
    yield RULE;
    if (!isObject(document)) continue;
    const isEarlier = (other: string): boolean => (first.get(other) ?? Infinity) < at;
    const lookFor = (own: readonly string[] | null): Look => {
      const isVisible = (other: string): boolean => isEarlier(other) || (own !== null && other === name);
      const known: Known = {
        rule: name,
        own,
        variables,
        isVisible,
        visible: () => [...first.keys()].filter(isVisible),
        isLater: (other) => (last.get(other) ?? -1) > at,
      };
      return { read, issues, problem: (path: Path) => eventProblem(path) ?? variableProblem(path, known) };
    };
    const constraint = member(document, "constraint") ?? null;
    const conditions = lookFor(null);
    const consequences = lookFor(variables.get(name) ?? []);
    if (isObject(constraint)) {
      inOperator(member(constraint, "WHERE"), conditions, below(below(null, "constraint"), "WHERE"));
      inExtractors(member(constraint, "WITH"), conditions, below(below(null, "constraint"), "WITH"));
    }
    inActions(member(document, "actions"), consequences, below(null, "actions"));
  }
}

/** Of looking at one. */
const RULE = 30;

/** A filter, or the target of an iterator: variables are there in rulesets only. */
export function warnOfStrayPathsInNode(document: JsonObject, issues: IssueSink): void {
  const inFilter = (path: Path): Problem | null =>
    eventProblem(path) ??
    (path.root === "_variables" ? { reason: "variables are seen by rules only", accepted: "event" } : null);
  const read = templateReader();
  inOperator(member(document, "filter"), { read, issues, problem: inFilter }, below(null, "filter"));
  const target = member(document, "target");
  if (typeof target === "string") inTemplate(target, { read, issues, problem: eventProblem }, below(null, "target"));
}

interface Problem {
  readonly reason: string;
  readonly accepted: string;
  readonly suggestion?: string;
}

/** What the walk through a document asks and tells. */
interface Look {
  readonly read: (template: string) => TemplateText;
  readonly issues: IssueSink;
  readonly problem: (path: Path) => Problem | null;
}

/** Where the walk is, from the innermost key outward; a path is made of it only where there is something to tell. */
interface Place {
  readonly key: string | number;
  readonly around: Place | null;
}

const below = (around: Place | null, key: string | number): Place => ({ key, around });

function sinkAt({ issues }: Look, place: Place): IssueSink {
  const keys: (string | number)[] = [];
  for (let at: Place | null = place; at !== null; at = at.around) keys.unshift(at.key);
  return issues.at(...keys);
}

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
function inOperator(operator: Json | undefined, look: Look, place: Place): void {
  if (!isObject(operator)) return;
  for (const key of Object.keys(operator)) {
    const value = member(operator, key);
    if (typeof value !== "string" || key === "type" || key === "regex") continue;
    inTemplate(value, look, below(place, key));
    bareAccessor(value, look, below(place, key));
  }
  inOperator(member(operator, "operator"), look, below(place, "operator"));
  const operators = member(operator, "operators");
  if (isArray(operators))
    for (const [at, one] of operators.entries()) inOperator(one, look, below(below(place, "operators"), at));
}

function inExtractors(extractors: Json | undefined, look: Look, place: Place): void {
  if (!isObject(extractors)) return;
  for (const name of Object.keys(extractors)) {
    const extractor = member(extractors, name);
    if (!isObject(extractor)) continue;
    const from = member(extractor, "from");
    if (typeof from === "string") {
      inTemplate(from, look, below(below(place, name), "from"));
      bareAccessor(from, look, below(below(place, name), "from"));
    }
    const modifiers = member(extractor, "modifiers_post");
    if (!isArray(modifiers)) continue;
    for (const [at, modifier] of modifiers.entries()) {
      const replace = isObject(modifier) ? member(modifier, "replace") : undefined;
      if (typeof replace === "string")
        inTemplate(replace, look, below(below(below(below(place, name), "modifiers_post"), at), "replace"));
    }
  }
}

function inActions(actions: Json | undefined, look: Look, place: Place): void {
  if (!isArray(actions)) return;
  for (const [at, action] of actions.entries()) {
    if (!isObject(action)) continue;
    inPayload(member(action, "payload"), look, below(below(place, at), "payload"));
    inOperator(member(action, "when"), look, below(below(place, at), "when"));
  }
}

function inPayload(value: Json | undefined, look: Look, place: Place): void {
  if (typeof value === "string") inTemplate(value, look, place);
  else if (isArray(value)) for (const [at, item] of value.entries()) inPayload(item, look, below(place, at));
  else if (isObject(value) && !isMustache(value))
    for (const key of Object.keys(value)) inPayload(member(value, key), look, below(place, key));
}

const isMustache = (value: JsonObject): boolean => Object.keys(value).length === 1 && Object.hasOwn(value, "mustache");

function inTemplate(text: string, look: Look, place: Place): void {
  const { paths, unclosed } = look.read(text);
  if (unclosed)
    sinkAt(look, place).warning("unclosed-placeholder", "a ${ without } stays text", { accepted: "${event.path}" });
  for (const path of paths) {
    const found = look.problem(path);
    if (found === null) continue;
    const { reason, ...more } = found;
    sinkAt(look, place).warning("always-missing", `${reason}, so ${printPath(path)} is always missing`, more);
  }
}

interface TemplateText {
  readonly paths: readonly Path[];
  /** Somewhere a `${` does not close. */
  readonly unclosed: boolean;
}

const PLAIN: TemplateText = { paths: [], unclosed: false };

/** Rules repeat each other's templates, so each text is read once. */
function templateReader(): Look["read"] {
  const known = new Map<string, TemplateText>();
  return (text) => {
    if (!text.includes("${")) return PLAIN;
    const before = known.get(text);
    if (before !== undefined) return before;
    const template = readTemplate(text);
    known.set(text, template);
    return template;
  };
}

function readTemplate(text: string): TemplateText {
  const quiet = issueSink([]);
  const paths: Path[] = [];
  let unclosed = false;
  for (const part of scanTemplate(text)) {
    if (typeof part === "string") {
      unclosed ||= /\$\{(?!\})/.test(part);
      continue;
    }
    // What is wrong in it is reported where it is compiled.
    const expression = parseExpression(part.inside, quiet);
    for (const operand of expression === null ? [] : operandsOf(expression))
      if (operand.kind === "path") paths.push(operand.path);
  }
  return { paths, unclosed };
}

const ACCESSOR = new RegExp(
  `^[\\s{$]*(event\\.(?:${EVENT_KEYS.join("|")})|_variables\\.\\w+)((?:\\.(?:"[^"]*"|[\\w@-]+)|\\[\\d+\\])*)[\\s}]*$`,
);

/** A text that is compared, where a value of the event was likely meant. */
function bareAccessor(text: string, look: Look, place: Place): void {
  if (!/event\.|_variables\./.test(text) || text.includes("${")) return;
  const [, head, rest] = ACCESSOR.exec(text) ?? [];
  if (head === undefined) return;
  sinkAt(look, place).warning(
    "bare-accessor",
    `${JSON.stringify(text)} is taken as text, not as a value of the event`,
    {
      accepted: "${event.path} for a value",
      suggestion: `\${${head}${rest}}`,
    },
  );
}
