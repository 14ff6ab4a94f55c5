import type { DocumentPath } from "../../core/diagnostic.ts";
import { isArray, isObject, member, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";

export function valueAt(value: Json, path: DocumentPath): Json | undefined {
  let node: Json | undefined = value;
  for (const step of path)
    node = isArray(node) ? node[Number(step)] : isObject(node) ? member(node, String(step)) : undefined;
  return node;
}

/** Without members that are null, down to so many levels: a section with nothing behind it is one that is not given. */
export function withoutNulls(value: Json, levels: number): Json {
  if (!isObject(value) || levels === 0) return value;
  const copy: MutableJsonObject = {};
  for (const key of Object.keys(value))
    if (value[key] !== null) setMember(copy, key, withoutNulls(value[key]!, levels - 1));
  return copy;
}

/** A copy with another value at a path; objects that are missing on the way are made, what is in the way is replaced. */
export function withValueAt(value: Json | undefined, [step, ...rest]: DocumentPath, replacement: Json): Json {
  if (step === undefined) return replacement;
  if (isArray(value) && typeof step === "number")
    return value.map((item, at) => (at === step ? withValueAt(item, rest, replacement) : item));
  const copy: MutableJsonObject = {};
  if (isObject(value)) for (const key of Object.keys(value)) setMember(copy, key, value[key]!);
  setMember(copy, String(step), withValueAt(member(copy, String(step)), rest, replacement));
  return copy;
}
