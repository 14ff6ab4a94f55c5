import { member } from "../json.ts";
import { strictObject } from "../rule/strict-object.ts";
import type { OperatorType } from "./operator.ts";

export const not: OperatorType = {
  name: "NOT",
  aliases: [],
  summary: "The operator is false.",
  example: { type: "NOT", operator: { type: "equals", first: "${event.type}", second: "eventlog" } },
  compile(document, { issues, compileInner }) {
    strictObject(document, { required: ["type", "operator"] }, issues);
    if (!Object.hasOwn(document, "operator")) return null;
    const operator = compileInner(member(document, "operator"), issues.at("operator"));
    if (operator === null) return null;
    return { type: "NOT", operands: {}, operators: [operator], evaluate: (scope) => !operator.evaluate(scope) };
  },
};
