import { isArray } from "../../json.ts";
import { plainFilter } from "./filter.ts";

export const last = plainFilter("last", "The last element of an array.", (value) =>
  isArray(value) ? value.at(-1) : undefined,
);
