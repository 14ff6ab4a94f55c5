import type { Node } from "./node.ts";

/** Where a program is as large as it is: the count that multiplies most. */
export interface SizeEstimate {
  /** Instructions of a program without captures, before the engine merges common prefixes: never below the real size. */
  readonly size: number;
  /** Offset in the pattern of the repetition with the largest part, 0 if there is none. */
  readonly offset: number;
}

export function estimateSize(node: Node): SizeEstimate {
  let largest = 0;
  let offset = 0;
  const size = (n: Node): number => {
    switch (n.kind) {
      case "empty":
      case "class":
        return 1;
      case "look":
        return 6;
      case "group":
        return size(n.sub);
      case "concat":
        return n.subs.reduce((sum, sub) => sum + size(sub), 0);
      case "alternation":
        return n.subs.reduce((sum, sub) => sum + size(sub) + 1, 0);
      case "repeat": {
        const one = size(n.sub);
        const total = n.max === Infinity ? Math.max(1, n.min) * one + 2 : n.min * one + (n.max - n.min) * (one + 1);
        // Outer repetitions come later, so an equal one does not replace a more exact place.
        if (total - one > largest) {
          largest = total - one;
          offset = n.offset;
        }
        return total;
      }
    }
  };
  return { size: size(node) + 2, offset };
}
