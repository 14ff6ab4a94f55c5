/**
 * Finds where the documents of a body begin and end without parsing them: the elements of one top-level array, or
 * JSON values written one after the other. It looks only at quotes, brackets and commas, so it is right for every valid
 * text and tolerant of a bad document between good ones. It works in steps, because a body may have 32 MB.
 *
 * States: between documents; inside one (depth of brackets); inside a string. Bytes above 0x7f occur only inside
 * strings of valid JSON and never look like a quote or a bracket (UTF-8).
 */
export type SplitMode = "array" | "values";

export interface Splitter {
  /** Scans at most `bytes` further; true when done. */
  step(bytes: number): boolean;
  /** After the end: what is wrong with the whole, or null. */
  readonly problem: string | null;
  /** The problem is that there are more documents than allowed. */
  readonly tooMany: boolean;
  readonly spans: Spans;
}

/** Documents by position: `starts[i]` to `ends[i]`, and the deepest nesting inside each. */
export interface Spans {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly depths: readonly number[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** `[` and `{`, `]` and `}` differ in this bit only. */
const BRACE_BIT = 0x20;

export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** `text` begins, after white space, with `[` in mode array. More than `maxDocuments` is a problem. */
export function createSplitter(text: Uint8Array, mode: SplitMode, maxDocuments: number): Splitter {
  const starts: number[] = [];
  const ends: number[] = [];
  const depths: number[] = [];
  /** Depth at which documents lie. */
  const base = mode === "array" ? 1 : 0;
  let at = 0;
  let depth = 0;
  let deepest = 0;
  let inString = false;
  /** Start of the document being read; -1 between documents. */
  let start = -1;
  let closed = false;
  let problem: string | null = null;

  const finish = (end: number): void => {
    starts.push(start);
    ends.push(end);
    depths.push(deepest - base);
    start = -1;
    deepest = base;
    if (starts.length > maxDocuments) problem = `more than ${maxDocuments} documents`;
  };

  // The hot loop: nearly every byte is inside a string or inside a document, and passes one or two comparisons.
  function step(bytes: number): boolean {
    const until = Math.min(text.length, at + bytes);
    let i = at;
    while (i < until && problem === null) {
      if (inString) {
        while (i < until) {
          const byte = text[i++]!;
          if (byte === QUOTE) {
            inString = false;
            break;
          }
          if (byte === BACKSLASH) i++;
        }
      } else if (depth > base) {
        i = scanInside(i, until);
      } else {
        atBase(text[i]!, i);
        i++;
      }
    }
    at = i;
    if (problem !== null) return true;
    if (at < text.length) return false;
    end();
    return true;
  }

  /** From inside a document to its end or to a string that is not closed before `until`. */
  function scanInside(from: number, until: number): number {
    let i = from;
    let level = depth;
    let most = deepest;
    while (i < until) {
      const byte = text[i++]!;
      if (byte === QUOTE) {
        let closed = false;
        while (i < until) {
          const inner = text[i++]!;
          if (inner === QUOTE) {
            closed = true;
            break;
          }
          if (inner === BACKSLASH) i++;
        }
        if (!closed) {
          inString = true;
          break;
        }
      } else if ((byte | BRACE_BIT) === OPEN_BRACE) {
        if (++level > most) most = level;
      } else if ((byte | BRACE_BIT) === CLOSE_BRACE && --level === base) {
        break;
      }
    }
    depth = level;
    deepest = most;
    if (level === base && mode === "values") finish(i);
    return i;
  }

  function atBase(byte: number, i: number): void {
    if (closed) {
      if (!isSpace(byte)) problem = `text after the end of the array, at byte ${i}`;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === base && start < 0) start = i;
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      closeBelow(byte, i);
    } else if (byte === COMMA && mode === "array") {
      endElement(i);
    } else if (!isSpace(byte)) {
      if (mode === "values") problem = notAnObject(i);
      if (start < 0) start = i;
      inString = byte === QUOTE;
    }
  }

  function closeBelow(byte: number, i: number): void {
    if (mode === "values" || byte !== CLOSE_BRACKET) {
      problem = `an unexpected ${byte === CLOSE_BRACE ? "}" : "]"} at byte ${i}`;
      return;
    }
    if (start >= 0 || starts.length > 0) endElement(i);
    closed = true;
  }

  /** An element may be empty (`[1,,2]`): a document too, and a bad one. */
  function endElement(end: number): void {
    if (start < 0) start = end;
    finish(end);
  }

  function end(): void {
    if (mode === "array" && !closed) problem = "the array is not closed";
    if (mode === "values" && start >= 0) finish(text.length);
  }

  return {
    step,
    get problem() {
      return problem;
    },
    get tooMany() {
      return starts.length > maxDocuments;
    },
    spans: { starts, ends, depths },
  };
}

const notAnObject = (at: number): string => `expected { or [ at byte ${at}`;

/** The lines of NDJSON that are not blank; `depths` is unknown, so 0. */
export function splitLines(text: Buffer, maxDocuments: number): Spans | string {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(0x0a, at);
    const next = found < 0 ? text.length : found;
    let start = at;
    let end = next;
    while (start < end && isSpace(text[start])) start++;
    while (end > start && isSpace(text[end - 1])) end--;
    if (end > start) {
      if (starts.length === maxDocuments) return `more than ${maxDocuments} documents`;
      starts.push(start);
      ends.push(end);
    }
    at = next + 1;
  }
  return { starts, ends, depths: [] };
}
