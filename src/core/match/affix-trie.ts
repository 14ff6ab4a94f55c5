/**
 * Which of many texts a text starts or ends with, or is: one walk from that side, a character at a time, for as long as some
 * text goes on.
 *
 * Nodes are numbered depth first, so that the first child of a node is the next one and most steps go on in the same line of
 * memory; the others are linked as siblings, those with most texts below them first.
 */
import type { Bits } from "./bits.ts";

export interface AffixText {
  /** ASCII, in lower case. */
  readonly text: string;
  /** Whether the whole text must be this. */
  readonly whole: boolean;
  /** What to set when it is found. */
  readonly rules: readonly number[];
}

export class AffixTrie {
  readonly #fromEnd: boolean;
  /** By node: its character, and flags. */
  readonly #nodes: Uint8Array;
  /** By node: the next child of its parent; 0: there is none. */
  readonly #siblings: Int32Array;
  /** By character: the child of the root; 0: there is none. */
  readonly #roots = new Int32Array(128);
  /** By node: where in the lists those of its texts stand that need not be whole. */
  readonly #insideAt: Int32Array;
  readonly #lists: Int32Array[] = [];
  readonly #whole = new Map<number, Int32Array>();

  constructor(texts: readonly AffixText[], fromEnd: boolean) {
    const root = growingNode();
    for (const text of texts) insert(root, text, fromEnd);
    this.#fromEnd = fromEnd;
    this.#nodes = new Uint8Array(root.size * 2);
    this.#siblings = new Int32Array(root.size);
    this.#insideAt = new Int32Array(root.size);
    this.#freeze(root, 0);
    for (const [character, node] of this.#childrenOf(0)) this.#roots[character] = node;
  }

  /**
   * Sets the rules of every text found, the case of ASCII letters being ignored. False: the walk has met a character beyond
   * ASCII, where only the lower case of the whole text can tell how it goes on.
   */
  find(text: string, found: Bits): boolean {
    const nodes = this.#nodes;
    const last = text.length - 1;
    let node = 0;
    if ((nodes[1]! & INSIDE) !== 0) found.setAll(this.#lists[this.#insideAt[0]!]!);
    for (let i = 0; i <= last; i++) {
      let character = text.charCodeAt(this.#fromEnd ? last - i : i);
      if (character > 127) return false;
      if (character >= UPPER_A && character <= UPPER_Z) character += 32;
      if (node === 0) node = this.#roots[character]!;
      else {
        let child = (nodes[2 * node + 1]! & PARENT) === 0 ? 0 : node + 1;
        while (child !== 0 && nodes[2 * child] !== character) child = this.#siblings[child]!;
        node = child;
      }
      if (node === 0) return true;
      if ((nodes[2 * node + 1]! & INSIDE) !== 0) found.setAll(this.#lists[this.#insideAt[node]!]!);
    }
    if ((nodes[2 * node + 1]! & WHOLE) !== 0) found.setAll(this.#whole.get(node)!);
    return true;
  }

  /** Writes a node and all below it; the number after the last. */
  #freeze(node: GrowingNode, number: number): number {
    let next = number + 1;
    let before = 0;
    const children = [...node.children].sort(([, a], [, b]) => b.size - a.size);
    for (const [character, child] of children) {
      this.#nodes[2 * next] = character;
      if (before !== 0) this.#siblings[before] = next;
      before = next;
      next = this.#freeze(child, next);
    }
    let flags = children.length > 0 ? PARENT : 0;
    if (node.inside.length > 0) {
      flags |= INSIDE;
      this.#insideAt[number] = this.#lists.push(Int32Array.from(node.inside)) - 1;
    }
    if (node.whole.length > 0) {
      flags |= WHOLE;
      this.#whole.set(number, Int32Array.from(node.whole));
    }
    this.#nodes[2 * number + 1] = flags;
    return next;
  }

  *#childrenOf(node: number): Generator<readonly [number, number]> {
    let child = (this.#nodes[2 * node + 1]! & PARENT) === 0 ? 0 : node + 1;
    for (; child !== 0; child = this.#siblings[child]!) yield [this.#nodes[2 * child]!, child];
  }
}

const PARENT = 1;
const INSIDE = 2;
const WHOLE = 4;
const UPPER_A = 65;
const UPPER_Z = 90;

interface GrowingNode {
  readonly children: Map<number, GrowingNode>;
  readonly inside: number[];
  readonly whole: number[];
  /** Nodes from here on. */
  size: number;
}

const growingNode = (): GrowingNode => ({ children: new Map(), inside: [], whole: [], size: 1 });

/** Makes the nodes of a text. */
function insert(root: GrowingNode, { text, whole, rules }: AffixText, fromEnd: boolean): void {
  const path = [root];
  let node = root;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(fromEnd ? text.length - 1 - i : i);
    let child = node.children.get(character);
    if (!child) {
      child = growingNode();
      node.children.set(character, child);
      for (const above of path) above.size++;
    }
    path.push((node = child));
  }
  for (const rule of rules) (whole ? node.whole : node.inside).push(rule);
}
