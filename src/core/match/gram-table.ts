/** Needles by one gram of theirs: three or four bytes as a number, the first byte lowest. */
export interface GramOwner {
  readonly gram: string;
  readonly needle: number;
  /** Of the gram in the needle. */
  readonly offset: number;
}

export class GramTable {
  /** By the hash of a gram, whether a gram with that hash is there. */
  readonly #flags: Uint8Array;
  readonly #flagShift: number;
  /** Open addressing; 0 is free, and is no gram of a needle. */
  readonly #grams: Int32Array;
  readonly #firsts: Int32Array;
  readonly #shift: number;
  readonly #needles: Int32Array;
  readonly #offsets: Int32Array;
  readonly #nexts: Int32Array;

  constructor(owners: readonly GramOwner[]) {
    const bits = Math.max(4, Math.ceil(Math.log2(owners.length * 2 + 1)));
    const flagBits = Math.min(16, bits + 3);
    this.#flagShift = 32 - flagBits;
    this.#flags = new Uint8Array(1 << flagBits);
    this.#shift = 32 - bits;
    this.#grams = new Int32Array(1 << bits);
    this.#firsts = new Int32Array(1 << bits).fill(-1);
    this.#needles = Int32Array.from(owners, ({ needle }) => needle);
    this.#offsets = Int32Array.from(owners, ({ offset }) => offset);
    this.#nexts = new Int32Array(owners.length);
    owners.forEach((owner, at) => {
      const gram = numberOf(owner.gram);
      this.#flags[hash(gram, this.#flagShift)] = 1;
      const place = this.#place(gram);
      this.#grams[place] = gram;
      this.#nexts[at] = this.#firsts[place]!;
      this.#firsts[place] = at;
    });
  }

  mayHold(gram: number): boolean {
    return this.#flags[hash(gram, this.#flagShift)] !== 0;
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

function numberOf(gram: string): number {
  let number = 0;
  for (let i = 0; i < gram.length; i++) number |= gram.charCodeAt(i) << (8 * i);
  return number;
}
