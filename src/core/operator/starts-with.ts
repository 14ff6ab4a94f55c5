import { textOperators } from "./text-operator.ts";

export const [startsWith, startsWithIgnoreCase] = textOperators({
  name: "startsWith",
  summary: "A string starts with a string, or with one of a list",
  example: { first: "${event.payload.host}", second: ["web-", "db-"] },
  quantifier: "some",
  single: true,
  prepare: (prefix) => (text) => text.startsWith(prefix),
});
