import { printJson } from "../../json.ts";
import { plainFilter } from "./filter.ts";

export const json = plainFilter("json", "Any value as compact JSON text.", (value) => printJson(value));
