/** Explanations in words, one line each, for people. */
import { printJson, type Json } from "../json.ts";
import type { ExplainedNode, ExplainedOperator, ExplainedRule, ExplainedValue } from "./explanation.ts";

const LONGEST_VALUE = 120;

/** As JSON, cut where it is long. */
export function valueText(value: Json): string {
  const text = printJson(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** `${event.type} = "eventlog"`, `${event.payload.x} is missing`, or the literal alone. */
export function explainedValueText({ source, value, missing }: ExplainedValue): string {
  const shown = missing || value === undefined ? null : valueText(value);
  if (source === null) return shown ?? "missing";
  return shown === null ? `${source} is missing` : `${source} = ${shown}`;
}

/** `equals: first ${event.type} = "eventlog", second "syslog"` */
export function operatorText({ type, operands, pattern, note }: ExplainedOperator): string {
  const parts = operands.map(({ key, ...value }) => `${key} ${explainedValueText(value)}`);
  if (pattern !== undefined) parts.unshift(`pattern ${valueText(pattern)}`);
  const said = operands.filter(({ missing }) => missing).map(({ source }) => `${source} is missing`);
  const more = note === undefined || note === said.join(", ") ? "" : ` (${note})`;
  return `${type}${parts.length > 0 ? ": " : ""}${parts.join(", ")}${more}`;
}

/** The innermost operator that alone made this one false. */
function decisive(operator: ExplainedOperator): ExplainedOperator {
  const [failed] = operator.operators.filter(({ result }) => !result);
  const alone = operator.type === "AND" || (operator.type === "OR" && operator.operators.length === 1);
  return alone && failed ? decisive(failed) : operator;
}

/** Why a rule below a node did not match, from the first place where the event did not go on. Undefined: it did match. */
export function whyNotMatched(node: ExplainedNode, rulePath: string): string | undefined {
  if (node.type === "ruleset") {
    const rule = node.rules.find(({ path }) => path === rulePath);
    return rule && whyRuleNotMatched(rule);
  }
  if (!rulePath.startsWith(`${node.path}.`)) return undefined;
  const name = `the ${node.type} ${node.path}`;
  if (node.status === "inactive") return `${name} is inactive`;
  if (node.type === "filter") {
    if (node.status === "not_matched") return `${name} does not let the event pass${because(node.filter)}`;
    return firstReason(node.nodes, rulePath);
  }
  if (node.status === "accessor_error") return `${name} has nothing to go through: ${explainedValueText(node.target)}`;
  if (node.status === "type_error") return `${name} needs an array or an object: ${explainedValueText(node.target)}`;
  if (node.iterations.length === 0) return `${name} has no elements: ${explainedValueText(node.target)}`;
  return firstReason(
    node.iterations.flatMap(({ nodes }) => nodes),
    rulePath,
  );
}

const firstReason = (nodes: readonly ExplainedNode[], rulePath: string): string | undefined =>
  nodes.map((node) => whyNotMatched(node, rulePath)).find((reason) => reason !== undefined);

function whyRuleNotMatched({ status, where, stoppedBy }: ExplainedRule): string | undefined {
  if (status === "inactive") return "the rule is inactive";
  if (status === "not_processed") return `the rule ${stoppedBy} before it matched and has continue: false`;
  return status === "not_matched" ? `its WHERE is false${because(where)}` : undefined;
}

const because = (operator: ExplainedOperator | null): string =>
  operator === null ? "" : `: ${operatorText(decisive(operator))}`;
