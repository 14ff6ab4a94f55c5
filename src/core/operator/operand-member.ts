/** Operands as members of an operator's document; null after a mistake was reported, or for strictObject to report. */
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { found, strictObject, stringMember } from "../rule/strict-object.ts";
import { compileOperand, type Operand } from "./operand.ts";
import type { OperatorContext } from "./operator.ts";

export function anyOperand(document: JsonObject, key: string, context: OperatorContext): Operand | null {
  const value = member(document, key);
  return value === undefined ? null : compileOperand(value, context, context.issues.at(key));
}

/** What is looked at and can only come from the event. */
export function targetOperand(document: JsonObject, context: OperatorContext): Operand | null {
  const target = member(document, "target");
  if (target === undefined || typeof target === "string") return anyOperand(document, "target", context);
  context.issues
    .at("target")
    .error("wrong-type", `${found(target)} where a path such as \${event.payload.name} is expected`);
  return null;
}

export interface ListForm {
  /** What a written element must be, as "a string"; null: anything. */
  readonly element: { readonly name: string; accepts(element: Json): boolean } | null;
  /** Whether one element may stand for the list of it. */
  readonly single: boolean;
  /** Whether the list may be in a file. */
  readonly file: boolean;
}

/** A list that is written out, or in a file, or at a path of the event. Elements are never templates. */
export function listOperand(
  document: JsonObject,
  key: string,
  { element, single, file }: ListForm,
  context: OperatorContext,
): Operand | null {
  const issues = context.issues.at(key);
  const value = member(document, key);
  if (value === undefined) return null;
  if (isArray(value)) {
    for (const [at, one] of value.entries())
      if (element !== null && !element.accepts(one))
        issues.at(at).error("wrong-type", `${found(one)} where ${element.name} is expected`);
    return element === null || value.every(element.accepts) ? { kind: "literal", value } : null;
  }
  if (file && isObject(value)) return fileOperand(value, context, key);
  const operand = typeof value === "string" ? compileOperand(value, context, issues) : null;
  if (typeof value === "string" && operand === null) return null;
  if (operand?.kind === "template") return operand;
  if (single && operand !== null && (element === null || element.accepts(operand.value))) return operand;
  const name = element?.name ?? "a value";
  issues.error("wrong-type", `${found(value)} where ${single ? `${name} or a list` : "a list"} is expected`, {
    accepted: `${single ? `${name}, ` : ""}[…]${file ? ", {file: path}" : ""} or a path such as \${event.payload.list}`,
  });
  return null;
}

function fileOperand(value: JsonObject, { issues, readList }: OperatorContext, key: string): Operand | null {
  const at = issues.at(key);
  strictObject(value, { required: ["file"] }, at);
  const path = stringMember(value, "file", at);
  if (path === undefined) return null;
  if (readList === undefined) {
    at.at("file").error("list-file", `the file ${JSON.stringify(path)} cannot be read here`, {
      accepted: "the values written out",
    });
    return null;
  }
  const lines = readList(path, at.at("file"));
  return lines && { kind: "literal", value: lines };
}
