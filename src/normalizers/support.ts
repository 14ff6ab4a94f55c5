/** Reading untrusted documents: each helper gives `undefined` where the document has something else. */
import { isArray, isObject, member, type Json, type JsonObject } from "../core/json.ts";

export function at(document: Json | undefined, ...path: string[]): Json | undefined {
  let value = document;
  for (const key of path) value = isObject(value) ? member(value, key) : undefined;
  return value;
}

/** Non-empty text; numbers count as their digits. */
export function textAt(document: Json | undefined, ...path: string[]): string | undefined {
  const value = at(document, ...path);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function objectAt(document: Json | undefined, ...path: string[]): JsonObject | undefined {
  const value = at(document, ...path);
  return isObject(value) ? value : undefined;
}

export function arrayAt(document: Json | undefined, ...path: string[]): readonly Json[] | undefined {
  const value = at(document, ...path);
  return isArray(value) ? value : undefined;
}

/** The object without some of its keys. */
export function without(object: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

export function kindOf(value: Json): string {
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value === "bigint" ? "number" : typeof value}`;
}
