/**
 * Which of many texts are contained in a text. The text is encoded as bytes and read in words of four at every fourth byte.
 * A needle of seven bytes or more holds a whole such word wherever it stands, at one of four offsets; one of six holds three
 * bytes of one. For each offset one of these grams is chosen, the rarest among all needles, and looked up for every word read;
 * what is found is compared in full. Needles of four or five bytes are found by a gram at any byte, if there are many; few of
 * them, and shorter ones, are looked for one by one.
 */
import type { Bits } from "./bits.ts";
import { GramTable, type GramOwner } from "./gram-table.ts";

export interface Needle {
  /** ASCII, in lower case. */
  readonly text: string;
  /** What to set when it is found. */
  readonly rules: Int32Array;
}

/** Needles shorter than a gram table is worth. */
const FEW = 16;
const LONG = 7;
const GRAM = 4;
/** The first three bytes of a word. */
const THREE = 0xff_ffff;

/** Texts are encoded in pieces of at most this many UTF-16 units. */
const PIECE = 16_384;

/** Comparisons that may fail before a needle is searched in the whole text once for all. */
const PATIENCE = 4;

export interface Scanned {
  readonly needles: readonly Needle[];
  /** What to set when the text holds a character beyond ASCII. */
  readonly beyond: Int32Array;
}

export class GramScanner {
  readonly #needles: readonly Needle[];
  /** Looked for one by one. */
  readonly #single: readonly Needle[];
  /** Of words read, by all of their bytes and by the first three. */
  readonly #four: GramTable | null;
  readonly #three: GramTable | null;
  readonly #anywhere: GramTable | null;
  readonly #beyond: Int32Array;
  readonly #overlap: number;
  readonly #encoding: Encoding;
  /** Comparisons of each needle that failed in this text; PATIENCE: it is decided. */
  readonly #failed: Uint8Array;

  /** `frequency` of a gram among all texts that rules look for; `encoding` may serve many scanners. */
  constructor({ needles, beyond }: Scanned, frequency: (gram: string) => number, encoding: Encoding) {
    const short = needles.filter(({ text }) => text.length < LONG - 1 && text.length >= GRAM);
    const manyShort = short.length > FEW;
    const single = needles.filter(({ text }) => text.length < (manyShort ? GRAM : LONG - 1));
    this.#single = single;
    this.#needles = needles;
    this.#beyond = beyond;
    const four: GramOwner[] = [];
    const three: GramOwner[] = [];
    const anywhere: GramOwner[] = [];
    needles.forEach(({ text }, needle) => {
      const [owners, size] = text.length >= LONG ? [four, GRAM] : [three, GRAM - 1];
      if (text.length >= LONG - 1)
        for (let shift = 0; shift < 4; shift++) owners.push({ needle, ...rarest(text, shift, 4, size, frequency) });
      else if (manyShort && text.length >= GRAM) anywhere.push({ needle, ...rarest(text, 0, 1, GRAM, frequency) });
    });
    this.#four = tableOf(four);
    this.#three = tableOf(three);
    this.#anywhere = tableOf(anywhere);
    this.#overlap = Math.max(0, ...needles.map(({ text }) => text.length - 1));
    this.#encoding = encoding;
    this.#failed = new Uint8Array(needles.length);
  }

  /** Sets the rules of every needle found. */
  find(text: string, found: Bits): void {
    for (let i = 0; i < this.#single.length; i++) {
      const needle = this.#single[i]!;
      if (text.includes(needle.text)) found.setAll(needle.rules);
    }
    if (this.#single.length === this.#needles.length && this.#beyond.length === 0) return;
    this.#failed.fill(0);
    if (text.length <= PIECE) {
      this.#scan(text, text, 0, found);
      return;
    }
    for (let start = 0; start < text.length; start += PIECE)
      this.#scan(text.slice(start, start + PIECE + this.#overlap), text, start, found);
  }

  #scan(piece: string, text: string, start: number, found: Bits): void {
    const length = this.#encoding.encode(piece);
    const { words } = this.#encoding;
    const isAscii = length === piece.length;
    if (!isAscii) found.setAll(this.#beyond);
    const end = (length + 3) >>> 2;
    const four = this.#four;
    const three = this.#three;
    const anywhere = this.#anywhere;
    for (let i = 0; i < end; i++) {
      const word = words[i]!;
      const at = isAscii ? start + 4 * i : -1;
      if (four !== null && four.mayHold(word)) this.#compare(four, word, at, text, found);
      if (three !== null && three.mayHold(word & THREE)) this.#compare(three, word & THREE, at, text, found);
      if (anywhere === null) continue;
      const next = words[i + 1]!;
      for (let byte = 0; byte < 4; byte++) {
        const gram = byte === 0 ? word : (word >>> (8 * byte)) | (next << (32 - 8 * byte));
        if (anywhere.mayHold(gram)) this.#compare(anywhere, gram, isAscii ? at + byte : -1, text, found);
      }
    }
  }

  /** `at`: where the gram stands in the text; −1: bytes and characters differ. */
  #compare(table: GramTable, gram: number, at: number, text: string, found: Bits): void {
    const failed = this.#failed;
    for (let owner = table.first(gram); owner >= 0; owner = table.next(owner)) {
      const index = table.needleOf(owner);
      if (failed[index]! >= PATIENCE) continue;
      const needle = this.#needles[index]!;
      const isHere = at >= 0 && text.startsWith(needle.text, at - table.offsetOf(owner));
      if (!isHere && at >= 0 && ++failed[index]! < PATIENCE) continue;
      if (isHere || text.includes(needle.text)) found.setAll(needle.rules);
      failed[index] = PATIENCE;
    }
  }
}

const tableOf = (owners: readonly GramOwner[]): GramTable | null =>
  owners.length === 0 ? null : new GramTable(owners);

/** Of the grams at `first`, `first + step` … the one that the fewest texts hold. */
function rarest(
  text: string,
  first: number,
  step: number,
  size: number,
  frequency: (gram: string) => number,
): { readonly gram: string; readonly offset: number } {
  let offset = first;
  let fewest = Infinity;
  for (let at = first; at + size <= text.length; at += step) {
    const count = frequency(text.slice(at, at + size));
    if (count >= fewest) continue;
    fewest = count;
    offset = at;
  }
  return { gram: text.slice(offset, offset + size), offset };
}

/** Bytes of a text, followed by zeros to the end of the word after the last. */
export class Encoding {
  words = new Int32Array(PIECE);
  #bytes = new Uint8Array(this.words.buffer);
  readonly #encoder = new TextEncoder();

  /** Number of bytes. */
  encode(text: string): number {
    const most = text.length * 3 + 8;
    if (most > this.#bytes.length) {
      this.words = new Int32Array((most + 3) >>> 2);
      this.#bytes = new Uint8Array(this.words.buffer);
    }
    const { written } = this.#encoder.encodeInto(text, this.#bytes);
    this.#bytes.fill(0, written, written + 8);
    return written;
  }
}
