import { compileInnerOperators } from "./inner-operators.ts";
import type { OperatorType } from "./operator.ts";

export const and: OperatorType = {
  name: "AND",
  aliases: [],
  summary: "Every operator is true; so is an empty list.",
  example: { type: "AND", operators: [{ type: "equals", first: "${event.type}", second: "eventlog" }] },
  compile(document, context) {
    const operators = compileInnerOperators(document, context);
    if (operators === null) return null;
    return {
      type: "AND",
      operands: {},
      operators,
      evaluate: (scope) => operators.every((operator) => operator.evaluate(scope)),
    };
  },
};
