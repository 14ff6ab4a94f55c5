/**
 * Templates: strings of rules with `${…}` in them.
 *
 * A string without an expression is a constant. One that is a single expression from end to end keeps the native type of
 * its value. Everything else is text, into which each value is written (text.ts); one that is missing, or has no text
 * (array, object), makes the whole string missing. No trimming, and a value put in is never looked at again.
 *
 * Roots are checked where the expression is the whole string or uses an operator; inside longer text an unknown root only
 * warns, since Tornado takes it (the text is then always missing). An expression that reads `item` where that is no root
 * is left as it is written: it belongs to foreach.
 */
import type { IssueSink } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { printPath, type Path, type Scope } from "../path.ts";
import { suggest } from "../suggest.ts";
import { barePath, evaluate, operandsOf, parseExpression, type Expression } from "./expression.ts";
import { scanTemplate } from "./scan.ts";
import { textOf } from "./text.ts";

export interface Template {
  readonly source: string;
  readonly kind: "constant" | "value" | "text";
  /** Texts and expressions in order; one text for a constant, one expression for a value. */
  readonly parts: readonly (string | Expression)[];
  /** Undefined: missing. */
  render(scope: Scope): Json | undefined;
}

/** Null after the mistakes were reported. */
export function compileTemplate(source: string, roots: readonly string[], issues: IssueSink): Template | null {
  const scanned = scanTemplate(source);
  const parts: (string | Expression)[] = [];
  let whole = true;
  for (const part of scanned) {
    if (typeof part === "string") {
      addText(parts, part);
      continue;
    }
    const expression = parseExpression(part.inside, issues);
    if (expression === null) whole = false;
    else if (belongsToForeach(expression, roots)) addText(parts, expression.source);
    else if (!checkRoots(expression, roots, scanned.length === 1, issues)) whole = false;
    else parts.push(expression);
  }
  if (!whole) return null;

  const [only] = parts;
  if (only === undefined || (parts.length === 1 && typeof only === "string"))
    return { source, kind: "constant", parts: [source], render: () => source };
  if (parts.length === 1 && typeof only === "object")
    return { source, kind: "value", parts, render: (scope) => evaluate(only, scope) };
  return { source, kind: "text", parts, render: (scope) => renderText(parts, scope) };
}

/** Which expression of a template that rendered as missing has no value, or no text: for messages. */
export function missingPart(template: Template, scope: Scope): string {
  for (const part of template.parts) {
    if (typeof part === "string") continue;
    const value = evaluate(part, scope);
    if (value === undefined) return `${part.source} is missing`;
    if (template.kind === "text" && textOf(value) === undefined)
      return `${part.source} is an ${Array.isArray(value) ? "array" : "object"}, which cannot be put into text`;
  }
  return `${template.source} has no value`;
}

function addText(parts: (string | Expression)[], text: string): void {
  const before = parts.at(-1);
  if (typeof before === "string") parts[parts.length - 1] = before + text;
  else parts.push(text);
}

function renderText(parts: readonly (string | Expression)[], scope: Scope): string | undefined {
  let text = "";
  for (const part of parts) {
    const piece = typeof part === "string" ? part : textOf(evaluate(part, scope));
    if (piece === undefined) return undefined;
    text += piece;
  }
  return text;
}

export const readsItem = (expression: Expression): boolean =>
  operandsOf(expression).some((operand) => operand.kind === "path" && operand.path.root === "item");

const belongsToForeach = (expression: Expression, roots: readonly string[]): boolean =>
  !roots.includes("item") && readsItem(expression);

function checkRoots(expression: Expression, roots: readonly string[], alone: boolean, issues: IssueSink): boolean {
  const strict = alone || barePath(expression) === undefined;
  let right = true;
  for (const operand of operandsOf(expression)) {
    const problem = operand.kind === "path" ? rootProblem(operand.path, roots) : undefined;
    if (problem === undefined) continue;
    const suggestion =
      operand.kind === "path" && typeof operand.path.root === "string" && !roots.includes(operand.path.root)
        ? (suggest(operand.path.root, roots) ?? belowEvent(operand.path, roots))
        : undefined;
    const more = { accepted: roots.join(", "), ...(suggestion === undefined ? {} : { suggestion }) };
    if (strict) issues.error("unknown-root", `${problem} in ${expression.source}`, more);
    else issues.warning("unknown-root", `${problem} in ${expression.source}, so this text is always missing`, more);
    right &&= !strict;
  }
  return right;
}

/** `payload.host` is likely `event.payload.host`. */
const belowEvent = ({ root, steps }: Path, roots: readonly string[]): string | undefined =>
  roots.includes("event") && ["type", "created_ms", "payload", "metadata", "iterator"].includes(String(root))
    ? printPath({ root: "event", steps: [root, ...steps] })
    : undefined;

function rootProblem({ root, steps }: Path, roots: readonly string[]): string | undefined {
  if (typeof root === "number" || !roots.includes(root))
    return `unknown root ${JSON.stringify(printPath({ root, steps: [] }))}`;
  if (root === "event" && typeof steps[0] === "number") return "the event is an object and has no elements";
  if (root === "_variables" && typeof steps[0] !== "string")
    return "_variables needs the name of a variable or of a rule";
  return undefined;
}
