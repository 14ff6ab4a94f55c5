/**
 * A set of code points as ascending, disjoint, non-adjacent ranges: `[low, high, low, high, …]`, both ends included.
 *
 * Rust's characters have a hole at the surrogates; here they are ordinary members, since texts are well-formed and never
 * hold one alone. `[^a]` so is two ranges, which the engine recognises as cheap.
 */
export type CodePointSet = readonly number[];

export const MAX_CODE_POINT = 0x10_ffff;

export const EMPTY_SET: CodePointSet = [];
export const ANY: CodePointSet = [0, MAX_CODE_POINT];

/** Any ranges, in any order, as a set. */
export function setOf(ranges: readonly number[]): CodePointSet {
  const pairs: (readonly [number, number])[] = [];
  let sorted = true;
  for (let i = 0; i < ranges.length; i += 2) {
    const low = ranges[i] ?? 0;
    pairs.push([low, ranges[i + 1] ?? 0]);
    if (i > 0 && low < (ranges[i - 2] ?? 0)) sorted = false;
  }
  if (!sorted) pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [low, high] of pairs) {
    const last = merged.length - 1;
    const end = merged[last];
    if (end !== undefined && low <= end + 1) merged[last] = Math.max(end, high);
    else merged.push(low, high);
  }
  return merged;
}

export const union = (a: CodePointSet, b: CodePointSet): CodePointSet =>
  a.length === 0 ? b : b.length === 0 ? a : setOf([...a, ...b]);

export function negate(set: CodePointSet): CodePointSet {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    if (low > next) result.push(next, low - 1);
    next = (set[i + 1] ?? 0) + 1;
  }
  if (next <= MAX_CODE_POINT) result.push(next, MAX_CODE_POINT);
  return result;
}

export function intersect(a: CodePointSet, b: CodePointSet): CodePointSet {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const low = Math.max(a[i] ?? 0, b[j] ?? 0);
    const highA = a[i + 1] ?? 0;
    const highB = b[j + 1] ?? 0;
    if (low <= Math.min(highA, highB)) result.push(low, Math.min(highA, highB));
    if (highA < highB) i += 2;
    else j += 2;
  }
  return result;
}

export const difference = (a: CodePointSet, b: CodePointSet): CodePointSet => intersect(a, negate(b));

export const symmetricDifference = (a: CodePointSet, b: CodePointSet): CodePointSet =>
  union(difference(a, b), difference(b, a));

export function contains(set: CodePointSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (codePoint > (set[2 * middle + 1] ?? 0)) low = middle + 1;
    else high = middle;
  }
  const start = set[2 * low];
  return start !== undefined && codePoint >= start;
}

/** The only member, if there is one. */
export const single = (set: CodePointSet): number | null =>
  set.length === 2 && set[0] === set[1] ? (set[0] ?? null) : null;
