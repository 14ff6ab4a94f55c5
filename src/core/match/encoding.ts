/** Texts are encoded in pieces of about this many UTF-16 units. */
export const PIECE = 16_384;

/** The bytes of a text, by fours, followed by at least four zeros. */
export class Encoding {
  words = new Int32Array(0);
  bytes = new Uint8Array(this.words.buffer);
  /** For whoever reads the words: room for two numbers for each. */
  hits = new Int32Array(0);
  readonly #encoder = new TextEncoder();

  /** Number of bytes. */
  encode(text: string): number {
    const most = text.length * 3 + 8;
    if (most > this.bytes.length) {
      this.words = new Int32Array(Math.max(LEAST, most >>> 1)); // twice the bytes needed
      this.bytes = new Uint8Array(this.words.buffer);
      this.hits = new Int32Array(2 * this.words.length);
    }
    const bytes = this.bytes;
    const { written } = this.#encoder.encodeInto(text, bytes);
    for (let at = written; at < written + 8; at++) bytes[at] = 0;
    return written;
  }
}

const LEAST = 1_024;
