import type { CodePointSet } from "./code-point-set.ts";
import { decodeRanges } from "./decode-table.ts";
import { DIGIT, SPACE, WORD } from "./unicode-tables.ts";

/** `\d`, `\s`, `\w` of Rust with and without Unicode. */
export const UNICODE_DIGIT: CodePointSet = decodeRanges(DIGIT);
export const UNICODE_SPACE: CodePointSet = decodeRanges(SPACE);
export const UNICODE_WORD: CodePointSet = decodeRanges(WORD);

export const ASCII_DIGIT: CodePointSet = [48, 57];
export const ASCII_SPACE: CodePointSet = [9, 13, 32, 32];
export const ASCII_WORD: CodePointSet = [48, 57, 65, 90, 95, 95, 97, 122];

/** `[[:name:]]`: ASCII only, whatever the flags. */
export const POSIX_CLASSES: ReadonlyMap<string, CodePointSet> = new Map<string, CodePointSet>([
  ["alnum", [48, 57, 65, 90, 97, 122]],
  ["alpha", [65, 90, 97, 122]],
  ["ascii", [0, 127]],
  ["blank", [9, 9, 32, 32]],
  ["cntrl", [0, 31, 127, 127]],
  ["digit", ASCII_DIGIT],
  ["graph", [33, 126]],
  ["lower", [97, 122]],
  ["print", [32, 126]],
  ["punct", [33, 47, 58, 64, 91, 96, 123, 126]],
  ["space", ASCII_SPACE],
  ["upper", [65, 90]],
  ["word", ASCII_WORD],
  ["xdigit", [48, 57, 65, 70, 97, 102]],
]);
