import { compileInnerOperators } from "./inner-operators.ts";
import type { OperatorType } from "./operator.ts";

export const or: OperatorType = {
  name: "OR",
  aliases: [],
  summary: "At least one operator is true; an empty list is false.",
  example: { type: "OR", operators: [{ type: "equals", first: "${event.type}", second: "eventlog" }] },
  compile(document, context) {
    const operators = compileInnerOperators(document, context);
    if (operators === null) return null;
    return {
      type: "OR",
      operands: {},
      operators,
      evaluate: (scope) => operators.some((operator) => operator.evaluate(scope)),
    };
  },
};
