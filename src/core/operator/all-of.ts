import { elements } from "./elements.ts";

export const allOf = elements({
  name: "allOf",
  summary: "The operator is true of each element of an array, its `${element}`; true if the array is empty.",
  quantifier: "every",
});
