import { isArray } from "../../json.ts";
import { plainFilter } from "./filter.ts";

export const length = plainFilter(
  "length",
  "Code points of a string, elements of an array, keys of an object.",
  (value) => {
    if (typeof value === "string") return codePoints(value);
    if (isArray(value)) return value.length;
    return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
  },
);

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count++;
  return count;
}
