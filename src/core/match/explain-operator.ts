/**
 * One operator with the values it compared. The description is made of the operator's data, so that every type has one; its
 * result is the operator's own `evaluate`, never a second opinion.
 */
import { issueSink } from "../diagnostic.ts";
import { isArray, isObject, type Json } from "../json.ts";
import type { Operand } from "../operator/operand.ts";
import { readOperand } from "../operator/operand.ts";
import type { Operator } from "../operator/operator.ts";
import type { Scope } from "../path.ts";
import { compileTemplate, missingPart, type Template } from "../template/template.ts";
import { explainLogic } from "./explain-logic.ts";
import type { ExplainedOperator, ExplainedValue } from "./explanation.ts";

export function explainOperator(operator: Operator, scope: Scope): ExplainedOperator {
  const { type, regex } = operator;
  const operands =
    operator.logic === undefined
      ? readBy(operator).map(([key, operand]) => ({ key, ...explainOperand(operand, scope) }))
      : explainLogic(operator.logic, scope);
  const operators = innerScopes(operator, scope).flatMap((inner) =>
    operator.operators.map((each) => explainOperator(each, inner)),
  );
  const result = operator.evaluate(scope);
  const note = noteOf(operator, result, { operands, operators }, scope);
  return {
    type,
    result,
    operands,
    ...(regex && { pattern: regex.source }),
    ...(note !== undefined && { note }),
    operators,
  };
}

export const explainTemplate = (template: Template, scope: Scope): ExplainedValue =>
  explained(template.source, template.render(scope));

const COUNTED: ReadonlySet<string> = new Set(["AND", "OR", "anyOf", "allOf"]);

type Named = readonly [key: string, operand: Operand];

/** What an operator reads: its operands; of `time` the time of the event; of a type that names nothing, the event. */
function readBy({ type, operands, operators }: Operator): readonly Named[] {
  if (type === "time") return [["created_ms", CREATED_MS]];
  const named = Object.entries(operands);
  return named.length > 0 || operators.length > 0 || COUNTED.has(type) ? named : [["event", EVENT]];
}

const CREATED_MS = pathOperand("${event.created_ms}");
const EVENT = pathOperand("${event}");

function pathOperand(source: string): Operand {
  const template = compileTemplate(source, ["event"], issueSink([]));
  if (template === null) throw new Error(`${source} is no template`);
  return { kind: "template", template };
}

/** The scopes in which an operator asks those inside it: its own, or one for each element of its target. */
function innerScopes({ type, operands }: Operator, scope: Scope): readonly Scope[] {
  if (type !== "anyOf" && type !== "allOf") return [scope];
  const array = operands["target"] && readOperand(operands["target"], scope);
  return isArray(array) ? array.map((element) => ({ ...scope, element })) : [];
}

const explainOperand = (operand: Operand, scope: Scope): ExplainedValue =>
  explained(operand.kind === "literal" ? null : operand.template.source, readOperand(operand, scope));

const explained = (source: string | null, value: Json | undefined): ExplainedValue =>
  value === undefined ? { source, missing: true } : { source, value, missing: false };

function noteOf(
  { type, operands: written }: Operator,
  result: boolean,
  { operands, operators }: Pick<ExplainedOperator, "operands" | "operators">,
  scope: Scope,
): string | undefined {
  if (type === "NOT") return undefined;
  const missing = operands.filter((operand) => operand.missing);
  if (missing.length > 0)
    return missing
      .map(({ key }) => {
        const operand = written[key];
        return operand?.kind === "template" ? missingPart(operand.template, scope) : `${key} is missing`;
      })
      .join(", ");
  if (COUNTED.has(type)) return countOf(operands[0]?.value, operators);
  // What must be a string, or have the same type, is told where it made the operator false.
  const [first, second] = operands;
  if (result || !first) return undefined;
  if (!second)
    return type === "regex" && typeof first.value !== "string" ? `${kindOf(first.value)} is no string` : undefined;
  const [a, b] = [kindOf(first.value), kindOf(second.value)];
  return a === b || isContainer(first.value) || isContainer(second.value) ? undefined : `${a} and ${b}`;
}

function countOf(target: Json | undefined, operators: readonly ExplainedOperator[]): string {
  if (target !== undefined && !isArray(target)) return `${kindOf(target)} is no array`;
  if (operators.length === 0) return target === undefined ? "there is no operator" : "there is no element";
  const wanted = operators.filter(({ result }) => result).length;
  return `${wanted} of ${operators.length} ${wanted === 1 ? "is" : "are"} true`;
}

const isContainer = (value: Json | undefined): boolean => isArray(value) || isObject(value);

function kindOf(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  return `a ${typeof value === "bigint" ? "number" : typeof value}`;
}
