/** The operators that compare `first` with `second`. */
import type { Json, JsonObject } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { anyOperand } from "./operand-member.ts";
import { readOperand, type Operand } from "./operand.ts";
import type { Operator, OperatorType } from "./operator.ts";

export interface BinaryOperator {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly example: JsonObject;
  /** Undefined: missing. */
  test(first: Json | undefined, second: Json | undefined): boolean;
}

export const binaryOperator = ({ name, aliases = [], summary, example, test }: BinaryOperator): OperatorType => ({
  name,
  aliases,
  summary,
  example,
  compile(document, context) {
    strictObject(document, { required: ["type", "first", "second"] }, context.issues);
    const first = anyOperand(document, "first", context);
    const second = anyOperand(document, "second", context);
    if (!first || !second) return null;
    return { type: name, operands: { first, second }, operators: [], evaluate: evaluation(first, second, test) };
  },
});

/** By itself, so that it keeps nothing else of the compilation. */
const evaluation =
  (first: Operand, second: Operand, test: BinaryOperator["test"]): Operator["evaluate"] =>
  (scope) =>
    test(readOperand(first, scope), readOperand(second, scope));
