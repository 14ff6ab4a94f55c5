/**
 * How the texts of one pattern are searched: without the engine where the pattern is a literal or one repeated class, else by
 * up to four programs, each printed when first needed: with and without captures (a program without is smaller, and enough
 * to answer yes or no), and both again for texts beyond ASCII where `\b` must be Unicode's.
 */
import { contains } from "./code-point-set.ts";
import type { Node } from "./node.ts";
import { literalSearch, repeatedClassSearch } from "./plain-search.ts";
import { ENGINE_REPEAT_LIMIT, printPattern } from "./print-pattern.ts";
import { estimateSize } from "./program-size.ts";
import { compileProgram, type Program, type Search } from "./re2.ts";
import { refuse } from "./syntax-error.ts";
import { UNICODE_WORD } from "./unicode-classes.ts";
import { walk } from "./walk.ts";

/** `size` is that of the program, by which a search is charged; 0: one pass, free. */
export interface Searcher {
  test(text: string): { readonly size: number; matches(): boolean };
  find(text: string): { readonly size: number; readonly search: Search };
}

/** An estimate so far over the limit is not measured: the engine would have to build it. */
const MEASURED_UP_TO = 20;

/** `groups`: how many of the tree. Throws `RegexSyntaxError` for a program of more than `maxSize` instructions. */
export function createSearcher(node: Node, groups: number, maxSize: number): Searcher {
  const literal = literalSearch(node);
  if (literal !== null) {
    checkSize([...literal.literal].length + 2, maxSize, 0);
    return onePass(literal.find);
  }
  const repeatedClass = repeatedClassSearch(node);
  return repeatedClass === null ? engineSearcher(node, groups, maxSize) : onePass(repeatedClass);
}

const onePass = (find: (text: string) => Search): Searcher => ({
  test: (text) => ({ size: 0, matches: () => find(text).find(0) !== null }),
  find: (text) => ({ size: 0, search: find(text) }),
});

function engineSearcher(node: Node, groups: number, maxSize: number): Searcher {
  const { unicodeWords, lookBehind } = checkLooks(node);
  checkCopiedGroups(node, 1);
  const estimate = estimateSize(node);
  if (estimate.size > maxSize * MEASURED_UP_TO) checkSize(estimate.size, maxSize, estimate.offset);

  const program = (captures: boolean, words: boolean): Program =>
    compileProgram(printPattern(node, { captures, hideTextStart: words }), captures ? groups : 0, lookBehind);
  const bare = program(false, false);
  checkSize(bare.size, maxSize, estimate.offset);
  const capturing = groups === 0 ? () => bare : once(() => program(true, false));
  const bareWords = once(() => program(false, true));
  const capturingWords = groups === 0 ? bareWords : once(() => program(true, true));

  const needsWords = (text: string): boolean => unicodeWords && /[^\0-\x7f]/u.test(text);
  return {
    test(text) {
      if (!needsWords(text)) return { size: bare.size, matches: () => bare.test(text) };
      const { size, searchWords } = bareWords();
      return { size, matches: () => searchWords(text, isUnicodeWord).find(0) !== null };
    },
    find(text) {
      const { size, search, searchWords } = needsWords(text) ? capturingWords() : capturing();
      return { size, search: needsWords(text) ? searchWords(text, isUnicodeWord) : search(text) };
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function checkSize(size: number, maxSize: number, offset: number): void {
  if (size > maxSize)
    refuse(`a program of ${size} instructions is over the limit of ${maxSize} (limits.regex_program)`, offset);
}

const isUnicodeWord = (codePoint: number): boolean => codePoint >= 0 && contains(UNICODE_WORD, codePoint);

/** The engine has one kind of `\b`, so a pattern may use that of Unicode or that of ASCII, not both. */
function checkLooks(node: Node): { readonly unicodeWords: boolean; readonly lookBehind: boolean } {
  let unicode: boolean | null = null;
  let lookBehind = false;
  for (const n of walk(node)) {
    if (n.kind !== "look" || !n.look.includes("word")) continue;
    if (unicode !== null && unicode !== n.unicode)
      refuse("word boundaries of both ASCII, (?-u), and Unicode are not supported", n.offset);
    unicode = n.unicode;
    if (n.look !== "word-boundary" && n.look !== "not-word-boundary") lookBehind = true;
  }
  return { unicodeWords: unicode === true, lookBehind };
}

/** Repetitions beyond the engine's limit are written as copies, which must not hold a group. */
function checkCopiedGroups(node: Node, copies: number): void {
  switch (node.kind) {
    case "group":
      if (copies > ENGINE_REPEAT_LIMIT) {
        refuse(
          `a group repeated ${copies} times is not supported, at most ${ENGINE_REPEAT_LIMIT}; (?:…) does not capture`,
          node.offset,
        );
      }
      checkCopiedGroups(node.sub, copies);
      break;
    case "repeat":
      checkCopiedGroups(node.sub, copies * Math.max(1, node.max === Infinity ? node.min : node.max));
      break;
    case "concat":
    case "alternation":
      for (const sub of node.subs) checkCopiedGroups(sub, copies);
      break;
  }
}
