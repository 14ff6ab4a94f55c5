/**
 * The engine, re2js: linear time for every pattern. Its public search differs from Rust's in its empty matches and searches
 * twice for groups, so the search below calls the engine with an input of our own. The input also counts what a search has
 * read, which is what it cost, and answers which zero-width tests hold at a position, so that `\b` may be Unicode's although
 * the engine knows ASCII's only.
 *
 * The protocol of an input is the engine's own (`MachineInputBase`): positions are UTF-16; a step is `code point << 3 | units`,
 * at the end −8; a context is a sum of the flags below. The version of re2js is pinned for that reason.
 */
import { RE2JS } from "re2js";

/** Searches with one program. */
export interface Program {
  /** Instructions. */
  readonly size: number;
  /** Whether it matches anywhere, by ASCII `\b`. */
  test(text: string): boolean;
  /** A search of one text by ASCII `\b`. */
  search(text: string): Search;
  /** The same by the `\b` of `isWord`. Only for programs that do not begin with a bare `\A`. */
  searchWords(text: string, isWord: (codePoint: number) => boolean): Search;
}

export interface Search {
  /** Ends of the groups of the first match from `from` on, `[start, end, start, end, …]`, −1 where a group took no part. */
  find(from: number): readonly number[] | null;
  /** What the last `find` cost: UTF-16 units read by the engine, and a 32nd of those that it only scanned for a literal. */
  readonly read: number;
}

const BEGIN_LINE = 1;
const END_LINE = 2;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
const WORD_BOUNDARY = 16;
const NO_WORD_BOUNDARY = 32;
const END_OF_INPUT = -8;
const UNANCHORED = 0;

/**
 * Memory for the states that `test` remembers of one program, in bytes by re2js's count. A text that would need more is
 * matched the slow way; this bounds the time lost until then to some 10 ms (by re2js's default of 8 MB to more than 100).
 */
const STATE_MEMORY = 1 << 20;

/** Throws when re2js refuses what was printed for it: a bug, or a tree too large for it. */
export function compileProgram(printed: string, groups: number, lookBehind: boolean): Program {
  const compiled = RE2JS.compile(printed, lookBehind ? RE2JS.LOOKBEHINDS : 0);
  const engine = compiled.re2();
  let prepared = lookBehind;
  const test = (text: string): boolean => {
    if (!prepared) {
      prepared = true;
      engine.dfa.stateBudget = STATE_MEMORY;
      engine.dfa.memBudget = STATE_MEMORY;
    }
    return compiled.test(text);
  };
  const searching = (text: string, origin: number, isWord: (codePoint: number) => boolean): Search => {
    const input = new EngineInput(text, origin, isWord);
    let start = 0;
    return {
      find(from) {
        // Look-behind makes the engine begin at the start of the text each time.
        start = lookBehind ? 0 : from + origin;
        input.furthest = start;
        input.scanned = 0;
        // The declaration says `any`; what comes is an array of numbers or null.
        const found = engine.executeEngine(input, from + origin, UNANCHORED, 2 * (groups + 1)) as number[] | null;
        return found === null || origin === 0 ? found : found.map((at) => (at < 0 ? at : at - origin));
      },
      get read() {
        return input.furthest - start + 1 + (input.scanned >> 5);
      },
    };
  };
  return {
    size: compiled.programSize(),
    test,
    search: (text) => searching(text, 0, isAsciiWord),
    searchWords: (text, isWord) => searching(text, 1, isWord),
  };
}

const isAsciiWord = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95;

/** Stands before the text where that begins at position 1; a member of no class. */
const BEFORE_TEXT = (0x11_0000 << 3) | 1;

/** A class, not a closure: the engine calls `step` for every character. */
class EngineInput {
  /** The last position read. */
  furthest = 0;
  /** UTF-16 units passed over while looking for literals that every match holds. */
  scanned = 0;
  readonly #text: string;
  readonly #origin: number;
  readonly #isWord: (codePoint: number) => boolean;

  constructor(text: string, origin: number, isWord: (codePoint: number) => boolean) {
    this.#text = text;
    this.#origin = origin;
    this.#isWord = isWord;
  }

  step(position: number): number {
    if (position > this.furthest) this.furthest = position;
    const at = position - this.#origin;
    if (at < 0) return BEFORE_TEXT;
    const codePoint = this.#text.codePointAt(at);
    if (codePoint === undefined) return END_OF_INPUT;
    return (codePoint << 3) | (codePoint > 0xffff ? 2 : 1);
  }

  context(position: number): number {
    const text = this.#text;
    const at = position - this.#origin;
    let before = at > 0 ? text.charCodeAt(at - 1) : -1;
    if (before >= 0xdc00 && before <= 0xdfff) before = text.codePointAt(at - 2) ?? before;
    const after = text.codePointAt(at) ?? -1;
    const lines = (before === 10 ? BEGIN_LINE : 0) | (after === 10 ? END_LINE : 0);
    const ends = (at <= 0 ? BEGIN_TEXT | BEGIN_LINE : 0) | (after < 0 ? END_TEXT | END_LINE : 0);
    return lines | ends | (this.#isWord(before) === this.#isWord(after) ? NO_WORD_BOUNDARY : WORD_BOUNDARY);
  }

  index(engine: { readonly prefix: string }, position: number): number {
    const at = position - this.#origin;
    const found = this.#text.indexOf(engine.prefix, at);
    return found < 0 ? -1 : found - at;
  }

  prefixLength(engine: { readonly prefix: string }): number {
    return engine.prefix.length;
  }

  hasString(filter: { readonly str: string }, position: number): boolean {
    const at = position - this.#origin;
    const found = this.#text.indexOf(filter.str, at);
    this.scanned += (found < 0 ? this.#text.length : found) - at;
    return found >= 0;
  }

  hasAnyString(filter: AnyString, position: number): boolean {
    return filter.automaton16().searchUTF16(this.#text, position - this.#origin, this.#text.length);
  }

  canCheckPrefix(): boolean {
    return true;
  }

  endPos(): number {
    return this.#text.length + this.#origin;
  }
}

interface AnyString {
  automaton16(): { searchUTF16(text: string, start: number, end: number): boolean };
}
