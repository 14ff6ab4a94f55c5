/** The operators that compare `first` with `second`. */
import type { Json, JsonObject } from "../json.ts";
import { member } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { compileOperand, readOperand } from "./operand.ts";
import type { OperatorType } from "./operator.ts";

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
  compile(document, { issues, roots }) {
    strictObject(document, { required: ["type", "first", "second"] }, issues);
    const [first, second] = ["first", "second"].map((key) => {
      const value = member(document, key);
      return value === undefined ? null : compileOperand(value, roots, issues.at(key));
    });
    if (!first || !second) return null;
    return {
      type: name,
      operands: { first, second },
      operators: [],
      evaluate: (scope) => test(readOperand(first, scope), readOperand(second, scope)),
    };
  },
});
