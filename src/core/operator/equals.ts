import { binaryOperator } from "./binary-operator.ts";
import { equalValues } from "./compare.ts";

export const equals = binaryOperator({
  name: "equals",
  aliases: ["equal"],
  summary: "Both values are deeply equal; two missing ones are.",
  example: { type: "equals", first: "${event.type}", second: "eventlog" },
  test: equalValues,
});
