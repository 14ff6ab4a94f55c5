/**
 * The grammar of Rust's `regex` 1.10 (regex-syntax 0.8.2): flags with their scopes, groups, repetitions of anything but
 * nothing, escapes, classes, `(?x)` white space and comments. Flags, folding and properties are resolved while parsing, so
 * that the tree holds sets of code points only. What Rust refuses is refused here, with its position; so is the little that
 * has no counterpart in the engine (line anchors of `(?mR)`).
 */
import { foldAsciiCase, foldCase } from "./case-folding.ts";
import { ANY, negate } from "./code-point-set.ts";
import { EMPTY_NODE, type Look, type Node } from "./node.ts";
import { NEST_LIMIT, parseClass } from "./parse-class.ts";
import { type Flags, parseDecimal, parseEscape } from "./parse-escape.ts";
import { patternReader } from "./pattern-reader.ts";
import { refuse } from "./syntax-error.ts";

export interface ParsedPattern {
  readonly node: Node;
  /** Names by index of the group; 1 is the first. */
  readonly names: ReadonlyMap<number, string>;
}

/** A part of a sequence; `height` is that of Rust's syntax tree, which it bounds by `NEST_LIMIT`. */
interface Piece {
  readonly node: Node;
  readonly height: number;
  readonly offset: number;
  readonly repeatable: boolean;
}

const FLAG_NAMES: Readonly<Record<string, keyof Flags | "free">> = {
  i: "ignoreCase",
  m: "multiLine",
  s: "dotAll",
  U: "swapGreed",
  u: "unicode",
  R: "crlf",
  x: "free",
};

const INITIAL_FLAGS: Flags = {
  ignoreCase: false,
  multiLine: false,
  dotAll: false,
  swapGreed: false,
  unicode: true,
  crlf: false,
};

const NOT_NEWLINE = negate([10, 10]);
const NOT_CR_NEWLINE = negate([10, 10, 13, 13]);

const highest = (pieces: readonly Piece[]): number =>
  pieces.reduce((height, piece) => Math.max(height, piece.height), 0);

/** Throws `RegexSyntaxError`. */
export function parsePattern(pattern: string): ParsedPattern {
  const reader = patternReader(pattern);
  const names = new Map<number, string>();
  const taken = new Set<string>();
  let flags = INITIAL_FLAGS;
  let groups = 0;

  function deeper(height: number, offset: number): number {
    if (height >= NEST_LIMIT) refuse(`nested deeper than ${NEST_LIMIT}`, offset);
    return height + 1;
  }

  function parseAlternation(depth: number): Piece {
    const offset = reader.offset;
    const branches = [parseSequence(depth)];
    while (reader.char() === "|") {
      reader.next();
      branches.push(parseSequence(depth));
    }
    const [only] = branches;
    if (branches.length === 1 && only !== undefined) return only;
    const height = deeper(highest(branches), offset);
    return {
      node: { kind: "alternation", subs: branches.map((branch) => branch.node) },
      height,
      offset,
      repeatable: true,
    };
  }

  function parseSequence(depth: number): Piece {
    const offset = reader.offset;
    const pieces: Piece[] = [];
    for (;;) {
      reader.skip();
      const char = reader.char();
      if (char === "" || char === "|" || char === ")") break;
      if (char === "*" || char === "+" || char === "?") pieces.push(parseUncounted(pieces.pop()));
      else if (char === "{") pieces.push(parseCounted(pieces.pop()));
      else if (char === "(") pieces.push(parseGroup(depth));
      else pieces.push(parseAtom());
    }
    const [only] = pieces;
    if (only === undefined) return { node: EMPTY_NODE, height: 0, offset, repeatable: false };
    if (pieces.length === 1) return only;
    const height = deeper(highest(pieces), offset);
    return { node: { kind: "concat", subs: pieces.map((piece) => piece.node) }, height, offset, repeatable: true };
  }

  function parseAtom(): Piece {
    const offset = reader.offset;
    const char = reader.char();
    const atom = (node: Node, height = 0): Piece => ({ node, height, offset, repeatable: true });
    if (char === "[") {
      const parsed = parseClass(reader, flags);
      if (parsed.height > NEST_LIMIT) refuse(`nested deeper than ${NEST_LIMIT}`, offset);
      return atom({ kind: "class", set: parsed.set }, parsed.height);
    }
    if (char === "\\") {
      const escape = parseEscape(reader, flags);
      if (escape.kind === "set") return atom({ kind: "class", set: escape.set });
      if (escape.kind === "look") return atom({ kind: "look", look: escape.look, unicode: flags.unicode, offset });
      return atom(literal(escape.codePoint));
    }
    reader.next();
    if (char === ".") {
      if (!flags.unicode) refuse("a dot under (?-u) would match parts of characters", offset);
      return atom({ kind: "class", set: flags.dotAll ? ANY : flags.crlf ? NOT_CR_NEWLINE : NOT_NEWLINE });
    }
    if (char === "^" || char === "$") {
      if (flags.multiLine && flags.crlf) refuse(`${char} under both (?m) and (?R) is not supported`, offset);
      const look: Look =
        char === "^" ? (flags.multiLine ? "line-start" : "text-start") : flags.multiLine ? "line-end" : "text-end";
      return atom({ kind: "look", look, unicode: flags.unicode, offset });
    }
    return atom(literal(char.codePointAt(0) ?? 0));
  }

  function literal(codePoint: number): Node {
    const set = [codePoint, codePoint];
    return { kind: "class", set: flags.ignoreCase ? (flags.unicode ? foldCase(set) : foldAsciiCase(set)) : set };
  }

  function parseUncounted(piece: Piece | undefined): Piece {
    const offset = reader.offset;
    const operator = reader.char();
    const repeated = repeatable(piece, offset);
    const lazy = reader.next() && reader.take("?");
    return repeat(repeated, operator === "+" ? 1 : 0, operator === "?" ? 1 : Infinity, lazy, offset);
  }

  function parseCounted(piece: Piece | undefined): Piece {
    const offset = reader.offset;
    const repeated = repeatable(piece, offset);
    const unclosed = (): never => refuse("unclosed repetition {, a literal { is written \\{", offset);
    if (!reader.nextSkipping()) unclosed();
    const min = parseDecimal(reader);
    let max = min;
    if (reader.char() === ",") {
      if (!reader.nextSkipping()) unclosed();
      max = reader.char() === "}" ? Infinity : parseDecimal(reader);
    }
    if (reader.char() !== "}") unclosed();
    const lazy = reader.nextSkipping() && reader.take("?");
    if (min > max) refuse(`repetition {${min},${max}}: the first number is above the second`, offset);
    return repeat(repeated, min, max, lazy, offset);
  }

  function repeatable(piece: Piece | undefined, offset: number): Piece {
    if (piece === undefined || !piece.repeatable)
      refuse(`nothing to repeat, a literal ${pattern[offset]} is written \\${pattern[offset]}`, offset);
    return piece;
  }

  function repeat(piece: Piece, min: number, max: number, lazy: boolean, offset: number): Piece {
    const node: Node = {
      kind: "repeat",
      min,
      max,
      greedy: lazy === flags.swapGreed,
      sub: piece.node,
      offset: piece.offset,
    };
    return { node, height: deeper(piece.height, offset), offset: piece.offset, repeatable: true };
  }

  function parseGroup(depth: number): Piece {
    const offset = reader.offset;
    reader.next();
    reader.skip();
    for (const look of ["?=", "?!", "?<=", "?<!"]) {
      if (reader.take(look)) refuse(`look-around is not supported: (${look}`, offset);
    }
    const outer = flags;
    const outerFree = reader.free;
    let index = 0;
    if (reader.take("?P<") || reader.take("?<")) {
      index = ++groups;
      names.set(index, parseName());
    } else if (reader.take("?")) {
      if (reader.atEnd()) refuse("unclosed group", offset);
      const start = reader.offset;
      parseFlags(offset);
      const text = pattern.slice(start, reader.offset);
      if (reader.char() === ")") {
        if (text === "") refuse("nothing to repeat: ? behind (", start - 1);
        reader.next();
        return { node: EMPTY_NODE, height: 0, offset, repeatable: false };
      }
      reader.next();
    } else {
      index = ++groups;
    }
    if (depth >= NEST_LIMIT) refuse(`nested deeper than ${NEST_LIMIT}`, offset);
    const body = parseAlternation(depth + 1);
    if (reader.char() !== ")") refuse("unclosed group", offset);
    flags = outer;
    reader.free = outerFree;
    reader.next();
    const node: Node = index === 0 ? body.node : { kind: "group", index, sub: body.node, offset };
    return { node, height: deeper(body.height, offset), offset, repeatable: true };
  }

  /** Flags up to `:` or `)`, put in force. */
  function parseFlags(offset: number): void {
    const seen = new Set<string>();
    let next = flags;
    let free = reader.free;
    let value = true;
    let dangling = false;
    while (reader.char() !== ":" && reader.char() !== ")") {
      const char = reader.char();
      if (char === "-") {
        if (!value) refuse("a second - among the flags", reader.offset);
        value = false;
        dangling = true;
      } else {
        const name =
          FLAG_NAMES[char] ??
          refuse(`unknown flag ${JSON.stringify(char)}, accepted: i, m, s, R, U, u, x`, reader.offset);
        if (seen.has(char)) refuse(`flag ${char} is given twice`, reader.offset);
        seen.add(char);
        dangling = false;
        if (name === "free") free = value;
        else next = { ...next, [name]: value };
      }
      if (!reader.next()) refuse("unclosed group", offset);
    }
    if (dangling) refuse("a - without a flag behind it", reader.offset - 1);
    flags = next;
    reader.free = free;
  }

  function parseName(): string {
    const start = reader.offset;
    while (reader.char() !== ">") {
      if (reader.atEnd()) refuse("unclosed name of a group", start);
      const valid = reader.offset === start ? /^[_\p{Alphabetic}]$/u : /^[_.[\]\p{Alphabetic}\p{N}]$/u;
      if (!valid.test(reader.char()))
        refuse(`invalid character ${JSON.stringify(reader.char())} in the name of a group`, reader.offset);
      reader.next();
    }
    const name = pattern.slice(start, reader.offset);
    if (name === "") refuse("empty name of a group", start);
    if (taken.has(name)) refuse(`two groups are named ${name}`, start);
    taken.add(name);
    reader.next();
    return name;
  }

  if (!pattern.isWellFormed()) refuse("the pattern holds half of a surrogate pair", pattern.search(/\p{Surrogate}/u));
  const { node } = parseAlternation(0);
  if (reader.char() === ")") refuse("unopened group, a literal ) is written \\)", reader.offset);
  return { node, names };
}
