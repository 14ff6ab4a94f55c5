import { textOperators } from "./text-operator.ts";
import { compileWildcard } from "./wildcard-pattern.ts";

export const [wildcard, wildcardIgnoreCase] = textOperators({
  name: "wildcard",
  summary:
    "A whole string is as a pattern, or one of a list, says: `*` is any text, `?` one character, `\\` before `*`, `?` or `\\` takes its meaning away and is itself before anything else",
  example: { first: "${event.payload.path}", second: "/var/*/log?" },
  quantifier: "some",
  single: true,
  prepare: compileWildcard,
});
