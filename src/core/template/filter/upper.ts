import { plainFilter } from "./filter.ts";

export const upper = plainFilter("upper", "Unicode upper case of a string.", (value) =>
  typeof value === "string" ? value.toUpperCase() : undefined,
);
