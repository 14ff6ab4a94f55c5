import { stringModifier } from "./string-modifier.ts";

export const lowercase = stringModifier("Lowercase", "Unicode lower case.", { type: "Lowercase" }, (text) =>
  text.toLowerCase(),
);
