/**
 * Whether a pattern matches that is literals with `.*` or `.+` between them (`error.*timeout$`), without the engine: each
 * literal is taken where it is first found after the one before, since a later place could only leave less for the rest. That
 * holds where a `.` takes everything, so a text with a line feed is left to the engine unless `.` takes that too.
 */
import { ANY, difference, single, type CodePointSet } from "./code-point-set.ts";
import type { Node } from "./node.ts";

/** Null: the engine must say. */
export type SequenceTest = (text: string) => boolean | null;

interface Sequence {
  readonly anchored: { start: boolean; end: boolean };
  readonly literals: string[];
  /** Between the literals: whether at least one character. */
  readonly gaps: boolean[];
  /** Whether some gap stops at a line feed. */
  withinLine: boolean;
}

/** Null: the pattern is no such sequence. */
export function sequenceTest(node: Node): SequenceTest | null {
  const sequence: Sequence = { anchored: { start: false, end: false }, literals: [""], gaps: [], withinLine: false };
  if (!readSequence(node, sequence) || sequence.gaps.length === 0) return null;
  const { anchored, literals, gaps, withinLine } = sequence;
  return (text) => {
    if (withinLine && text.includes("\n")) return null;
    let at = anchored.start ? 0 : text.indexOf(literals[0]!);
    if (at < 0 || !text.startsWith(literals[0]!, at)) return false;
    at += literals[0]!.length;
    for (let i = 0; i < gaps.length; i++) {
      if (gaps[i]) at = after(text, at);
      const literal = literals[i + 1]!;
      if (anchored.end && i === gaps.length - 1) return at <= text.length - literal.length && text.endsWith(literal);
      at = at > text.length ? -1 : text.indexOf(literal, at);
      if (at < 0) return false;
      at += literal.length;
    }
    return true;
  };
}

/** Behind the character that begins here; beyond the end if there is none. */
const after = (text: string, at: number): number => at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** False: something else is in it. */
function readSequence(node: Node, sequence: Sequence): boolean {
  const { anchored, literals, gaps } = sequence;
  if (anchored.end) return false;
  switch (node.kind) {
    case "empty":
      return true;
    case "group":
      return readSequence(node.sub, sequence);
    case "concat":
      return node.subs.every((sub) => readSequence(sub, sequence));
    case "class": {
      const only = single(node.set);
      if (only === null) return false;
      literals[literals.length - 1] += String.fromCodePoint(only);
      return true;
    }
    case "look":
      if (node.look === "text-end") return (anchored.end = true);
      if (node.look !== "text-start" || gaps.length > 0 || literals[0] !== "") return false;
      return (anchored.start = true);
    case "repeat": {
      if (node.max !== Infinity || node.min > 1 || node.sub.kind !== "class") return false;
      if (equal(node.sub.set, NO_LINE_FEED)) sequence.withinLine = true;
      else if (!equal(node.sub.set, ANY)) return false;
      gaps.push(node.min === 1);
      literals.push("");
      return true;
    }
    case "alternation":
      return false;
  }
}

const NO_LINE_FEED: CodePointSet = difference(ANY, [10, 10]);

const equal = (a: CodePointSet, b: CodePointSet): boolean => a.length === b.length && a.every((at, i) => at === b[i]);
