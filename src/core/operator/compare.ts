/** Equality and order of JSON values. Numbers compare mathematically, whatever their size and form. */
import { isArray, isObject, member, type Json } from "../json.ts";

const isNumber = (value: Json | undefined): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

/** Deep equality: arrays by order, objects whatever their key order. Missing equals missing and nothing else. */
export function equalValues(a: Json | undefined, b: Json | undefined): boolean {
  // `==` between number and bigint is exact, and 0 == -0
  // oxlint-disable-next-line eqeqeq
  if (isNumber(a)) return isNumber(b) && a == b;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((element, at) => equalValues(element, b[at]));
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equalValues(member(a, key), member(b, key)))
    );
  }
  return a === b;
}

/**
 * Negative, 0 or positive; undefined where there is no order: other types, objects, missing. Strings by code point, false
 * before true, null is null, arrays by their first unequal element (undefined if that has no order), then by length.
 */
export function orderOf(a: Json | undefined, b: Json | undefined): number | undefined {
  if (isNumber(a)) return isNumber(b) ? Number(a > b) - Number(a < b) : undefined;
  if (typeof a === "string") return typeof b === "string" ? orderOfStrings(a, b) : undefined;
  if (typeof a === "boolean") return typeof b === "boolean" ? Number(a) - Number(b) : undefined;
  if (a === null) return b === null ? 0 : undefined;
  if (!isArray(a) || !isArray(b)) return undefined;
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = orderOf(a[at], b[at]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code point, which is the order of UTF-8 bytes; UTF-16 units put U+FF5E behind U+1F600. */
export function orderOfStrings(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
