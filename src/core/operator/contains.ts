import { isArray, isObject } from "../json.ts";
import { binaryOperator } from "./binary-operator.ts";
import { equalValues } from "./compare.ts";

export const contains = binaryOperator({
  name: "contains",
  aliases: ["contain"],
  summary: "A string contains a string, an array an element, an object a key.",
  example: { type: "contains", first: "${event.payload.tags}", second: "production" },
  test(first, second) {
    if (second === undefined) return false;
    if (typeof first === "string") return typeof second === "string" && first.includes(second);
    if (isArray(first)) return first.some((element) => equalValues(element, second));
    return isObject(first) && typeof second === "string" && Object.hasOwn(first, second);
  },
});
