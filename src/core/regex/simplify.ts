/**
 * The simplifications that Rust makes before it compiles and that show in results: a repetition of something empty happens
 * once at most; `x{0}` is nothing, and groups inside of it are gone; alternatives that begin alike are factored, by which
 * `\w+b|\w+c?` becomes `\w+(?:b|c?)` and prefers the longer run of `\w`.
 */
import { type CodePointSet, setOf } from "./code-point-set.ts";
import { EMPTY_NODE, type Node } from "./node.ts";

export function simplify(node: Node): Node {
  switch (node.kind) {
    case "empty":
    case "class":
    case "look":
      return node;
    case "group":
      return { ...node, sub: simplify(node.sub) };
    case "alternation":
      return alternation(node.subs.map(simplify));
    case "concat":
      return concat(node.subs.map(simplify));
    case "repeat": {
      const sub = simplify(node.sub);
      const once = matchesEmptyOnly(sub);
      const min = once ? Math.min(node.min, 1) : node.min;
      const max = once ? Math.min(node.max, 1) : node.max;
      if (max === 0) return EMPTY_NODE;
      if (min === 1 && max === 1) return sub;
      return { ...node, min, max, sub };
    }
  }
}

function concat(nodes: readonly Node[]): Node {
  const subs = nodes.flatMap((node) => (node.kind === "concat" ? node.subs : node.kind === "empty" ? [] : [node]));
  const [only] = subs;
  return only === undefined ? EMPTY_NODE : subs.length === 1 ? only : { kind: "concat", subs };
}

function alternation(nodes: readonly Node[]): Node {
  const subs = nodes.flatMap((node) => (node.kind === "alternation" ? node.subs : [node]));
  const sets = subs.flatMap((sub) => (sub.kind === "class" ? [sub.set] : []));
  if (sets.length === subs.length) return { kind: "class", set: setOf(sets.flat()) };

  const sequences = subs.flatMap((sub) => (sub.kind === "concat" ? [sub.subs] : []));
  const [first = []] = sequences;
  let common = 0;
  if (sequences.length === subs.length) {
    const alike = (at: number): boolean => sequences.every((sequence) => equal(sequence[at], first[at]));
    while (common < first.length && alike(common)) common++;
  }
  if (common === 0) return { kind: "alternation", subs };
  return concat([...first.slice(0, common), alternation(sequences.map((sequence) => concat(sequence.slice(common))))]);
}

/** Whether two trees are the same but for their places in the pattern. */
function equal(a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  switch (a.kind) {
    case "empty":
      return b.kind === "empty";
    case "class":
      return b.kind === "class" && equalSets(a.set, b.set);
    case "look":
      return b.kind === "look" && a.look === b.look && a.unicode === b.unicode;
    case "group":
      return b === a;
    case "repeat":
      return b.kind === "repeat" && a.min === b.min && a.max === b.max && a.greedy === b.greedy && equal(a.sub, b.sub);
    case "concat":
    case "alternation":
      return b.kind === a.kind && a.subs.length === b.subs.length && a.subs.every((sub, i) => equal(sub, b.subs[i]));
  }
}

const equalSets = (a: CodePointSet, b: CodePointSet): boolean =>
  a === b || (a.length === b.length && a.every((value, i) => value === b[i]));

function matchesEmptyOnly(node: Node): boolean {
  switch (node.kind) {
    case "empty":
    case "look":
      return true;
    case "class":
      return false;
    case "group":
    case "repeat":
      return matchesEmptyOnly(node.sub);
    case "concat":
    case "alternation":
      return node.subs.every(matchesEmptyOnly);
  }
}
