import { elements } from "./elements.ts";

export const anyOf = elements({
  name: "anyOf",
  summary: "The operator is true of at least one element of an array, its `${element}`; false if the array is empty.",
  quantifier: "some",
});
