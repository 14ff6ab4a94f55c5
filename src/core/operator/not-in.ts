import { membership } from "./membership.ts";

export const notIn = membership({
  name: "notIn",
  summary:
    "A value is deeply equal to no element of a list, or is no line of the file in `{file: path}`; true if it is missing.",
  ignoreCase: false,
  member: false,
});

export const notInIgnoreCase = membership({
  name: "notInIgnoreCase",
  summary: "The same as `notIn`, strings by Unicode lower case.",
  ignoreCase: true,
  member: false,
});
