/**
 * Simple case folding of Unicode 15.0, as Rust's `(?i)`: `k` = `K` = KELVIN SIGN, `ß` = `ẞ` and never `ss`. The engine's
 * own `i` flag follows another Unicode version, so classes are folded here and printed in full.
 */
import { type CodePointSet, setOf } from "./code-point-set.ts";
import { decodeNumbers } from "./decode-table.ts";
import { FOLD_ORBITS } from "./unicode-tables.ts";

/** Code points that have a case, ascending, and for each the others of its orbit. */
const { cased, others } = readOrbits();

function readOrbits(): { cased: readonly number[]; others: readonly (readonly number[])[] } {
  const numbers = decodeNumbers(FOLD_ORBITS);
  const entries: [number, readonly number[]][] = [];
  let first = 0;
  for (let i = 0; i < numbers.length;) {
    const size = numbers[i++] ?? 0;
    first += numbers[i++] ?? 0;
    const orbit = [first];
    while (orbit.length < size) orbit.push((orbit.at(-1) ?? 0) + (numbers[i++] ?? 0));
    for (const member of orbit) entries.push([member, orbit]);
  }
  entries.sort((a, b) => a[0] - b[0]);
  return { cased: entries.map((entry) => entry[0]), others: entries.map((entry) => entry[1]) };
}

/** The set and everything equal to one of its members when case is ignored. */
export function foldCase(set: CodePointSet): CodePointSet {
  const added: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    const high = set[i + 1] ?? 0;
    for (let at = firstCased(set[i] ?? 0); (cased[at] ?? Infinity) <= high; at++) {
      for (const member of others[at] ?? []) added.push(member, member);
    }
  }
  return added.length === 0 ? set : setOf([...set, ...added]);
}

/** ASCII letters only, for `(?i-u)`. */
export function foldAsciiCase(set: CodePointSet): CodePointSet {
  const added: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    const [low = 0, high = 0] = [set[i], set[i + 1]];
    for (const [from, to, distance] of [[65, 90, 32] as const, [97, 122, -32] as const]) {
      if (low <= to && high >= from) added.push(Math.max(low, from) + distance, Math.min(high, to) + distance);
    }
  }
  return added.length === 0 ? set : setOf([...set, ...added]);
}

function firstCased(codePoint: number): number {
  let low = 0;
  let high = cased.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cased[middle] ?? 0) < codePoint) low = middle + 1;
    else high = middle;
  }
  return low;
}
