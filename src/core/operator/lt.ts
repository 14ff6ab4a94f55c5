import { binaryOperator } from "./binary-operator.ts";
import { orderOf } from "./compare.ts";

export const lt = binaryOperator({
  name: "lt",
  summary: "The first value is less than the second; both of one type that has an order.",
  example: { type: "lt", first: "${event.payload.used_percent}", second: 90 },
  test(first, second) {
    const order = orderOf(first, second);
    return order !== undefined && order < 0;
  },
});
