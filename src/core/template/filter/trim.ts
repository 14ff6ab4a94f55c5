import { trimWhiteSpace } from "../white-space.ts";
import { plainFilter } from "./filter.ts";

export const trim = plainFilter("trim", "A string without Unicode white space at both ends.", (value) =>
  typeof value === "string" ? trimWhiteSpace(value) : undefined,
);
