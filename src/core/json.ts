/**
 * The only JSON decoder and printer.
 *
 * Integers are exact at any size: a `number` while it is safe, else a `bigint`. Every other number is an IEEE double;
 * a number that no double can hold (1e400) is refused. Text is made well-formed: a lone surrogate becomes U+FFFD, since
 * no UTF-8 target could take it. `__proto__` is an ordinary key (JSON.parse makes it an own property): read members with
 * `member()`, build objects from untrusted keys with `setMember()`.
 */
import { exactIntegers } from "./json-integers.ts";
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

/** Decodes one JSON text. `maxDepth` counts nested arrays and objects; a scalar has depth 0. */
export function parseJson(text: string, maxDepth = 128): Result<Json, JsonError> {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return err({ kind: "syntax", message: `not valid JSON: ${(error as Error).message}` });
  }
  // The one look at everything costs far less than parsing; what JSON.parse renders faithfully (nearly all) ends here.
  // One search for escapes is quicker than asking every text whether it is well-formed.
  const escapes = text.includes("\\u");
  const seen: Seen = { askTexts: escapes || !text.isWellFormed(), needCare: false, holders: null, keys: null };
  const root = [value];
  if (!look(root, maxDepth + 1, seen)) return err({ kind: "depth", message: `nested deeper than ${maxDepth} levels` });
  if (!seen.needCare && (seen.holders === null || restoreIntegers(text, escapes, seen.holders, seen.keys!)))
    return ok(root[0]!);
  try {
    return ok(JSON.parse(text, exactly) as Json);
  } catch (error) {
    if (error instanceof Refused) return err({ kind: "number", message: error.message });
    throw error;
  }
}

/** Compact JSON. Numbers print as the shortest text of their value, `-0` as `0`, bigints digit by digit. */
export function printJson(value: Json): string {
  // A look costs little; JSON.stringify's own refusal of a bigint, or a replacer asked for every value, far more.
  return JSON.stringify(holdsBigint(value) ? withRawIntegers(value) : value);
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

/** What JSON.parse may not have rendered faithfully. */
interface Seen {
  /** Texts may be ill-formed: there are escapes, or the whole is ill-formed itself. */
  readonly askTexts: boolean;
  /** Ill-formed text, or a number that no double can hold. */
  needCare: boolean;
  /** Where the numbers beyond the safe integers are: their containers, and the keys in them. */
  holders: MutableContainer[] | null;
  keys: (string | number)[] | null;
}
type MutableContainer = Record<string | number, Json>;

/** False: something is nested deeper than `levels`. */
function look(container: readonly Json[] | JsonObject, levels: number, seen: Seen): boolean {
  if (levels === 0) return false;
  const { askTexts } = seen;
  if (isArray(container)) {
    for (let i = 0; i < container.length; i++) {
      const value = container[i]!;
      if (typeof value === "string") {
        if (askTexts && !value.isWellFormed()) seen.needCare = true;
      } else if (typeof value === "number") {
        if (!(value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER)) noteNumber(container, i, seen);
      } else if (typeof value === "object" && value !== null && !look(value, levels - 1, seen)) return false;
    }
    return true;
  }
  const object = container as JsonObject; // isArray cannot narrow the other way for readonly arrays
  for (const key in object) {
    if (askTexts && !key.isWellFormed()) seen.needCare = true;
    const value = object[key]!;
    if (typeof value === "string") {
      if (askTexts && !value.isWellFormed()) seen.needCare = true;
    } else if (typeof value === "number") {
      if (!(value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER)) noteNumber(object, key, seen);
    } else if (typeof value === "object" && value !== null && !look(value, levels - 1, seen)) return false;
  }
  return true;
}

function noteNumber(container: readonly Json[] | JsonObject, key: string | number, seen: Seen): void {
  if (!Number.isFinite((container as MutableContainer)[key] as number)) seen.needCare = true;
  (seen.holders ??= []).push(container as MutableContainer);
  (seen.keys ??= []).push(key);
}

/** False, with nothing changed: it cannot be told which integers were rounded. */
function restoreIntegers(
  text: string,
  escapes: boolean,
  holders: readonly MutableContainer[],
  keys: readonly (string | number)[],
): boolean {
  const exact = exactIntegers(text, escapes, holders, keys);
  if (exact === null) return false;
  for (let i = 0; i < holders.length; i++) {
    const integer = exact[i];
    if (integer !== undefined) setMember(holders[i]!, keys[i] as string, integer); // an index is set like a key
  }
  return true;
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

function holdsBigint(value: Json): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return false;
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) if (holdsBigint(value[i]!)) return true;
    return false;
  }
  const object = value as JsonObject; // isArray cannot narrow the other way for readonly arrays
  for (const key in object) {
    const inner = object[key]!;
    if (typeof inner !== "string" && typeof inner !== "number" && holdsBigint(inner)) return true;
  }
  return false;
}

/** The same for JSON.stringify, with copies of what holds a bigint. */
function withRawIntegers(value: Json): unknown {
  if (typeof value === "bigint") return rawJson(value.toString());
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(withRawIntegers);
  const object = value as JsonObject; // as above
  let copy: MutableJsonObject | undefined;
  for (const key in object) {
    const inner = object[key]!;
    if (typeof inner === "string" || typeof inner === "number") continue;
    const raw = withRawIntegers(inner);
    if (raw !== inner) setMember((copy ??= { ...object }), key, raw as Json); // only JSON.stringify sees it
  }
  return copy ?? object;
}

/** JSON.rawJSON is in Node 24; the library typings lag behind. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;
