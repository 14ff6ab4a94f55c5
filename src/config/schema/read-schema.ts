/** A value through a zod schema; what the schema refuses becomes issues in our words (schema-issue.ts). */
import type { z } from "zod";
import type { IssueSink } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import type { Resolved } from "../document/references.ts";
import { valueAt, withValueAt } from "../document/value-at.ts";
import { meantKeys, reportSchemaIssue, type SchemaIssue } from "./schema-issue.ts";

export interface ReadOptions {
  /** Keys beside those of the schema that the outermost object may have; they were read elsewhere. */
  readonly otherKeys?: readonly string[];
}

/** A schema reads few values of a configuration: compiling it first, as zod does, takes longer than reading them. */
const ONCE = { jitless: true };

/** Undefined after the mistakes were reported. */
export function readSchema<S extends z.ZodType>(
  schema: S,
  resolved: Resolved,
  issues: IssueSink,
  options: ReadOptions = {},
): z.output<S> | undefined {
  let value = resolved.value;
  let result = schema.safeParse(value, ONCE);
  if (!result.success) {
    // A variable is always text; where the schema asks for a number or a boolean, text that is one will do.
    value = withTypedReferences(value, resolved, result.error.issues);
    result = schema.safeParse(value, ONCE);
  }
  if (result.success) return result.data;
  const context = { schema, value, references: resolved.references, otherKeys: options.otherKeys ?? [] };
  // What is of the wrong type is told so, not also that it is too short.
  const mistyped = new Set(result.error.issues.filter(({ code }) => code === "invalid_type").map(pathOf));
  const meant = new Set(result.error.issues.flatMap((issue) => meantKeys(issue, context)));
  for (const issue of result.error.issues)
    if (!meant.has(pathOf(issue)) && (issue.code === "invalid_type" || !mistyped.has(pathOf(issue))))
      reportSchemaIssue(issue, context, issues);
  return undefined;
}

const pathOf = ({ path }: SchemaIssue): string => JSON.stringify(path);

const TYPED = /^(true|false|-?(0|[1-9]\d{0,14})(\.\d{1,9})?)$/;

function withTypedReferences(value: Json, { references }: Resolved, issues: readonly SchemaIssue[]): Json {
  let result = value;
  for (const { code, path } of issues) {
    if (code !== "invalid_type" && code !== "invalid_union") continue;
    const place = path.map((step) => (typeof step === "number" ? step : String(step)));
    const text = valueAt(result, place);
    if (references.at(place) === undefined || typeof text !== "string" || !TYPED.test(text)) continue;
    result = withValueAt(result, place, JSON.parse(text) as boolean | number);
  }
  return result;
}
