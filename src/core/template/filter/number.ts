import { numberOfText } from "../number-text.ts";
import { plainFilter } from "./filter.ts";

export const number = plainFilter("number", "The number that a string writes; a number stays as it is.", (value) => {
  if (typeof value === "number" || typeof value === "bigint") return value;
  const read = typeof value === "string" ? numberOfText(value) : undefined;
  return read === null ? undefined : read;
});
