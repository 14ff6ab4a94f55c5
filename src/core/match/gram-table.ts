/**
 * Needles by grams of theirs: two to four bytes as a number, the first byte lowest. The bit by which ASCII letters differ in
 * case is set in every byte, so that a text need not be in lower case; some other characters fall together by that too.
 */
export interface GramOwner {
  readonly gram: string;
  readonly needle: number;
  /** Of the gram in the needle. */
  readonly offset: number;
}

export const CASE_BIT = 0x20;
const CASE_BITS = 0x2020_2020;

/** 32 KB of bits: more would push everything else out of the processor's nearest memory. */
const MOST_FLAG_BITS = 18;

export class GramTable {
  /** The bytes of a word that a gram of this table has. */
  readonly #mask: number;
  /** One bit by the hash of a gram: whether a gram with that hash is there. */
  readonly #flags: Int32Array;
  readonly #flagShift: number;
  /** Open addressing; 0 is free, and is no gram. */
  readonly #grams: Int32Array;
  readonly #firsts: Int32Array;
  readonly #shift: number;
  readonly #needles: Int32Array;
  readonly #offsets: Int32Array;
  readonly #nexts: Int32Array;

  /** Of grams of one size. */
  constructor(size: number, owners: readonly GramOwner[]) {
    const bits = Math.max(4, Math.ceil(Math.log2(owners.length * 2 + 1)));
    const flagBits = Math.min(MOST_FLAG_BITS, bits + 4);
    this.#mask = -1 >>> (8 * (4 - size));
    this.#flagShift = 32 - flagBits;
    this.#flags = new Int32Array(1 << (flagBits - 5));
    this.#shift = 32 - bits;
    this.#grams = new Int32Array(1 << bits);
    this.#firsts = new Int32Array(1 << bits).fill(-1);
    this.#needles = Int32Array.from(owners, ({ needle }) => needle);
    this.#offsets = Int32Array.from(owners, ({ offset }) => offset);
    this.#nexts = new Int32Array(owners.length);
    owners.forEach((owner, at) => {
      const gram = this.gramOf(wordOf(owner.gram));
      const flag = hash(gram, this.#flagShift);
      this.#flags[flag >>> 5]! |= 1 << (flag & 31);
      const place = this.#place(gram);
      this.#grams[place] = gram;
      this.#nexts[at] = this.#firsts[place]!;
      this.#firsts[place] = at;
    });
  }

  /** The gram that a word begins with. */
  gramOf(word: number): number {
    return (word | CASE_BITS) & this.#mask;
  }

  mayHold(gram: number): boolean {
    const flag = hash(gram, this.#flagShift);
    return ((this.#flags[flag >>> 5]! >>> (flag & 31)) & 1) !== 0;
  }

  /** The first owner of a gram; −1: there is none. */
  first(gram: number): number {
    return this.#firsts[this.#place(gram)]!;
  }

  /** The owner after one; −1: there is none. */
  next(owner: number): number {
    return this.#nexts[owner]!;
  }

  needleOf(owner: number): number {
    return this.#needles[owner]!;
  }

  offsetOf(owner: number): number {
    return this.#offsets[owner]!;
  }

  #place(gram: number): number {
    const grams = this.#grams;
    let at = hash(gram, this.#shift);
    while (grams[at] !== gram && grams[at] !== 0) at = (at + 1) & (grams.length - 1);
    return at;
  }
}

const hash = (gram: number, shift: number): number => Math.imul(gram, 0x9e3779b1) >>> shift;

function wordOf(gram: string): number {
  let word = 0;
  for (let i = 0; i < gram.length; i++) word |= gram.charCodeAt(i) << (8 * i);
  return word;
}
