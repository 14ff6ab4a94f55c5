/**
 * Rust refuses a pattern whose automaton needs more than 10 MB; with large classes that comes earlier than our own limit:
 * `\w{217}` compiles and `\w{218}` does not. Nearly all of that memory is the byte automaton of classes read backwards: a
 * class becomes UTF-8 sequences of byte ranges, a state of 32 bytes for every distinct beginning of a sequence, and a
 * reference of 4 bytes for every sequence. Measured against regex 1.10.3 this is exact to about 0.5 %.
 */
import { type CodePointSet, single } from "./code-point-set.ts";
import type { Node } from "./node.ts";

export const RUST_SIZE_LIMIT = 10 * 1024 * 1024;

/** Bytes that the classes of the tree take in Rust; 0 when a rough bound shows that they are within the limit. */
export function rustSize(node: Node): number {
  if (sum(node, roughSize) <= RUST_SIZE_LIMIT) return 0;
  const sizes = new Map<CodePointSet, number>();
  return sum(node, (set) => {
    const known = sizes.get(set);
    if (known !== undefined) return known;
    const size = classSize(set);
    sizes.set(set, size);
    return size;
  });
}

function sum(node: Node, sizeOf: (set: CodePointSet) => number): number {
  switch (node.kind) {
    case "empty":
    case "look":
      return 0;
    case "class":
      return sizeOf(node.set);
    case "group":
      return sum(node.sub, sizeOf);
    case "repeat":
      return sum(node.sub, sizeOf) * Math.max(1, node.max === Infinity ? node.min : node.max);
    case "concat":
    case "alternation":
      return node.subs.reduce((total, sub) => total + sum(sub, sizeOf), 0);
  }
}

/** Never below `classSize`: a range makes few sequences besides its own, each of at most four states. */
const roughSize = (set: CodePointSet): number => 64 + (2 * set.length + 10) * (4 * 32 + 4);

function classSize(set: CodePointSet): number {
  const only = single(set);
  if (only !== null) return 32 * byteLength(only);
  if ((set.at(-1) ?? 0) <= 0x7f) return 64 + 4 * set.length;
  let previous: readonly number[] = [];
  let states = 0;
  let sequences = 0;
  for (const sequence of utf8Sequences(set)) {
    let common = 0;
    while (
      common < sequence.length &&
      sequence[common] === previous[common] &&
      sequence[common + 1] === previous[common + 1]
    )
      common += 2;
    states += (sequence.length - common) / 2;
    sequences++;
    previous = sequence;
  }
  return 32 * states + 4 * sequences + 64;
}

const byteLength = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;

/** Code points by the length of their UTF-8, without the surrogates. */
const LENGTHS: readonly (readonly [number, number])[] = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x1_0000, 0x10_ffff],
];

/** Sequences `[low, high, low, high, …]` of byte ranges, ascending. */
function* utf8Sequences(set: CodePointSet): Generator<readonly number[]> {
  for (let i = 0; i < set.length; i += 2) {
    for (const [first, last] of LENGTHS) {
      const low = Math.max(first, set[i] ?? 0);
      const high = Math.min(last, set[i + 1] ?? 0);
      if (low <= high) yield* split(low, high);
    }
  }
}

/** Ranges whose trailing bytes run independently of the leading ones. */
function* split(low: number, high: number): Generator<readonly number[]> {
  for (let i = 1; i < byteLength(low); i++) {
    const mask = (1 << (6 * i)) - 1;
    if ((low & ~mask) === (high & ~mask)) continue;
    const cut = (low & mask) !== 0 ? low | mask : (high & mask) !== mask ? (high & ~mask) - 1 : null;
    if (cut !== null) {
      yield* split(low, cut);
      yield* split(cut + 1, high);
      return;
    }
  }
  const lows = utf8(low);
  const highs = utf8(high);
  yield lows.flatMap((byte, i) => [byte, highs[i] ?? 0]);
}

function utf8(codePoint: number): number[] {
  const length = byteLength(codePoint);
  if (length === 1) return [codePoint];
  const bytes = Array.from({ length }, (_, i) => 0x80 | ((codePoint >> (6 * (length - 1 - i))) & 0x3f));
  bytes[0] = ((0xf00 >> length) & 0xff) | (codePoint >> (6 * (length - 1)));
  return bytes;
}
