import type { JsonObject } from "../json.ts";
import { arrayMember, strictObject } from "../rule/strict-object.ts";
import type { Operator, OperatorContext } from "./operator.ts";

/** The `operators` of AND and OR, any number of them. */
export function compileInnerOperators(
  document: JsonObject,
  { issues, compileInner }: OperatorContext,
): readonly Operator[] | null {
  strictObject(document, { required: ["type", "operators"] }, issues);
  const documents = arrayMember(document, "operators", issues);
  if (documents === null) return null;
  const operators = documents.map((inner, at) => compileInner(inner, issues.at("operators", at)));
  return operators.every((operator) => operator !== null) ? operators : null;
}
