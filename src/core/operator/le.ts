import { binaryOperator } from "./binary-operator.ts";
import { orderOf } from "./compare.ts";

export const le = binaryOperator({
  name: "le",
  summary: "The first value is at most the second; both of one type that has an order.",
  example: { type: "le", first: "${event.payload.used_percent}", second: 90 },
  test(first, second) {
    const order = orderOf(first, second);
    return order !== undefined && order <= 0;
  },
});
