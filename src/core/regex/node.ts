import type { CodePointSet } from "./code-point-set.ts";

/** Zero-width tests; the word ones look at `\w` of Unicode or of ASCII. */
export type Look = "text-start" | "text-end" | "line-start" | "line-end" | WordLook;
export type WordLook =
  "word-boundary" | "not-word-boundary" | "word-start" | "word-end" | "word-start-half" | "word-end-half";

/**
 * A pattern with every flag, class, fold and property resolved. Literals are classes of one member. `offset` is where the
 * construct starts in the pattern, in UTF-16 units.
 */
export type Node =
  | { readonly kind: "empty" }
  | { readonly kind: "class"; readonly set: CodePointSet }
  | { readonly kind: "look"; readonly look: Look; readonly unicode: boolean; readonly offset: number }
  | RepeatNode
  | { readonly kind: "group"; readonly index: number; readonly sub: Node; readonly offset: number }
  | { readonly kind: "concat"; readonly subs: readonly Node[] }
  | { readonly kind: "alternation"; readonly subs: readonly Node[] };

export interface RepeatNode {
  readonly kind: "repeat";
  readonly min: number;
  /** Infinity: no bound. */
  readonly max: number;
  readonly greedy: boolean;
  readonly sub: Node;
  readonly offset: number;
}

export const EMPTY_NODE: Node = { kind: "empty" };
