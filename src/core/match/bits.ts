/** A set of small numbers, which come out in order however they went in. */
export class Bits {
  readonly words: Int32Array;

  constructor(size: number) {
    this.words = new Int32Array((size + 31) >>> 5);
  }

  set(at: number): void {
    this.words[at >>> 5]! |= 1 << (at & 31);
  }

  setAll(list: Int32Array): void {
    const { words } = this;
    for (let i = 0; i < list.length; i++) {
      const at = list[i]!;
      words[at >>> 5]! |= 1 << (at & 31);
    }
  }
}
