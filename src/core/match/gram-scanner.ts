/**
 * Which of many texts are contained in a text, the case of letters being ignored; some may be reported that are not.
 *
 * The text is encoded as bytes and read in words of four. A needle of seven bytes or more holds a whole word wherever it
 * stands, at one of four offsets; one of six holds three bytes of one. For each offset one of these grams is chosen, the
 * rarest among all that rules look for, and looked up for every word read; what is found is compared byte by byte. Needles of
 * three to five bytes are found the same way by grams that begin at every second byte. Shorter ones, and few of them, are
 * looked for one by one.
 */
import type { Bits } from "./bits.ts";
import { PIECE, type Encoding } from "./encoding.ts";
import { CASE_BIT, GramTable, type GramOwner } from "./gram-table.ts";
import type { Slot } from "./slot.ts";

export interface Needle {
  /** ASCII, in lower case. */
  readonly text: string;
  /** What to set when it is found. */
  readonly rules: Int32Array;
}

export interface Scanned {
  readonly needles: readonly Needle[];
  /** What to set when the text holds a character beyond ASCII. */
  readonly beyond: Int32Array;
}

/** So few needles are not worth a scan of their own kind. */
const FEW = 2;
const LONG = 7;
const MEDIUM = 6;
const SHORT = 3;

/** Comparisons in one text, for each needle; above, all are taken for found. */
const PATIENCE = 32;

export class GramScanner {
  readonly #needles: readonly Needle[];
  readonly #beyond: Int32Array;
  /** Looked for one by one. */
  readonly #single: readonly Needle[];
  /** By words read; by the first three bytes of words read; by what begins at every second byte. */
  readonly #long: GramTable | null;
  readonly #medium: GramTable | null;
  readonly #short: GramTable | null;
  /** The needles' bytes with the case bit set, one after the other, and where each begins; one more for the end. */
  readonly #bytes: Uint8Array;
  readonly #begins: Int32Array;
  readonly #overlap: number;
  readonly #encoding: Encoding;
  /** Of each needle: the last scan that found it. */
  readonly #foundIn: Int32Array;
  #scan = 0;
  #patience = 0;

  /** `frequency` of a gram among all texts that rules look for; `encoding` may serve many scanners. */
  constructor({ needles, beyond }: Scanned, frequency: (gram: string) => number, encoding: Encoding) {
    const few = needles.length <= FEW;
    const ofLength = (from: number, to: number): readonly number[] =>
      needles.flatMap(({ text: { length } }, at) => (length >= from && length < to ? [at] : []));
    const [long, medium, short] = [ofLength(LONG, Infinity), ofLength(MEDIUM, LONG), ofLength(SHORT, MEDIUM)];
    const manyShort = !few && short.length > FEW;
    const shortSize = Math.min(...short.map((at) => needles[at]!.text.length)) - 1;
    const owners = (list: readonly number[], stride: number, size: number): GramOwner[] =>
      list.flatMap((needle) =>
        Array.from({ length: stride }, (_, shift) => ({
          needle,
          ...rarest(needles[needle]!.text, shift, stride, size, frequency),
        })),
      );
    this.#needles = needles;
    this.#beyond = beyond;
    this.#single = needles.filter(({ text: { length } }) => few || length < SHORT || (length < MEDIUM && !manyShort));
    this.#long = few || long.length === 0 ? null : new GramTable(4, owners(long, 4, 4));
    this.#medium = few || medium.length === 0 ? null : new GramTable(3, owners(medium, 4, 3));
    this.#short = manyShort ? new GramTable(shortSize, owners(short, 2, shortSize)) : null;
    const joined = needles.map(({ text }) => text).join("");
    this.#bytes = Uint8Array.from(joined, (character) => character.charCodeAt(0) | CASE_BIT);
    let begin = 0;
    this.#begins = Int32Array.from([...needles.map(({ text }) => (begin += text.length) - text.length), joined.length]);
    this.#overlap = Math.max(0, ...needles.map(({ text }) => text.length - 1));
    this.#encoding = encoding;
    this.#foundIn = new Int32Array(needles.length);
  }

  /** Sets the rules of every needle found in the value of the slot. */
  find(value: string, slot: Slot, found: Bits): void {
    for (let i = 0; i < this.#single.length; i++) {
      const needle = this.#single[i]!;
      if (slot.lower()!.includes(needle.text)) found.setAll(needle.rules);
    }
    if (this.#single.length === this.#needles.length && this.#beyond.length === 0) return;
    this.#startScan();
    if (value.length <= PIECE) {
      const length = this.#encoding.encode(value);
      if (length === value.length) return this.#read(length, found);
    }
    const text = slot.lower()!;
    for (let start = 0; start < text.length; start += PIECE) {
      const piece = text.slice(start, start + PIECE + this.#overlap);
      const length = this.#encoding.encode(piece);
      if (length > piece.length) found.setAll(this.#beyond);
      this.#read(length, found);
    }
  }

  #startScan(): void {
    this.#patience = 1_000 + PATIENCE * this.#needles.length;
    if (++this.#scan < 2 ** 30) return;
    this.#foundIn.fill(0);
    this.#scan = 1;
  }

  #read(length: number, found: Bits): void {
    if (this.#long !== null) this.#look(this.#long, length, false, found);
    if (this.#medium !== null) this.#look(this.#medium, length, false, found);
    if (this.#short !== null) this.#look(this.#short, length, true, found);
  }

  #look(table: GramTable, length: number, everySecond: boolean, found: Bits): void {
    const { words, hits } = this.#encoding;
    const count = table.find(words, (length + 3) >>> 2, everySecond, hits);
    for (let i = 0; i < count; i++) {
      const at = hits[i]!;
      const word = words[at >>> 2]!;
      const gram = table.gramOf((at & 2) === 0 ? word : (word >>> 16) | (words[(at >>> 2) + 1]! << 16));
      this.#compare(table, gram, at, found);
    }
  }

  /** `at`: where the gram stands. */
  #compare(table: GramTable, gram: number, at: number, found: Bits): void {
    const text = this.#encoding.bytes;
    const bytes = this.#bytes;
    for (let owner = table.first(gram); owner >= 0; owner = table.next(owner)) {
      const needle = table.needleOf(owner);
      let here = at - table.offsetOf(owner);
      if (here < 0) continue;
      if (this.#patience-- < 0) return this.#giveUp(found);
      const end = this.#begins[needle + 1]!;
      let byte = this.#begins[needle]!;
      while (byte < end && (text[here]! | CASE_BIT) === bytes[byte]) {
        byte++;
        here++;
      }
      if (byte < end || this.#foundIn[needle] === this.#scan) continue;
      this.#foundIn[needle] = this.#scan;
      found.setAll(this.#needles[needle]!.rules);
    }
  }

  #giveUp(found: Bits): void {
    for (const [needle, { rules }] of this.#needles.entries()) {
      this.#foundIn[needle] = this.#scan;
      found.setAll(rules);
    }
  }
}

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
