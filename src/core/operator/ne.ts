import { binaryOperator } from "./binary-operator.ts";
import { equalValues } from "./compare.ts";

export const ne = binaryOperator({
  name: "ne",
  aliases: ["notEquals", "notEqual"],
  summary: "The values are not equal; true if just one is missing.",
  example: { type: "ne", first: "${event.type}", second: "eventlog" },
  test: (first, second) => !equalValues(first, second),
});
