import { strictObject } from "../rule/strict-object.ts";
import { orderOf } from "./compare.ts";
import { readOperand } from "./operand.ts";
import { anyOperand, targetOperand } from "./operand-member.ts";
import type { OperatorType } from "./operator.ts";

export const between: OperatorType = {
  name: "between",
  aliases: [],
  summary: "The target is at least `low` and at most `high`; all three of one type that has an order.",
  example: { type: "between", target: "${event.payload.used_percent}", low: 80, high: 90 },
  compile(document, context) {
    const { issues } = context;
    strictObject(document, { required: ["type", "target", "low", "high"] }, issues);
    const target = targetOperand(document, context);
    const low = anyOperand(document, "low", context);
    const high = anyOperand(document, "high", context);
    if (!target || !low || !high) return null;
    if (low.kind === "literal" && high.kind === "literal") {
      const order = orderOf(low.value, high.value);
      if (order === undefined || order > 0) {
        const message = order === undefined ? "low and high have no order" : "low is more than high";
        issues.error("bad-range", `${message}, so nothing is between them`, {
          accepted: "two values of one type, the smaller one as low",
        });
        return null;
      }
    }
    return {
      type: "between",
      operands: { target, low, high },
      operators: [],
      evaluate(scope) {
        const value = readOperand(target, scope);
        return !isAbove(readOperand(low, scope), value) && !isAbove(value, readOperand(high, scope));
      },
    };
  },
};

/** Also where there is no order. */
const isAbove = (a: Parameters<typeof orderOf>[0], b: typeof a): boolean => (orderOf(a, b) ?? 1) > 0;
