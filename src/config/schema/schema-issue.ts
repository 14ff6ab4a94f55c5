/**
 * What zod refuses, in our words: what was found and what is accepted, with a suggestion where one is near. Secrets, and
 * values that came from variables or files, are never shown. A message that a schema brings itself is kept; it may end
 * in `; accepted: …`.
 */
import { z } from "zod";
import type { DocumentPath, IssueSink } from "../../core/diagnostic.ts";
import { isObject, type Json } from "../../core/json.ts";
import { found } from "../../core/rule/strict-object.ts";
import { suggest } from "../../core/suggest.ts";
import type { References } from "../document/references.ts";
import { valueAt } from "../document/value-at.ts";
import { describeSchemas, namedValues } from "./describe-schema.ts";
import { isSecret, keysAt, schemasAt } from "./walk-schema.ts";

export type SchemaIssue = z.core.$ZodIssue;

export interface IssueContext {
  readonly schema: z.ZodType;
  readonly value: Json;
  readonly references: References;
  readonly otherKeys: readonly string[];
}

export function reportSchemaIssue(issue: SchemaIssue, context: IssueContext, issues: IssueSink): void {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (context.references.isBroken(path)) return;
  const value = valueAt(context.value, path);
  if (value === undefined && path.length > 0) return missingKey(path, issue, context, issues);
  const at = issues.at(...path);
  const own = ownMessage(issue, value);
  if (own !== undefined) return reportText(own, { path, value, context }, at);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(issue.keys, path, context, at);
    case "invalid_union":
      return invalidUnion(issue, { path, value, context }, issues);
    case "invalid_value":
      return unknownValue(issue.values, { path, value, context }, at);
    case "too_small":
    case "too_big":
      return outOfRange(issue, { path, value, context }, at);
    case "invalid_format":
    case "invalid_key":
      return at.error(
        "bad-value",
        `${shown({ path, value, context })} does not have the form that is expected`,
        formOf(issue),
      );
    default:
      return wrongType({ path, value, context }, at);
  }
}

interface Place {
  readonly path: DocumentPath;
  readonly value: Json | undefined;
  readonly context: IssueContext;
}

/** The value as a message may show it. */
function shown({ path, value, context }: Place): string {
  const written = context.references.at(path);
  if (written !== undefined) return `the value of ${written}`;
  if (!isSecret(context.schema, path)) return found(value);
  return typeof value === "object" ? found(value) : `a ${typeof value === "bigint" ? "number" : typeof value}`;
}

const accepts = (accepted: string | undefined, suggestion?: string): { accepted?: string; suggestion?: string } => ({
  ...(accepted === undefined || accepted === "" ? {} : { accepted }),
  ...(suggestion === undefined ? {} : { suggestion }),
});

function missingKey(path: DocumentPath, issue: SchemaIssue, context: IssueContext, issues: IssueSink): void {
  const around = path.slice(0, -1);
  if (valueAt(context.value, around) === undefined) return missingKey(around, issue, context, issues);
  const own = ownMessage(issue, undefined);
  const [message, accepted] = own === undefined ? [] : splitAccepted(own);
  issues
    .at(...around)
    .error(
      "missing-key",
      message ?? `the key ${JSON.stringify(path.at(-1))} is missing`,
      accepts(accepted ?? describeSchemas(schemasAt(context.schema, path))),
    );
}

function unknownKeys(keys: readonly string[], path: DocumentPath, context: IssueContext, at: IssueSink): void {
  const known = [...keysAt(context.schema, path), ...(path.length === 0 ? context.otherKeys : [])];
  for (const key of keys)
    at.at(key).error(
      "unknown-key",
      `unknown key ${JSON.stringify(key)}`,
      accepts(known.join(", "), suggest(key, known)),
    );
}

/** Paths, as JSON, of keys that misspelt ones were meant as: that they are missing need not be told too. */
export function meantKeys(issue: SchemaIssue, { schema, value }: IssueContext): readonly string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const known = keysAt(schema, issue.path as DocumentPath); // of a JSON value: no symbols
  return issue.keys.flatMap((key) => {
    const meant = suggest(key, known);
    const path = [...(issue.path as DocumentPath), meant ?? ""];
    return meant === undefined || valueAt(value, path) !== undefined ? [] : [JSON.stringify(path)];
  });
}

function unknownValue(values: readonly unknown[], place: Place, at: IssueSink): void {
  const names = values.map(String);
  if (typeof place.value !== "string") return wrongType(place, at);
  const hidden = place.context.references.at(place.path) !== undefined;
  at.error(
    "unknown-value",
    hidden ? `${shown(place)} is not accepted` : `unknown value ${JSON.stringify(place.value)}`,
    accepts(names.join(", "), hidden ? undefined : suggest(place.value, names)),
  );
}

function wrongType(place: Place, at: IssueSink): void {
  const schemas = schemasAt(place.context.schema, place.path);
  at.error("wrong-type", `${shown(place)} where ${describeSchemas(schemas)} is expected`);
}

function outOfRange(issue: Extract<SchemaIssue, { code: "too_small" | "too_big" }>, place: Place, at: IssueSink): void {
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const small = issue.code === "too_small";
  const side = small ? "at least" : "at most";
  switch (issue.origin) {
    case "string":
      return small && place.value === ""
        ? at.error(
            "bad-value",
            `${emptyText(place)} is empty`,
            accepts(bound === 1 ? "a text" : `${side} ${bound} characters`),
          )
        : at.error(
            "bad-value",
            `${shown(place)} is too ${small ? "short" : "long"}`,
            accepts(`${side} ${bound} characters`),
          );
    case "array":
      return at.error("bad-value", small ? "too few elements" : "too many elements", accepts(`${side} ${bound}`));
    default: {
      const strict = issue.inclusive === false ? (small ? "more than" : "less than") : side;
      return at.error(
        "bad-value",
        `${shown(place)} is too ${small ? "small" : "large"}`,
        accepts(`${strict} ${bound}`),
      );
    }
  }
}

const emptyText = ({ path, context }: Place): string => {
  const written = context.references.at(path);
  return written === undefined ? "the text" : `the value of ${written}`;
};

function formOf(issue: SchemaIssue): { accepted?: string } {
  if (issue.code === "invalid_key") return formOf(issue.issues[0]!);
  if (issue.code !== "invalid_format") return {};
  return issue.format === "regex"
    ? accepts(`text that matches ${issue.pattern ?? ""}`)
    : accepts(`text of the form ${issue.format}`);
}

type UnionIssue = Extract<SchemaIssue, { code: "invalid_union" }>;

/**
 * A value that is of no option's type is told what types there are; else the option that it comes nearest to speaks, and
 * a key that none of them knows comes first of all.
 */
function invalidUnion(issue: UnionIssue, place: Place, issues: IssueSink): void {
  const { path, context, value } = place;
  const options: readonly (readonly SchemaIssue[])[] = issue.errors;
  const ofItsType = options.filter(
    (option) =>
      !option.some(
        ({ path: inner, code }) => inner.length === 0 && (code === "invalid_type" || code === "invalid_value"),
      ),
  );
  if (ofItsType.length === 0) {
    const names = namedValues(schemasAt(context.schema, path));
    if (typeof value === "string" && names.length > 0) return unknownValue(names, place, issues.at(...path));
    const key = issue.discriminator;
    if (key !== undefined && isObject(value)) return reportDiscriminator(key, place, issues);
    return wrongType(place, issues.at(...path));
  }
  if (isObject(value)) {
    const known = keysAt(context.schema, path);
    const unknown = Object.keys(value).filter((key) => !known.includes(key));
    const noneTakesAny = ofItsType.every((option) => option.some(({ code }) => code === "unrecognized_keys"));
    if (unknown.length > 0 && noneTakesAny) return unknownKeys(unknown, path, context, issues.at(...path));
  }
  const nearest = ofItsType.reduce((best, option) => (weight(option) < weight(best) ? option : best));
  for (const inner of nearest) reportSchemaIssue({ ...inner, path: [...issue.path, ...inner.path] }, context, issues);
}

/** An option with a key that is not its own is further off than one that lacks something. */
const weight = (option: readonly SchemaIssue[]): number =>
  option.reduce((sum, { code }) => sum + (code === "unrecognized_keys" ? 10 : 1), 0);

function reportDiscriminator(key: string, { path, context, value }: Place, issues: IssueSink): void {
  const inner = [...path, key];
  const names = namedValues(schemasAt(context.schema, inner));
  const given = valueAt(context.value, inner);
  if (given === undefined && value !== undefined)
    return issues
      .at(...path)
      .error("missing-key", `the key ${JSON.stringify(key)} is missing`, accepts(names.join(", ")));
  unknownValue(names, { path: inner, value: given, context }, issues.at(...inner));
}

/** The message that the schema gave, where it is not zod's. */
function ownMessage(issue: SchemaIssue, input: Json | undefined): string | undefined {
  if (issue.code === "custom") return issue.message;
  const standard = z.locales.en().localeError({ ...issue, input } as z.core.$ZodRawIssue);
  const text = typeof standard === "string" ? standard : standard?.message;
  return issue.message === text || issue.message === "Invalid input" ? undefined : issue.message;
}

function splitAccepted(message: string): readonly [string, string | undefined] {
  const [text, accepted] = message.split("; accepted: ");
  return [text!.charAt(0).toLowerCase() + text!.slice(1), accepted];
}

function reportText(message: string, place: Place, at: IssueSink): void {
  const [text, accepted] = splitAccepted(withoutValue(message, place));
  at.error("bad-value", text, accepts(accepted));
}

/** Messages of schemas quote what they refuse; a value that must not be seen is put as it is written. */
function withoutValue(message: string, { path, value, context }: Place): string {
  const written = context.references.at(path) ?? (isSecret(context.schema, path) ? "***" : undefined);
  if (written === undefined || typeof value !== "string" || value === "") return message;
  return message.replaceAll(JSON.stringify(value), written).replaceAll(value, written);
}
