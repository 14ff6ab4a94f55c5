/**
 * UUID version 7 (RFC 9562): 48 bits of epoch milliseconds, version, 12 + 62 random bits, as lower-case text.
 *
 * One is made for each event that nobody named, so its text is written in one go: glued together of pieces it took three
 * times as long, and left twenty pieces to the garbage collector. Random bytes are asked for many at once.
 */
export function createUuid7(random: (bytes: number) => Uint8Array): (nowMs: number) => string {
  let bytes: Uint8Array | undefined;
  let next = 0;
  return (nowMs) => {
    if (bytes === undefined || next + RANDOM_BYTES > bytes.length) {
      bytes = random(RANDOM_BYTES * AT_ONCE);
      next = 0;
    }
    const at = next;
    next += RANDOM_BYTES;
    return textOf(nowMs, bytes, at);
  };
}

/** Of each id; one of them gives four bits, one six. */
const RANDOM_BYTES = 10;
const AT_ONCE = 64;
const DIGITS = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const DASH = 0x2d;
const VERSION = 0x37; // 7

function textOf(nowMs: number, random: Uint8Array, at: number): string {
  const high = Math.floor(nowMs / 0x10000);
  const low = nowMs % 0x10000;
  const a = random[at]!;
  const b = random[at + 1]!;
  const c = random[at + 2]!;
  const d = random[at + 3]!;
  const e = random[at + 4]!;
  const f = random[at + 5]!;
  const g = random[at + 6]!;
  const h = random[at + 7]!;
  const i = random[at + 8]!;
  const j = random[at + 9]!;
  // prettier-ignore
  return String.fromCharCode(
    DIGITS[(high >>> 28) & 15]!, DIGITS[(high >>> 24) & 15]!, DIGITS[(high >>> 20) & 15]!, DIGITS[(high >>> 16) & 15]!,
    DIGITS[(high >>> 12) & 15]!, DIGITS[(high >>> 8) & 15]!, DIGITS[(high >>> 4) & 15]!, DIGITS[high & 15]!, DASH,
    DIGITS[(low >>> 12) & 15]!, DIGITS[(low >>> 8) & 15]!, DIGITS[(low >>> 4) & 15]!, DIGITS[low & 15]!, DASH,
    VERSION, DIGITS[a & 15]!, DIGITS[b >>> 4]!, DIGITS[b & 15]!, DASH,
    DIGITS[8 | ((c >>> 4) & 3)]!, DIGITS[c & 15]!, DIGITS[d >>> 4]!, DIGITS[d & 15]!, DASH,
    DIGITS[e >>> 4]!, DIGITS[e & 15]!, DIGITS[f >>> 4]!, DIGITS[f & 15]!, DIGITS[g >>> 4]!, DIGITS[g & 15]!,
    DIGITS[h >>> 4]!, DIGITS[h & 15]!, DIGITS[i >>> 4]!, DIGITS[i & 15]!, DIGITS[j >>> 4]!, DIGITS[j & 15]!,
  );
}
