import { textOperators } from "./text-operator.ts";

export const [containsAll, containsAllIgnoreCase] = textOperators({
  name: "containsAll",
  summary: "A string contains each of the strings of a list",
  example: { first: "${event.payload.message}", second: ["login", "failed"] },
  quantifier: "every",
  single: false,
  prepare: (part) => (text) => text.includes(part),
});
