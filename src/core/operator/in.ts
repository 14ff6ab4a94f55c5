import { membership } from "./membership.ts";

/** `in` is a word of the language this is written in. */
export const isIn = membership({
  name: "in",
  summary: "A value is deeply equal to an element of a list, or is a line of the file in `{file: path}`.",
  ignoreCase: false,
  member: true,
});

export const isInIgnoreCase = membership({
  name: "inIgnoreCase",
  summary: "The same as `in`, strings by Unicode lower case.",
  ignoreCase: true,
  member: true,
});
