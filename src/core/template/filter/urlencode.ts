import { percentEncode } from "../percent-encode.ts";
import { textOf } from "../text.ts";
import { plainFilter } from "./filter.ts";

export const urlencode = plainFilter(
  "urlencode",
  "The text of a scalar, percent-encoded but for letters, digits and `-._~`.",
  (value) => {
    const text = textOf(value);
    return text === undefined ? undefined : percentEncode(text);
  },
);
