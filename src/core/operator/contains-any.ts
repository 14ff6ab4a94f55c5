import { textOperators } from "./text-operator.ts";

export const [containsAny, containsAnyIgnoreCase] = textOperators({
  name: "containsAny",
  summary: "A string contains one of the strings of a list",
  example: { first: "${event.payload.message}", second: ["error", "failed"] },
  quantifier: "some",
  single: false,
  prepare: (part) => (text) => text.includes(part),
});
