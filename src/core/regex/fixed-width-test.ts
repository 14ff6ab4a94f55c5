/**
 * Whether a pattern matches that is a row of classes, each of them once or a given number of times (`[a-f0-9]{64}\s`),
 * without the engine: every match is as long as the row, so each place of the text is tried and nothing is ever taken back.
 * Texts beyond ASCII are left to the engine.
 */
import { contains, type CodePointSet } from "./code-point-set.ts";
import type { Node } from "./node.ts";
import type { SequenceTest } from "./sequence-test.ts";

/** A longer row is left to the engine: each place of a text may cost as many steps. */
const LONGEST = 256;

/** Null: the pattern is no such row. */
export function fixedWidthTest(node: Node): SequenceTest | null {
  const row: CodePointSet[] = [];
  if (!readRow(node, row) || row.length === 0) return null;
  // By position in the row, then by character.
  const table = Uint8Array.from({ length: row.length * ASCII }, (_, at) =>
    Number(contains(row[Math.floor(at / ASCII)]!, at % ASCII)),
  );
  const width = row.length;
  return (text) => {
    for (let start = 0; start < text.length; start++) {
      let at = 0;
      for (; at < width && start + at < text.length; at++) {
        const character = text.charCodeAt(start + at);
        if (character >= ASCII) return null;
        if (table[at * ASCII + character] === 0) break;
      }
      if (at === width) return true;
    }
    return false;
  };
}

const ASCII = 128;

/** False: something else is in it, or it is too long. */
function readRow(node: Node, row: CodePointSet[]): boolean {
  switch (node.kind) {
    case "empty":
      return true;
    case "group":
      return readRow(node.sub, row);
    case "concat":
      return node.subs.every((sub) => readRow(sub, row));
    case "class":
      return row.push(node.set) <= LONGEST;
    case "repeat":
      if (node.min !== node.max || node.min > LONGEST) return false;
      for (let time = 0; time < node.min; time++) if (!readRow(node.sub, row)) return false;
      return true;
    default:
      return false;
  }
}
