/**
 * The simplifications that Rust makes before it compiles and that show: a repetition of something empty happens once at
 * most, `x{0}` is nothing, and groups inside of it are gone. Sequences and alternatives are flattened.
 */
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
      return { ...node, subs: node.subs.map(simplify) };
    case "concat": {
      const subs: Node[] = [];
      for (const sub of node.subs.map(simplify)) {
        if (sub.kind === "concat") subs.push(...sub.subs);
        else if (sub.kind !== "empty") subs.push(sub);
      }
      const [only] = subs;
      return only === undefined ? EMPTY_NODE : subs.length === 1 ? only : { kind: "concat", subs };
    }
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
