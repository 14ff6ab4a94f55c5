import { strictObject } from "../rule/strict-object.ts";
import { readOperand } from "./operand.ts";
import { targetOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

export const exists: OperatorType = {
  name: "exists",
  aliases: [],
  summary: "The target is present and not null.",
  example: { type: "exists", target: "${event.payload.user}" },
  compile(document, context) {
    strictObject(document, { required: ["type", "target"] }, context.issues);
    const target = targetOperand(document, context);
    return (
      target && {
        type: "exists",
        operands: { target },
        operators: [],
        evaluate: (scope) => (readOperand(target, scope) ?? null) !== null,
      }
    );
  },
};
