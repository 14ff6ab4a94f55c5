/**
 * Bracket classes of Rust: ranges, escapes, `[:posix:]`, nested classes, and `&&` (and), `--` (without), `~~` (either, not
 * both), which bind weaker than juxtaposition and take their operands from left to right. The result is a set.
 */
import { type CodePointSet, difference, intersect, setOf, symmetricDifference } from "./code-point-set.ts";
import { type Escape, type Flags, foldAndNegate, parseEscape } from "./parse-escape.ts";
import type { PatternReader } from "./pattern-reader.ts";
import { refuse } from "./syntax-error.ts";
import { POSIX_CLASSES } from "./unicode-classes.ts";

export interface ParsedClass {
  readonly set: CodePointSet;
  /** How deep Rust's syntax tree of it is; bounded by `NEST_LIMIT`. */
  readonly height: number;
}

/** Nesting that Rust accepts. */
export const NEST_LIMIT = 250;

const OPERATORS: Readonly<Record<string, (left: CodePointSet, right: CodePointSet) => CodePointSet>> = {
  "&": intersect,
  "-": difference,
  "~": symmetricDifference,
};

/** The reader is at `[`. `depth`: open brackets around. */
export function parseClass(reader: PatternReader, flags: Flags, depth = 0): ParsedClass {
  const offset = reader.offset;
  const unclosed = (): never => refuse("unclosed character class", offset);
  if (depth >= NEST_LIMIT) refuse(`nested deeper than ${NEST_LIMIT}`, offset);
  if (!reader.nextSkipping()) unclosed();
  const negated = reader.char() === "^";
  if (negated && !reader.nextSkipping()) unclosed();

  /** What stands left of the operator last seen. */
  let left: CodePointSet | null = null;
  let operator = intersect;
  let ranges: number[] = [];
  let items = 0;
  let height = 0;
  let leftHeight = 0;
  const add = (set: readonly number[], itemHeight = 0): void => {
    ranges.push(...set);
    items++;
    height = Math.max(height, itemHeight);
  };
  const operand = (): CodePointSet => foldAndNegate(setOf(ranges), false, flags, offset);
  const operate = (next: (a: CodePointSet, b: CodePointSet) => CodePointSet): CodePointSet => {
    // Operators in a row nest to the left in Rust's tree.
    const right = height + (items > 1 ? 1 : 0);
    leftHeight = left === null ? right : Math.max(leftHeight, right) + 1;
    if (leftHeight > NEST_LIMIT) refuse(`nested deeper than ${NEST_LIMIT}`, offset);
    const result = left === null ? operand() : operator(left, operand());
    left = result;
    operator = next;
    ranges = [];
    items = 0;
    height = 0;
    return result;
  };

  while (reader.char() === "-") {
    add([45, 45]);
    if (!reader.nextSkipping()) unclosed();
  }
  if (items === 0 && reader.char() === "]") {
    add([93, 93]);
    if (!reader.nextSkipping()) unclosed();
  }
  for (;;) {
    reader.skip();
    if (reader.atEnd()) unclosed();
    const char = reader.char();
    if (char === "]") break;
    if (char === "[") {
      const posix = parsePosix(reader, flags);
      if (posix !== null) {
        add(posix);
      } else {
        const nested = parseClass(reader, flags, depth + 1);
        add(nested.set, nested.height);
      }
      continue;
    }
    const known = OPERATORS[char];
    if (known !== undefined && reader.peek() === char) {
      reader.take(char + char);
      operate(known);
      continue;
    }
    add(parseRange(reader, flags, unclosed));
  }
  const set = operate(intersect);
  reader.next();
  return { set: foldAndNegate(set, negated, flags, offset), height: leftHeight + 1 };
}

function parseRange(reader: PatternReader, flags: Flags, unclosed: () => never): CodePointSet {
  const first = parseItem(reader, flags);
  reader.skip();
  if (reader.atEnd()) unclosed();
  if (reader.char() !== "-" || reader.peekSkipping() === "]" || reader.peekSkipping() === "-")
    return itemSet(first, flags);
  if (!reader.nextSkipping()) unclosed();
  const last = parseItem(reader, flags);
  const low = literalOf(first, flags);
  const high = literalOf(last, flags);
  if (low > high) refuse("invalid range in a character class, its start must not be above its end", first.offset);
  return [low, high];
}

function parseItem(reader: PatternReader, flags: Flags): Escape {
  if (reader.char() === "\\") return parseEscape(reader, flags);
  const item: Escape = { kind: "literal", codePoint: reader.char().codePointAt(0) ?? 0, offset: reader.offset };
  reader.next();
  return item;
}

function itemSet(item: Escape, flags: Flags): CodePointSet {
  if (item.kind === "set") return item.set;
  if (item.kind === "look") return refuse("this escape cannot stand in a character class", item.offset);
  const codePoint = literalOf(item, flags);
  return [codePoint, codePoint];
}

function literalOf(item: Escape, flags: Flags): number {
  if (item.kind !== "literal") return refuse("the ends of a range must be single characters", item.offset);
  if (!flags.unicode && item.codePoint > 0x7f)
    refuse("a class under (?-u) may hold ASCII characters only", item.offset);
  return item.codePoint;
}

/** `[:name:]` or `[:^name:]`; anything else that begins with `[:` is a nested class. */
function parsePosix(reader: PatternReader, flags: Flags): CodePointSet | null {
  const start = reader.offset;
  if (reader.take("[:")) {
    const negated = reader.take("^");
    let name = "";
    while (reader.char() !== ":" && !reader.atEnd()) {
      name += reader.char();
      reader.next();
    }
    const set = reader.take(":]") ? POSIX_CLASSES.get(name) : undefined;
    if (set !== undefined) return foldAndNegate(set, negated, flags, start);
    reader.moveTo(start);
  }
  return null;
}
