import { binaryOperator } from "./binary-operator.ts";

export const equalsIgnoreCase = binaryOperator({
  name: "equalsIgnoreCase",
  aliases: ["equalIgnoreCase"],
  summary: "Both values are strings with the same Unicode lower case.",
  example: { type: "equalsIgnoreCase", first: "${event.payload.state}", second: "stopped" },
  test: (first, second) =>
    typeof first === "string" && typeof second === "string" && first.toLowerCase() === second.toLowerCase(),
});
