/**
 * Which of many texts a text starts or ends with, or is: one walk from that side, a character at a time, for as long as some
 * text goes on. Frozen into flat arrays: the step from a node by a character is a hash of both.
 */
import { freezeLists } from "./lists.ts";
import type { Bits } from "./bits.ts";

export interface AffixTexts {
  /** ASCII, in lower case. */
  readonly text: string;
  /** Whether the whole text must be this. */
  readonly whole: boolean;
  /** What to set when it is found. */
  readonly rules: readonly number[];
}

export class AffixTrie {
  readonly #fromEnd: boolean;
  /** Open addressing: `node * 128 + character + 1`, 0 is free. */
  readonly #keys: Int32Array;
  readonly #targets: Int32Array;
  readonly #shift: number;
  readonly #inside: readonly (Int32Array | null)[];
  readonly #whole: readonly (Int32Array | null)[];

  constructor(texts: readonly AffixTexts[], fromEnd: boolean) {
    this.#fromEnd = fromEnd;
    const steps = new Map<number, number>();
    const inside = new Map<number, number[]>();
    const whole = new Map<number, number[]>();
    let nodes = 1;
    for (const { text, whole: isWhole, rules } of texts) {
      let node = 0;
      for (let i = 0; i < text.length; i++) {
        const key = keyOf(node, text.charCodeAt(fromEnd ? text.length - 1 - i : i));
        let next = steps.get(key);
        if (next === undefined) steps.set(key, (next = nodes++));
        node = next;
      }
      const lists = isWhole ? whole : inside;
      lists.set(node, [...(lists.get(node) ?? []), ...rules]);
    }
    const bits = Math.max(4, Math.ceil(Math.log2(steps.size * 3 + 1)));
    this.#shift = 32 - bits;
    this.#keys = new Int32Array(1 << bits);
    this.#targets = new Int32Array(1 << bits);
    for (const [key, target] of steps) {
      let at = hash(key, this.#shift);
      while (this.#keys[at] !== 0) at = (at + 1) & (this.#keys.length - 1);
      this.#keys[at] = key;
      this.#targets[at] = target;
    }
    this.#inside = freezeLists(inside, nodes);
    this.#whole = freezeLists(whole, nodes);
  }

  /**
   * Sets the rules of every text found, the case of ASCII letters being ignored. False: the walk has met a character beyond
   * ASCII, where only the lower case of the whole text can tell how it goes on.
   */
  find(text: string, found: Bits): boolean {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const last = text.length - 1;
    let node = 0;
    for (let i = 0; i <= last; i++) {
      const rules = this.#inside[node];
      if (rules) found.setAll(rules);
      let character = text.charCodeAt(this.#fromEnd ? last - i : i);
      if (character > 127) return false;
      if (character >= UPPER_A && character <= UPPER_Z) character += 32;
      const key = keyOf(node, character);
      let at = hash(key, this.#shift);
      while (keys[at] !== key) {
        if (keys[at] === 0) return true;
        at = (at + 1) & mask;
      }
      node = this.#targets[at]!;
    }
    const rules = this.#inside[node];
    if (rules) found.setAll(rules);
    const same = this.#whole[node];
    if (same) found.setAll(same);
    return true;
  }
}

const UPPER_A = 65;
const UPPER_Z = 90;

const keyOf = (node: number, character: number): number => node * 128 + character + 1;

const hash = (key: number, shift: number): number => Math.imul(key, 0x9e3779b1) >>> shift;
