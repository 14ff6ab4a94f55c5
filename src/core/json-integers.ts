/**
 * The exact integers of a JSON text that JSON.parse has rounded, by the literals found outside strings.
 *
 * Where a few members of one name hold all of them, as is usual, their literals are looked for behind that name; else the
 * text is walked through. Both say that they cannot tell when a double does not tell which literal it came from; then
 * every value has to be asked for its source.
 */
type Container = Readonly<Record<string | number, unknown>>;

/** By holder the integer it stands for; undefined: it is no integer. Null: cannot be told. */
export type Exact = readonly (bigint | undefined)[];

/** `holders[i][keys[i]]` is a number beyond the safe integers. `escapes`: there may be characters written as `\u0061`. */
export function exactIntegers(
  text: string,
  escapes: boolean,
  holders: readonly Container[],
  keys: readonly (string | number)[],
): Exact | null {
  // One of the names may be written in another way.
  const named = escapes && text.includes("u00") ? null : exactOfNames(text, holders, keys);
  return named ?? exactOfAll(text, holders, keys);
}

function exactOfNames(text: string, holders: readonly Container[], keys: readonly (string | number)[]): Exact | null {
  if (keys.length > MAX_NAMED) return null;
  const rounded: number[] = [];
  const integers: bigint[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    if (keys.indexOf(key) !== i) continue;
    // Between two quotes that are not escaped, a word can only be a string: no other token stands there.
    if (typeof key !== "string" || Array.isArray(holders[i]) || !isWord(key)) return null;
    let missing = 0;
    for (const each of keys) if (each === key) missing++;
    const name = `${key}"`; // without its first quote, since quotes are everywhere and letters are not
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
      // The end of a longer name, which may hold an escaped quote.
      if (text.charCodeAt(at - 1) !== QUOTE || text.charCodeAt(at - 2) === BACKSLASH) continue;
      const begin = startOfValue(text, at + name.length);
      const end = endOfDigits(text, begin);
      if (end === begin) continue;
      if (isFraction(text.charCodeAt(end))) return null;
      if (end - begin < MIN_DIGITS) continue;
      const integer = BigInt(text.slice(begin, end));
      const number = Number(integer);
      if (Number.isSafeInteger(number)) continue;
      const before = rounded.indexOf(number);
      if (--missing < 0 || (before >= 0 && integers[before] !== integer)) return null;
      rounded.push(number);
      integers.push(integer);
    }
    if (missing !== 0) return null;
  }
  const exact: bigint[] = [];
  for (let i = 0; i < keys.length; i++) {
    const found = rounded.indexOf(holders[i]![keys[i]!] as number);
    if (found < 0) return null;
    exact.push(integers[found]!);
  }
  return exact;
}

const MAX_NAMED = 4;
const MIN_DIGITS = 16;

/** Letters, digits and `_.@-`, the first a letter or `_`. */
function isWord(text: string): boolean {
  if (!isLetter(text.charCodeAt(0))) return false;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!(isLetter(code) || (code >= ZERO && code <= NINE) || code === MINUS || code === POINT || code === AT))
      return false;
  }
  return true;
}

/** Either case is one bit; `_` counts as one. */
const isLetter = (code: number): boolean => ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === UNDERSCORE;

/** Behind the colon, when one is there: where the value of a name begins. */
function startOfValue(text: string, at: number): number {
  const colon = behindSpace(text, at);
  return text.charCodeAt(colon) === COLON ? behindSpace(text, colon + 1) : at;
}

function behindSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}

/** `at` itself where no number begins. */
function endOfDigits(text: string, at: number): number {
  let end = text.charCodeAt(at) === MINUS ? at + 1 : at;
  for (let code = text.charCodeAt(end); code >= ZERO && code <= NINE; code = text.charCodeAt(end)) end++;
  return end;
}

const isFraction = (code: number): boolean => code === POINT || code === LOWER_E || code === UPPER_E;

function exactOfAll(text: string, holders: readonly Container[], keys: readonly (string | number)[]): Exact | null {
  const outside = outsideStrings(text);
  if (/\d[eE]|\d{16}\./.test(outside)) return null; // a large number that is written in another way than its digits
  const integers = new Map<number, bigint>();
  for (const [literal] of outside.matchAll(/-?\d{16,}/g)) {
    const integer = BigInt(literal);
    const rounded = Number(integer);
    const before = integers.get(rounded);
    if (before !== undefined && before !== integer) return null; // rounded to the same number
    integers.set(rounded, integer);
  }
  return holders.map((holder, i) => integers.get(holder[keys[i]!] as number));
}

/** Valid JSON without its strings, nor what is between them where it is too short for a large number (`:1e16,`). */
function outsideStrings(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('"', at);
    if (open < 0) break;
    if (open - at > 5) parts.push(text.slice(at, open));
    let close = text.indexOf('"', open + 1);
    while (text.charCodeAt(close - 1) === BACKSLASH && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    at = close + 1;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const AT = 0x40;
const UPPER_E = 0x45;
const UNDERSCORE = 0x5f;
const LOWER_E = 0x65;

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
