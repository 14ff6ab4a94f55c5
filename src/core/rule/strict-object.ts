/** Reading documents strictly: every key known, every type as expected, all mistakes reported at once. */
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, printJson, type Json, type JsonObject } from "../json.ts";
import { suggest } from "../suggest.ts";

/** The document as an object with no key outside `keys`; null and reported if it is none. Unknown keys are reported only. */
export function strictObject(
  value: Json | undefined,
  keys: { readonly required: readonly string[]; readonly optional?: readonly string[] },
  issues: IssueSink,
): JsonObject | null {
  if (!isObject(value)) {
    issues.error("wrong-type", `${found(value)} where an object is expected`, {
      accepted: `an object with ${list([...keys.required, ...(keys.optional ?? [])])}`,
    });
    return null;
  }
  const known = [...keys.required, ...(keys.optional ?? [])];
  for (const key of Object.keys(value)) if (!known.includes(key)) unknownKey(key, known, issues);
  for (const key of keys.required)
    if (!Object.hasOwn(value, key)) issues.error("missing-key", `the key ${JSON.stringify(key)} is missing`);
  return value;
}

export function unknownKey(
  key: string,
  known: readonly string[],
  issues: IssueSink,
  severity: "error" | "warning" = "error",
): void {
  const suggestion = suggest(key, known);
  issues.at(key)[severity]("unknown-key", `unknown key ${JSON.stringify(key)}`, {
    accepted: list(known),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** A string member; `fallback` when absent; undefined when absent without one, or reported. */
export function stringMember(
  object: JsonObject,
  key: string,
  issues: IssueSink,
  fallback?: string,
): string | undefined {
  const value = member(object, key);
  if (value === undefined) return fallback;
  if (typeof value === "string") return value;
  issues.at(key).error("wrong-type", `${found(value)} where a string is expected`);
  return undefined;
}

export function booleanMember(object: JsonObject, key: string, issues: IssueSink, fallback: boolean): boolean {
  const value = member(object, key);
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  issues.at(key).error("wrong-type", `${found(value)} where true or false is expected`);
  return fallback;
}

/** An array member; absent or reported: null. */
export function arrayMember(object: JsonObject, key: string, issues: IssueSink): readonly Json[] | null {
  const value = member(object, key);
  if (value === undefined) return null;
  if (isArray(value)) return value;
  issues.at(key).error("wrong-type", `${found(value)} where an array is expected`);
  return null;
}

/** A value as a message shows it: its type and a cut of it. */
export function found(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = printJson(value);
  const kind = typeof value === "bigint" ? "number" : typeof value;
  return `the ${kind} ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

export const list = (names: readonly string[]): string => names.join(", ");
