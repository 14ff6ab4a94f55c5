/**
 * The tables of Unicode data are text: numbers of base 32, low digit first, where a digit of 32 or more says that another
 * follows. A range table is the list of distances between its ascending ends.
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const VALUE: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, DIGITS.indexOf(String.fromCharCode(code))),
);

export function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = VALUE[text.charCodeAt(i)] ?? 0;
    value += (digit & 31) << shift;
    if (digit >= 32) {
      shift += 5;
    } else {
      numbers.push(value);
      value = 0;
      shift = 0;
    }
  }
  return numbers;
}

export function decodeRanges(text: string): readonly number[] {
  let last = 0;
  return decodeNumbers(text).map((distance) => (last += distance));
}
