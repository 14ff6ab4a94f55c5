/**
 * `filter_path`: what of an answer is wanted. Comma separated dotted paths; `*` stands for any part of a key, `**` for
 * any number of keys; arrays are looked through; `-path` leaves out. What has nothing left disappears with its key.
 */
import { isArray, isObject, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";

type Path = readonly string[];

/** More paths or deeper ones than this are an attempt to keep the process busy: the answer is whole then. */
const MAX_PATHS = 50;
const MAX_DEPTH = 20;

export function filterPath(body: Json, filter: string): Json {
  const texts = filter.split(",").map((text) => text.trim());
  const paths = texts.filter((text) => text !== "" && !text.startsWith("-")).map(pathOf);
  const without = texts.filter((text) => text.startsWith("-")).map((text) => pathOf(text.slice(1)));
  if (paths.length + without.length > MAX_PATHS || [...paths, ...without].some(({ length }) => length > MAX_DEPTH))
    return body;
  const kept = paths.length === 0 ? body : (keep(body, paths) ?? {});
  return without.length === 0 ? kept : (drop(kept, without) ?? {});
}

const pathOf = (text: string): Path => text.split(".");

/** Undefined: nothing of it is wanted. */
function keep(value: Json, paths: readonly Path[]): Json | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  if (isArray(value)) {
    const items = value.flatMap((item) => keep(item, paths) ?? []);
    return items.length === 0 ? undefined : items;
  }
  return isObject(value) ? eachMember(value, (inner, key) => keep(inner, stepInto(paths, key))) : undefined;
}

/** Undefined: nothing of it is left. */
function drop(value: Json, paths: readonly Path[]): Json | undefined {
  if (paths.some((path) => path.length === 0)) return undefined;
  if (isArray(value)) return value.flatMap((item) => drop(item, paths) ?? []);
  if (!isObject(value) || paths.length === 0) return value;
  return eachMember(value, (inner, key) => drop(inner, stepInto(paths, key))) ?? {};
}

function eachMember(
  object: Readonly<Record<string, Json>>,
  change: (value: Json, key: string) => Json | undefined,
): Json | undefined {
  const result: MutableJsonObject = {};
  let some = false;
  for (const key of Object.keys(object)) {
    const value = change(object[key]!, key);
    if (value === undefined) continue;
    setMember(result, key, value);
    some = true;
  }
  return some ? result : undefined;
}

function stepInto(paths: readonly Path[], key: string): readonly Path[] {
  const inner: Path[] = [];
  for (const path of paths) {
    const [first, ...rest] = path as [string, ...string[]]; // no path is empty here
    if (first === "**") {
      inner.push(path);
      if (rest.length > 0 && fits(rest[0]!, key)) inner.push(rest.slice(1));
      if (rest.length === 0) inner.push([]);
    } else if (fits(first, key)) inner.push(rest);
  }
  return inner;
}

/** `*` is any text; the pieces between are looked for one after the other. */
export function fits(pattern: string, key: string): boolean {
  if (!pattern.includes("*")) return pattern === key;
  const pieces = pattern.split("*");
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (!key.startsWith(first) || !key.endsWith(last) || key.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = key.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= key.length - last.length;
}
