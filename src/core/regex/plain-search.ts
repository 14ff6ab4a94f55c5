/**
 * Patterns that need no engine: a literal, and one repeated class (`.{1000,}`), which as a program would hold a copy of the
 * class for every count. Both are searched in one pass.
 */
import { contains, single } from "./code-point-set.ts";
import type { Node, RepeatNode } from "./node.ts";
import type { Search } from "./re2.ts";

export type FindPlain = (text: string) => Search;

/** A search of a literal pattern; null if it is none. */
export function literalSearch(node: Node): { readonly literal: string; readonly find: FindPlain } | null {
  const literal = literalOf(node);
  if (literal === null) return null;
  const find: FindPlain = (text) => ({
    find(from) {
      const at = text.indexOf(literal, from);
      return at < 0 ? null : [at, at + literal.length];
    },
    read: 0,
  });
  return { literal, find };
}

function literalOf(node: Node): string | null {
  if (node.kind !== "concat" && node.kind !== "class") return null;
  let literal = "";
  for (const sub of node.kind === "concat" ? node.subs : [node]) {
    const only = sub.kind === "class" ? single(sub.set) : null;
    if (only === null) return null;
    literal += String.fromCodePoint(only);
  }
  return literal;
}

/** A search of a pattern that is one repeated class, with groups around or inside; null if it is not. */
export function repeatedClassSearch(node: Node): FindPlain | null {
  let outer = 0;
  let at = node;
  while (at.kind === "group") {
    outer++;
    at = at.sub;
  }
  if (at.kind !== "repeat") return null;
  let inner = 0;
  let item = at.sub;
  while (item.kind === "group") {
    inner++;
    item = item.sub;
  }
  if (item.kind !== "class") return null;
  return (text) => ({ find: (from) => findRun(text, from, at, item.set, outer, inner), read: 0 });
}

function findRun(
  text: string,
  from: number,
  { min, max, greedy }: RepeatNode,
  set: readonly number[],
  outer: number,
  inner: number,
): number[] | null {
  const wanted = greedy ? max : min;
  let start = from;
  while (start <= text.length) {
    let count = 0;
    let end = start;
    let last = -1;
    while (count < wanted) {
      const codePoint = text.codePointAt(end);
      if (codePoint === undefined || !contains(set, codePoint)) break;
      last = end;
      end += codePoint > 0xffff ? 2 : 1;
      count++;
    }
    if (count >= min) {
      const found = Array.from({ length: outer + 1 }, () => [start, end]).flat();
      for (let i = 0; i < inner; i++) found.push(last, last < 0 ? -1 : end);
      return found;
    }
    // What ended the run is no member, so no match can begin before it.
    const stopper = text.codePointAt(end);
    if (stopper === undefined) return null;
    start = end + (stopper > 0xffff ? 2 : 1);
  }
  return null;
}
