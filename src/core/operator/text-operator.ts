/**
 * The operators that ask a string about one or more texts. Each is two: as written, and by Unicode lower case under the
 * name with `IgnoreCase`. Texts that are written out are prepared when the rules are loaded.
 */
import { isArray, type Json } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import { readOperand } from "./operand.ts";
import { anyOperand, listOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

export interface TextOperator {
  readonly name: string;
  /** What is true of `first`, without a full stop. */
  readonly summary: string;
  readonly example: { readonly first: string; readonly second: Json };
  /** Whether one of the texts is enough or each is needed. */
  readonly quantifier: "some" | "every";
  /** Whether one text may stand for the list of it. */
  readonly single: boolean;
  prepare(text: string): TextTest;
}

export type TextTest = (value: string) => boolean;

const AS_WRITTEN = (text: string): string => text;
const LOWER = (text: string): string => text.toLowerCase();
const TEXT = { name: "a string", accepts: (value: Json): boolean => typeof value === "string" };

export const textOperators = (operator: TextOperator): readonly [OperatorType, OperatorType] => [
  textOperator(operator.name, `${operator.summary}.`, operator, AS_WRITTEN),
  textOperator(`${operator.name}IgnoreCase`, `${operator.summary}, by Unicode lower case.`, operator, LOWER),
];

function textOperator(
  name: string,
  summary: string,
  { example, quantifier, single, prepare }: TextOperator,
  fold: (text: string) => string,
): OperatorType {
  const prepareAll = (value: Json | undefined): readonly TextTest[] | null => {
    const texts = single && typeof value === "string" ? [value] : value;
    if (!isArray(texts) || !texts.every((text) => typeof text === "string")) return null;
    return texts.map((text) => prepare(fold(text)));
  };
  return {
    name,
    aliases: [],
    summary,
    example: { type: name, ...example },
    compile(document, context) {
      strictObject(document, { required: ["type", "first", "second"] }, context.issues);
      const first = anyOperand(document, "first", context);
      const second = listOperand(document, "second", { element: TEXT, single, file: false }, context);
      if (!first || !second) return null;
      const written = second.kind === "literal" ? prepareAll(second.value) : null;
      return {
        type: name,
        operands: { first, second },
        operators: [],
        evaluate(scope) {
          const value = readOperand(first, scope);
          if (typeof value !== "string") return false;
          const tests = written ?? prepareAll(readOperand(second, scope));
          if (tests === null) return false;
          const text = fold(value);
          return tests[quantifier]((test) => test(text));
        },
      };
    },
  };
}
