import { binaryOperator } from "./binary-operator.ts";
import { orderOf } from "./compare.ts";

export const gt = binaryOperator({
  name: "gt",
  summary: "The first value is more than the second; both of one type that has an order.",
  example: { type: "gt", first: "${event.payload.used_percent}", second: 90 },
  test(first, second) {
    const order = orderOf(first, second);
    return order !== undefined && order > 0;
  },
});
