import { textOperators } from "./text-operator.ts";

export const [endsWith, endsWithIgnoreCase] = textOperators({
  name: "endsWith",
  summary: "A string ends with a string, or with one of a list",
  example: { first: "${event.payload.host}", second: ".example.org" },
  quantifier: "some",
  single: true,
  prepare: (suffix) => (text) => text.endsWith(suffix),
});
