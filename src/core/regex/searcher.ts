/**
 * How the texts of one pattern are searched: without the engine where the pattern is a literal or one repeated class (or, to
 * answer yes or no, literals with anything between them or a row of classes), else by up to four programs, each made when
 * first needed: with and without captures (a program without is smaller, and enough to answer yes or no), and both again for
 * texts beyond ASCII if `\b` must then be Unicode's or if the classes are so large that their ASCII part alone is worth a
 * program of its own (`\w`: 0.1 ms to compile instead of 2).
 */
import { type CodePointSet, contains, intersect } from "./code-point-set.ts";
import { fixedWidthTest } from "./fixed-width-test.ts";
import type { Look, Node } from "./node.ts";
import { literalSearch, repeatedClassSearch } from "./plain-search.ts";
import { ASCII, ENGINE_REPEAT_LIMIT, printPattern } from "./print-pattern.ts";
import { estimateSize } from "./program-size.ts";
import { compileProgram, type Program, type Search } from "./re2.ts";
import { RUST_SIZE_LIMIT, rustSize } from "./rust-size.ts";
import { sequenceTest } from "./sequence-test.ts";
import { refuse } from "./syntax-error.ts";
import { UNICODE_WORD } from "./unicode-classes.ts";
import { walk } from "./walk.ts";

/** `size` is that of the program, by which a search is charged; 0: one pass, free. */
export interface Searcher {
  /** False where the text is not affordable. */
  test(text: string, affordable: (text: string, size: number) => boolean): boolean;
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
  const searcher = repeatedClass === null ? engineSearcher(node, groups, maxSize) : onePass(repeatedClass);
  const bytes = rustSize(node);
  if (bytes > RUST_SIZE_LIMIT) {
    refuse(
      `classes of this size are repeated too often: ${bytes} bytes in Rust, at most ${RUST_SIZE_LIMIT}`,
      estimateSize(node).offset,
    );
  }
  return searcher;
}

const onePass = (find: (text: string) => Search): Searcher => ({
  test: (text) => find(text).find(0) !== null,
  find: (text) => ({ size: 0, search: find(text) }),
});

function engineSearcher(node: Node, groups: number, maxSize: number): Searcher {
  const { unicodeWords, lookBehind } = checkLooks(node);
  checkCopiedGroups(node, 1);
  const estimate = estimateSize(node);
  if (estimate.size > maxSize * MEASURED_UP_TO) checkSize(estimate.size, maxSize, estimate.offset, "about ");

  const cut = worthCutting(node);
  const program = (captures: boolean, beyondAscii: boolean): Program => {
    const hideTextStart = beyondAscii && unicodeWords;
    const printed = printPattern(node, { captures, hideTextStart, ascii: cut && !beyondAscii });
    return compileProgram(printed, captures ? groups : 0, lookBehind);
  };
  const bare = program(false, false);
  checkSize(bare.size, maxSize, estimate.offset);
  const capturing = groups === 0 ? () => bare : once(() => program(true, false));
  const bareBeyond = once(() => program(false, true));
  const capturingBeyond = groups === 0 ? bareBeyond : once(() => program(true, true));

  const plain = sequenceTest(node) ?? fixedWidthTest(node);

  const isBeyond = (text: string): boolean => (unicodeWords || cut) && BEYOND_ASCII.test(text);
  const start = (program: Program, text: string, beyond: boolean): Search =>
    beyond && unicodeWords ? program.searchWords(text, isUnicodeWord) : program.search(text);
  return {
    test(text, affordable) {
      const beyond = isBeyond(text);
      const used = beyond ? bareBeyond() : bare;
      if (!affordable(text, used.size)) return false;
      const answer = plain === null ? null : plain(text);
      if (answer !== null) return answer;
      return beyond && unicodeWords ? start(used, text, true).find(0) !== null : used.test(text);
    },
    find(text) {
      const beyond = isBeyond(text);
      const used = beyond ? capturingBeyond() : capturing();
      return { size: used.size, search: start(used, text, beyond) };
    },
  };
}

const BEYOND_ASCII = /[^\0-\x7f]/u;

/** Ranges in all classes above which a program of their ASCII parts is made. */
const LARGE_CLASSES = 100;

function worthCutting(node: Node): boolean {
  let ranges = 0;
  const add = (set: CodePointSet): boolean => {
    ranges += set.length / 2;
    // A class without ASCII members would vanish, and the program would measure less than the real one.
    return set.length === 0 || intersect(set, ASCII).length > 0;
  };
  for (const n of walk(node)) {
    if (n.kind === "class" && !add(n.set)) return false;
    if (n.kind === "look" && isOneSided(n.look) && n.unicode) add(UNICODE_WORD);
  }
  return ranges > LARGE_CLASSES;
}

const isOneSided = (look: Look): boolean => look.startsWith("word-") && look !== "word-boundary";

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function checkSize(size: number, maxSize: number, offset: number, about = ""): void {
  if (size <= maxSize) return;
  refuse(`a program of ${about}${size} instructions is over the limit of ${maxSize} (limits.regex_program)`, offset);
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
    if (isOneSided(n.look)) lookBehind = true;
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
