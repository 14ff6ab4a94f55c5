/** What an operator compares: a string is a template, any other JSON a literal, whatever strings are inside it. */
import type { IssueSink } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import type { Scope } from "../path.ts";
import { operandsOf } from "../template/expression.ts";
import { compileTemplate, type Template } from "../template/template.ts";

export type Operand =
  { readonly kind: "literal"; readonly value: Json } | { readonly kind: "template"; readonly template: Template };

export function compileOperand(value: Json, roots: readonly string[], issues: IssueSink): Operand | null {
  if (typeof value !== "string") return { kind: "literal", value };
  const template = compileTemplate(value, roots, issues);
  if (template === null) return null;
  const written = isWritten(template) ? template.render({}) : undefined;
  return written === undefined ? { kind: "template", template } : { kind: "literal", value: written };
}

/** Nothing in it is read: a constant, or literals such as `${'${'}` put together. */
const isWritten = ({ parts }: Template): boolean =>
  parts.every((part) => typeof part === "string" || operandsOf(part).every(({ kind }) => kind === "literal"));

/** Undefined: missing. */
export const readOperand = (operand: Operand, scope: Scope): Json | undefined =>
  operand.kind === "literal" ? operand.value : operand.template.render(scope);
