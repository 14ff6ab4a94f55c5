/**
 * Needles by grams of theirs: two to four bytes as a number, the first byte lowest. The bit by which ASCII letters differ in
 * case is set in every byte, so that a text need not be in lower case; some other characters fall together by that too.
 *
 * What is needed together stands together in memory: the search is bound by how far apart things are.
 */
export interface GramOwner {
  readonly gram: string;
  readonly needle: number;
  /** Of the gram in the needle. */
  readonly offset: number;
}

export const CASE_BIT = 0x20;
const CASE_BITS = 0x2020_2020;

/** 16 KB of bits: more would push everything else out of the processor's nearest memory. */
const MOST_FLAG_BITS = 17;

export class GramTable {
  /** The bytes of a word that a gram of this table has. */
  readonly #mask: number;
  /** One bit by the hash of a gram: whether a gram with that hash is there. */
  readonly #flags: Int32Array;
  readonly #flagShift: number;
  /** Open addressing: a gram (0 is none, the place is free) and its first owner. */
  readonly #places: Int32Array;
  readonly #shift: number;
  /** Of each owner: needle, offset of the gram in it, next owner of the gram. */
  readonly #owners: Int32Array;

  /** Of grams of one size. */
  constructor(size: number, owners: readonly GramOwner[]) {
    const bits = Math.max(4, Math.ceil(Math.log2(owners.length * 2 + 1)));
    const flagBits = Math.min(MOST_FLAG_BITS, bits + 4);
    this.#mask = (-1 >>> (8 * (4 - size))) | 0;
    this.#flagShift = 32 - flagBits;
    this.#flags = new Int32Array(1 << (flagBits - 5));
    this.#shift = 32 - bits;
    this.#places = new Int32Array(2 << bits);
    this.#owners = new Int32Array(4 * owners.length);
    owners.forEach(({ gram: text, needle, offset }, at) => {
      const gram = this.gramOf(wordOf(text));
      const flag = hash(gram, this.#flagShift);
      this.#flags[flag >>> 5]! |= 1 << (flag & 31);
      const place = this.#placeOf(gram);
      this.#owners.set([needle, offset, this.first(gram)], 4 * at);
      this.#places.set([gram, at], place);
    });
  }

  /**
   * Looks up what begins at every fourth byte, or at every second. Writes to `hits` the positions, in bytes, of grams that may
   * be in this table, and gives their number. A tight loop: what is found is rare and looked at afterwards.
   */
  find(words: Int32Array, end: number, everySecond: boolean, hits: Int32Array): number {
    const flags = this.#flags;
    const shift = this.#flagShift;
    const mask = this.#mask;
    let count = 0;
    for (let i = 0; i < end; i++) {
      const word = words[i]!;
      const flag = hash((word | CASE_BITS) & mask, shift);
      if (((flags[flag >>> 5]! >>> (flag & 31)) & 1) !== 0) hits[count++] = 4 * i;
      if (!everySecond) continue;
      const between = (word >>> 16) | (words[i + 1]! << 16);
      const other = hash((between | CASE_BITS) & mask, shift);
      if (((flags[other >>> 5]! >>> (other & 31)) & 1) !== 0) hits[count++] = 4 * i + 2;
    }
    return count;
  }

  /** The gram that a word begins with. */
  gramOf(word: number): number {
    return (word | CASE_BITS) & this.#mask;
  }

  /** The first owner of a gram; −1: there is none. */
  first(gram: number): number {
    const place = this.#placeOf(gram);
    return this.#places[place] === 0 ? -1 : this.#places[place + 1]!;
  }

  /** The owner after one; −1: there is none. */
  next(owner: number): number {
    return this.#owners[4 * owner + 2]!;
  }

  needleOf(owner: number): number {
    return this.#owners[4 * owner]!;
  }

  offsetOf(owner: number): number {
    return this.#owners[4 * owner + 1]!;
  }

  #placeOf(gram: number): number {
    const places = this.#places;
    let at = 2 * hash(gram, this.#shift);
    while (places[at] !== gram && places[at] !== 0) at = (at + 2) & (places.length - 1);
    return at;
  }
}

const hash = (gram: number, shift: number): number => Math.imul(gram, 0x9e3779b1) >>> shift;

function wordOf(gram: string): number {
  let word = 0;
  for (let i = 0; i < gram.length; i++) word |= gram.charCodeAt(i) << (8 * i);
  return word;
}
