import { plainFilter } from "./filter.ts";

export const lower = plainFilter("lower", "Unicode lower case of a string.", (value) =>
  typeof value === "string" ? value.toLowerCase() : undefined,
);
