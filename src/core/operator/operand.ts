/** What an operator compares: a string is a template, any other JSON a literal, whatever strings are inside it. */
import { issueSink, type Issue, type IssueSink } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import type { Scope } from "../path.ts";
import { operandsOf } from "../template/expression.ts";
import { compileTemplate, type Template } from "../template/template.ts";

export type Operand =
  { readonly kind: "literal"; readonly value: Json } | { readonly kind: "template"; readonly template: Template };

export interface OperandOptions {
  /** Names that a path may start with. */
  readonly roots: readonly string[];
  /** Templates in which nothing was wrong: thousands of rules name the same few, and share one of each. */
  readonly templates?: TemplateMap;
}

/** By roots and text. */
export type TemplateMap = Map<string, Operand>;

export function compileOperand(value: Json, { roots, templates }: OperandOptions, issues: IssueSink): Operand | null {
  if (typeof value !== "string") return { kind: "literal", value };
  if (templates === undefined || !value.includes("${")) return compileText(value, roots, issues);
  const key = `${roots.join()} ${value}`;
  const known = templates.get(key);
  if (known) return known;
  const found: Issue[] = [];
  const made = compileText(value, roots, issueSink(found));
  if (made === null || found.length > 0) return compileText(value, roots, issues);
  templates.set(key, made);
  return made;
}

function compileText(value: string, roots: readonly string[], issues: IssueSink): Operand | null {
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
