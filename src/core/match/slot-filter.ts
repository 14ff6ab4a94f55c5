/** Finds the rules whose atoms at one slot hold for its value. */
import { AffixTrie, type AffixText } from "./affix-trie.ts";
import type { Atom } from "./atom.ts";
import type { Bits } from "./bits.ts";
import type { Encoding } from "./encoding.ts";
import { GramScanner, type Needle } from "./gram-scanner.ts";
import { keyOf, type Key } from "./key.ts";
import type { Slot } from "./slot.ts";

/** An atom of this slot and the rules to be found by it. */
export interface AtomRules {
  readonly atom: Atom;
  readonly rules: readonly number[];
}

export class SlotFilter {
  readonly #slot: Slot;
  readonly #starts: AffixTrie | null;
  readonly #ends: AffixTrie | null;
  readonly #contained: GramScanner | null;
  readonly #scalars: ReadonlyMap<Key, Int32Array>;
  /** For arrays and objects. */
  readonly #containers: Int32Array;

  constructor(slot: Slot, all: readonly AtomRules[], frequency: (gram: string) => number, encoding: Encoding) {
    const texts = (...hows: Atom["how"][]): AffixText[] =>
      all
        .filter(({ atom }) => hows.includes(atom.how))
        .map(({ atom: { how, needle }, rules }) => ({ text: String(needle), whole: how === "is", rules }));
    const [starts, ends] = [texts("starts"), texts("ends", "is")];
    const needles = texts("contains").map(({ text, rules }): Needle => ({ text, rules: Int32Array.from(rules) }));
    this.#slot = slot;
    this.#starts = starts.length === 0 ? null : new AffixTrie(starts, false);
    this.#ends = ends.length === 0 ? null : new AffixTrie(ends, true);
    const beyond = Int32Array.from(texts("beyond").flatMap(({ rules }) => rules));
    this.#contained =
      needles.length + beyond.length === 0 ? null : new GramScanner({ needles, beyond }, frequency, encoding);
    this.#scalars = new Map(
      all.flatMap(({ atom, rules }) => (atom.how === "scalar" ? [[atom.needle, Int32Array.from(rules)] as const] : [])),
    );
    this.#containers = Int32Array.from(all.flatMap(({ atom, rules }) => (atom.containers ? rules : [])));
  }

  find(found: Bits): void {
    const value = this.#slot.read();
    if (value === undefined) return;
    if (typeof value === "string") {
      this.#findAffixes(this.#starts, value, found);
      this.#findAffixes(this.#ends, value, found);
      this.#contained?.find(value, this.#slot, found);
      return;
    }
    const key = keyOf(value);
    const rules = key === undefined ? this.#containers : this.#scalars.get(key);
    if (rules) found.setAll(rules);
  }

  #findAffixes(trie: AffixTrie | null, value: string, found: Bits): void {
    if (trie !== null && !trie.find(value, found)) trie.find(this.#slot.lower()!, found);
  }
}
