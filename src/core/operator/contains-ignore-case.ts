import { isArray, isObject } from "../json.ts";
import { binaryOperator } from "./binary-operator.ts";

export const containsIgnoreCase = binaryOperator({
  name: "containsIgnoreCase",
  aliases: ["containIgnoreCase"],
  summary: "A string contains a string, an array a whole string, an object a key, by Unicode lower case.",
  example: { type: "containsIgnoreCase", first: "${event.payload.message}", second: "error" },
  test(first, second) {
    if (typeof second !== "string") return false;
    const wanted = second.toLowerCase();
    if (typeof first === "string") return first.toLowerCase().includes(wanted);
    if (isArray(first)) return first.some((element) => typeof element === "string" && element.toLowerCase() === wanted);
    return isObject(first) && Object.keys(first).some((key) => key.toLowerCase() === wanted);
  },
});
