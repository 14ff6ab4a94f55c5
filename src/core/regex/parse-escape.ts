import { foldAsciiCase, foldCase } from "./case-folding.ts";
import { type CodePointSet, negate } from "./code-point-set.ts";
import type { WordLook } from "./node.ts";
import { isWhiteSpace, type PatternReader } from "./pattern-reader.ts";
import { refuse } from "./syntax-error.ts";
import { ASCII_DIGIT, ASCII_SPACE, ASCII_WORD, UNICODE_DIGIT, UNICODE_SPACE, UNICODE_WORD } from "./unicode-classes.ts";
import { unicodeProperty } from "./unicode-property.ts";

/** Flags in force; `x` is the reader's. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly swapGreed: boolean;
  readonly unicode: boolean;
  readonly crlf: boolean;
}

export type Escape =
  | { readonly kind: "literal"; readonly codePoint: number; readonly offset: number }
  | { readonly kind: "set"; readonly set: CodePointSet; readonly offset: number }
  | { readonly kind: "look"; readonly look: "text-start" | "text-end" | WordLook; readonly offset: number };

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const LOOKS: Readonly<Record<string, "text-start" | "text-end" | WordLook>> = {
  A: "text-start",
  z: "text-end",
  B: "not-word-boundary",
  "<": "word-start",
  ">": "word-end",
};
const NAMED_BOUNDARIES: ReadonlyMap<string, WordLook> = new Map([
  ["start", "word-start"],
  ["end", "word-end"],
  ["start-half", "word-start-half"],
  ["end-half", "word-end-half"],
] as const);
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const UNFINISHED = "unfinished escape at the end of the pattern";

/** An escape outside and inside of classes; the reader is at the backslash. */
export function parseEscape(reader: PatternReader, flags: Flags): Escape {
  const offset = reader.offset;
  if (!reader.next()) refuse(UNFINISHED, offset);
  const char = reader.char();
  if (/^[0-9]$/u.test(char)) refuse(`back-references and octal escapes are not supported: \\${char}`, offset);
  if (char in HEX_DIGITS) return parseHex(reader, flags, offset);
  if (char === "p" || char === "P") return { kind: "set", set: parseProperty(reader, flags, offset), offset };
  if (/^[dswDSW]$/u.test(char)) {
    reader.next();
    return { kind: "set", set: perlClass(char, flags, offset), offset };
  }
  reader.next();
  if (/^[\0-\x7f]$/u.test(char) && !/^[0-9A-Za-z<>]$/u.test(char))
    return { kind: "literal", codePoint: char.charCodeAt(0), offset };
  const control = CONTROLS[char];
  if (control !== undefined) return { kind: "literal", codePoint: control, offset };
  if (char === "b") return { kind: "look", look: parseBoundary(reader, offset), offset };
  const look = LOOKS[char];
  if (look !== undefined) return { kind: "look", look, offset };
  return refuse(`unknown escape \\${char}`, offset);
}

/** Case and negation as the flags want them; without Unicode a class must stay within ASCII. */
export function foldAndNegate(set: CodePointSet, negated: boolean, flags: Flags, offset: number): CodePointSet {
  const folded = flags.ignoreCase ? (flags.unicode ? foldCase(set) : foldAsciiCase(set)) : set;
  if (!negated) return folded;
  if (!flags.unicode) refuse("a negated class under (?-u) would match parts of characters", offset);
  return negate(folded);
}

function perlClass(char: string, flags: Flags, offset: number): CodePointSet {
  const lower = char.toLowerCase();
  const set =
    lower === "d"
      ? flags.unicode
        ? UNICODE_DIGIT
        : ASCII_DIGIT
      : lower === "s"
        ? flags.unicode
          ? UNICODE_SPACE
          : ASCII_SPACE
        : flags.unicode
          ? UNICODE_WORD
          : ASCII_WORD;
  // Not folded here, as in Rust; a class around it is.
  return foldAndNegate(set, char !== lower, { ...flags, ignoreCase: false }, offset);
}

function parseProperty(reader: PatternReader, flags: Flags, offset: number): CodePointSet {
  const negated = reader.char() === "P";
  if (!reader.nextSkipping()) refuse(UNFINISHED, offset);
  let name = "";
  if (reader.char() === "{") {
    while (reader.nextSkipping() && reader.char() !== "}") name += reader.char();
    if (reader.atEnd()) refuse(UNFINISHED, offset);
    reader.next();
  } else {
    name = reader.char();
    if (name === "\\") refuse("invalid Unicode class, expected a letter or {name}", reader.offset);
    reader.nextSkipping();
  }
  if (!flags.unicode) refuse("Unicode classes need Unicode, which (?-u) switched off", offset);
  const found = unicodeProperty(name);
  return typeof found === "string" ? refuse(found, offset) : foldAndNegate(found, negated, flags, offset);
}

function parseHex(reader: PatternReader, flags: Flags, offset: number): Escape {
  const count = HEX_DIGITS[reader.char()] ?? 0;
  if (!reader.nextSkipping()) refuse(UNFINISHED, offset);
  let digits = "";
  const digit = (): void => {
    if (!/^[0-9A-Fa-f]$/u.test(reader.char()))
      refuse(`invalid hexadecimal digit ${JSON.stringify(reader.char())}`, reader.offset);
    digits += reader.char();
  };
  const braced = reader.char() === "{";
  if (braced) {
    while (reader.nextSkipping() && reader.char() !== "}") digit();
    if (reader.atEnd()) refuse(UNFINISHED, offset);
    if (digits === "") refuse("empty hexadecimal escape", offset);
  } else {
    for (let i = 0; i < count; i++) {
      if (i > 0 && !reader.nextSkipping()) refuse(UNFINISHED, offset);
      digit();
    }
  }
  reader.nextSkipping();
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > 0x10_ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    refuse(`hexadecimal escape ${digits} is no Unicode character`, offset);
  }
  if (!flags.unicode && !braced && count === 2 && codePoint > 0x7f) {
    refuse(`\\x${digits} under (?-u) is a byte and no character`, offset);
  }
  return { kind: "literal", codePoint, offset };
}

/** `\b`, or one of `\b{start}` …; `\b{3}` is `\b` under a count. */
function parseBoundary(reader: PatternReader, offset: number): WordLook {
  if (reader.char() !== "{") return "word-boundary";
  const brace = reader.offset;
  if (!reader.nextSkipping()) refuse("unclosed { behind \\b", offset);
  if (!/^[A-Za-z-]$/u.test(reader.char())) {
    reader.moveTo(brace);
    return "word-boundary";
  }
  let name = "";
  while (/^[A-Za-z-]$/u.test(reader.char())) {
    name += reader.char();
    reader.nextSkipping();
  }
  if (reader.char() !== "}") refuse("unclosed \\b{…}", offset);
  reader.next();
  return (
    NAMED_BOUNDARIES.get(name) ??
    refuse(`unknown word boundary \\b{${name}}, accepted: start, end, start-half, end-half`, offset)
  );
}

/** A count of a repetition; white space around it is always allowed. */
export function parseDecimal(reader: PatternReader): number {
  while (isWhiteSpace(reader.char())) reader.next();
  const offset = reader.offset;
  let digits = "";
  while (/^[0-9]$/u.test(reader.char())) {
    digits += reader.char();
    reader.nextSkipping();
  }
  while (isWhiteSpace(reader.char())) reader.nextSkipping();
  if (digits === "") refuse("a repetition { needs a number, a literal { is written \\{", offset);
  const value = Number(digits);
  if (value > 0xffff_ffff) refuse(`repetition count ${digits} is too large`, offset);
  return value;
}
