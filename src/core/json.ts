/**
 * The only JSON decoder and printer.
 *
 * Integers are exact at any size: a `number` while it is safe, else a `bigint`. Every other number is an IEEE double;
 * a number that no double can hold (1e400) is refused. Text is made well-formed: a lone surrogate becomes U+FFFD, since
 * no UTF-8 target could take it. `__proto__` is an ordinary key (JSON.parse makes it an own property): read members with
 * `member()`, build objects from untrusted keys with `setMember()`.
 */
import { err, ok, type Result } from "./result.ts";

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
/** The same while it is being built. */
export interface MutableJsonObject {
  [key: string]: Json;
}

export interface JsonError {
  /** `number`: one that no double can hold. */
  readonly kind: "syntax" | "number" | "depth";
  readonly message: string;
}

/** Text that JSON.parse alone would not render faithfully: long digit runs, huge exponents, surrogate escapes. */
const NEEDS_CARE = /\d{16}|[eE]\+?\d{3}|\\u[dD][89a-fA-F]/;

/** Decodes one JSON text. `maxDepth` counts nested arrays and objects; a scalar has depth 0. */
export function parseJson(text: string, maxDepth = 128): Result<Json, JsonError> {
  let value: Json;
  try {
    value = (NEEDS_CARE.test(text) ? JSON.parse(text, exactly) : JSON.parse(text)) as Json;
  } catch (error) {
    return error instanceof Refused
      ? err({ kind: "number", message: error.message })
      : err({ kind: "syntax", message: `not valid JSON: ${(error as Error).message}` });
  }
  return deeperThan(value, maxDepth)
    ? err({ kind: "depth", message: `nested deeper than ${maxDepth} levels` })
    : ok(value);
}

/** Compact JSON. Numbers print as the shortest text of their value, `-0` as `0`, bigints digit by digit. */
export function printJson(value: Json): string {
  return JSON.stringify(value, bigintsRaw);
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The own member of an object; `undefined` is "missing" everywhere in this project, never a value. */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function setMember(object: MutableJsonObject, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

class Refused extends Error {}

function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    const source = context?.source ?? "";
    if (!Number.isFinite(value)) throw new Refused(`the number ${cut(source)} is too large`);
    if (/^-?\d+$/.test(source)) return BigInt(source);
  }
  if (isObject(value as Json) && Object.keys(value as JsonObject).some((key) => !key.isWellFormed())) {
    const clean: MutableJsonObject = {};
    for (const [key, inner] of Object.entries(value as JsonObject)) setMember(clean, key.toWellFormed(), inner);
    return clean;
  }
  return value;
}

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function bigintsRaw(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJson(value.toString()) : value;
}

/** JSON.rawJSON is in Node 24; the library typings lag behind. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

function deeperThan(value: Json, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  if (isArray(value)) {
    for (const element of value) if (deeperThan(element, limit - 1)) return true;
    return false;
  }
  const object = value as JsonObject;
  for (const key in object) if (deeperThan(object[key] as Json, limit - 1)) return true;
  return false;
}
