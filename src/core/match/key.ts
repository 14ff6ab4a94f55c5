/** Scalars as keys of maps and sets, such that equal values (operator/compare.ts) have one key. */
import type { Json } from "../json.ts";

export type Key = string | number | bigint | boolean | null;

/** Undefined: missing, an array or an object. Maps take 0 and −0 for one key, and bigints by value. */
export function keyOf(value: Json | undefined): Key | undefined {
  switch (typeof value) {
    case "number":
      return !Number.isInteger(value) || Number.isSafeInteger(value) ? value : BigInt(value);
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    case "object":
      return value === null ? null : undefined;
    default:
      return value;
  }
}
