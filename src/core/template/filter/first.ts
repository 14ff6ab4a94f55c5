import { isArray } from "../../json.ts";
import { plainFilter } from "./filter.ts";

export const first = plainFilter("first", "The first element of an array.", (value) =>
  isArray(value) ? value[0] : undefined,
);
