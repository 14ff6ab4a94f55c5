/**
 * Dotted keys as Elasticsearch reads them: `{"host.name": "a"}` is `{"host": {"name": "a"}}`, at every depth, once.
 * Where both forms claim one place, both stay: the nested value in its place, the other under its dotted key.
 */
import {
  isArray,
  isObject,
  member,
  setMember,
  type Json,
  type JsonObject,
  type MutableJsonObject,
} from "../core/json.ts";

export function expandDottedKeys(object: JsonObject): JsonObject {
  return hasDots(object) ? expand(object) : object;
}

function hasDots(value: Json): boolean {
  if (isArray(value)) return value.some(hasDots);
  if (!isObject(value)) return false;
  return Object.entries(value).some(
    ([key, inner]) => isSplittable(key) || (typeof inner === "object" && hasDots(inner)),
  );
}

const isSplittable = (key: string): boolean => key.includes(".") && key.split(".").every((part) => part !== "");

function expand(object: JsonObject): JsonObject {
  const result: MutableJsonObject = {};
  const dotted: (readonly [string, Json])[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (isSplittable(key)) dotted.push([key, expandValue(value)]);
    else setMember(result, key, expandValue(value));
  }
  for (const [key, value] of dotted) if (!place(result, key.split("."), value)) setMember(result, key, value);
  return result;
}

function expandValue(value: Json): Json {
  if (isArray(value)) return value.some(hasDots) ? value.map(expandValue) : value;
  return isObject(value) && hasDots(value) ? expand(value) : value;
}

/** False where the way is taken by something that is no object, or the place itself is taken. */
function place(into: MutableJsonObject, [first, ...rest]: string[], value: Json): boolean {
  const there = member(into, first!);
  if (rest.length === 0) {
    if (there !== undefined) return isObject(there) && isObject(value) && mergeAll(into, first!, there, value);
    setMember(into, first!, value);
    return true;
  }
  if (there !== undefined && !isObject(there)) return false;
  const inner: MutableJsonObject = { ...there };
  if (!place(inner, rest, value)) return false;
  setMember(into, first!, inner);
  return true;
}

function mergeAll(into: MutableJsonObject, key: string, there: JsonObject, more: JsonObject): boolean {
  if (Object.keys(more).some((name) => Object.hasOwn(there, name))) return false;
  setMember(into, key, { ...there, ...more });
  return true;
}
