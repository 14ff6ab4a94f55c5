/**
 * Conditions. An operator is data (what it is, what it reads) with its `evaluate`: the reference evaluator calls that, a
 * compiled matcher reads the data. One file each, registered in list.ts; the answer is never "unknown": a missing value or
 * a type that an operator does not know makes it false (or what its own table says).
 */
import type { IssueSink } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import type { Regex, RegexLimits } from "../regex/regex.ts";
import type { Operand, OperandOptions } from "./operand.ts";

export interface Operator {
  /** The canonical name, whichever alias was written. */
  readonly type: string;
  /** By key, as written: `first`, `second`, `target`. */
  readonly operands: Readonly<Record<string, Operand>>;
  /** Inside it: of AND, OR, NOT; of anyOf and allOf the one that is asked about each element. */
  readonly operators: readonly Operator[];
  /** Of `regex`. */
  readonly regex?: Regex;
  /** Of `jsonLogic`, as written. */
  readonly logic?: JsonObject;
  evaluate(scope: Scope): boolean;
}

/** The lines of a file that a rule names, one value each; null after it was reported why there are none. */
export type ReadList = (path: string, issues: IssueSink) => readonly string[] | null;

export interface OperatorType {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly example: JsonObject;
  /** Null after the mistakes were reported. */
  compile(document: JsonObject, context: OperatorContext): Operator | null;
}

export interface OperatorContext extends OperandOptions {
  readonly issues: IssueSink;
  readonly regex: RegexLimits;
  readonly readList?: ReadList;
  /** Compiles an operator inside this one; `root` is one more name that its paths may start with. */
  compileInner(document: Json | undefined, issues: IssueSink, root?: string): Operator | null;
}
