import { contains } from "./code-point-set.ts";
import { UNICODE_SPACE } from "./unicode-classes.ts";

/** A cursor over the characters of a pattern. Under `(?x)`, `skip…` steps over white space and comments. */
export interface PatternReader {
  /** UTF-16 offset of the current character. */
  readonly offset: number;
  /** Whether white space and comments mean nothing, `(?x)`. */
  free: boolean;
  /** The current character, `""` at the end. */
  char(): string;
  atEnd(): boolean;
  /** The character behind the current one, `""` if none. */
  peek(): string;
  /** As `peek`, behind what is skipped. */
  peekSkipping(): string;
  /** To the next character; false at the end. */
  next(): boolean;
  nextSkipping(): boolean;
  skip(): void;
  /** Over `text` if it comes next. */
  take(text: string): boolean;
  moveTo(offset: number): void;
}

export function patternReader(pattern: string): PatternReader {
  let offset = 0;
  let free = false;
  const charAt = (at: number): string => {
    const codePoint = pattern.codePointAt(at);
    return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
  };
  const skipFrom = (start: number): number => {
    let at = start;
    if (!free) return at;
    while (at < pattern.length) {
      const char = charAt(at);
      if (isWhiteSpace(char)) {
        at += char.length;
      } else if (char === "#") {
        const line = pattern.indexOf("\n", at);
        at = line < 0 ? pattern.length : line + 1;
      } else {
        break;
      }
    }
    return at;
  };
  const reader: PatternReader = {
    get offset() {
      return offset;
    },
    get free() {
      return free;
    },
    set free(value) {
      free = value;
    },
    char: () => charAt(offset),
    atEnd: () => offset >= pattern.length,
    peek: () => charAt(offset + charAt(offset).length),
    peekSkipping() {
      if (!free) return reader.peek();
      const start = offset + charAt(offset).length;
      // As in Rust, a comment ends this look ahead at its first character.
      let comment = false;
      for (let at = start; at < pattern.length; at += charAt(at).length) {
        const char = charAt(at);
        if (isWhiteSpace(char)) continue;
        if (comment || char !== "#") return char;
        comment = true;
      }
      return charAt(start);
    },
    next() {
      offset += charAt(offset).length;
      return offset < pattern.length;
    },
    nextSkipping() {
      if (!reader.next()) return false;
      reader.skip();
      return offset < pattern.length;
    },
    skip() {
      offset = skipFrom(offset);
    },
    take(text) {
      if (!pattern.startsWith(text, offset)) return false;
      offset += text.length;
      return true;
    },
    moveTo(to) {
      offset = to;
    },
  };
  return reader;
}

export const isWhiteSpace = (char: string): boolean => char !== "" && contains(UNICODE_SPACE, char.codePointAt(0) ?? 0);
