import { binaryOperator } from "./binary-operator.ts";
import { orderOf } from "./compare.ts";

export const ge = binaryOperator({
  name: "ge",
  summary: "The first value is at least the second; both of one type that has an order.",
  example: { type: "ge", first: "${event.payload.used_percent}", second: 90 },
  test(first, second) {
    const order = orderOf(first, second);
    return order !== undefined && order >= 0;
  },
});
