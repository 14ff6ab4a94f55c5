/**
 * Conditions. An operator is data (what it is, what it reads) with its `evaluate`: the reference evaluator calls that, a
 * compiled matcher reads the data. One file each, registered in list.ts; the answer is never "unknown": a missing value or
 * a type that an operator does not know makes it false (or what its own table says).
 */
import type { IssueSink } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import type { Regex, RegexLimits } from "../regex/regex.ts";
import type { Operand } from "./operand.ts";

export interface Operator {
  /** The canonical name, whichever alias was written. */
  readonly type: string;
  /** By key, as written: `first`, `second`, `target`. */
  readonly operands: Readonly<Record<string, Operand>>;
  /** Of AND, OR, NOT. */
  readonly operators: readonly Operator[];
  /** Of `regex`. */
  readonly regex?: Regex;
  evaluate(scope: Scope): boolean;
}

export interface OperatorType {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly example: JsonObject;
  /** Null after the mistakes were reported. */
  compile(document: JsonObject, context: OperatorContext): Operator | null;
}

export interface OperatorContext {
  readonly issues: IssueSink;
  /** Names that a path may start with. */
  readonly roots: readonly string[];
  readonly regex: RegexLimits;
  /** Compiles an operator inside this one. */
  compileInner(document: Json | undefined, issues: IssueSink): Operator | null;
}
