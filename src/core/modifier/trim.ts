import { trimWhiteSpace } from "../template/white-space.ts";
import { stringModifier } from "./string-modifier.ts";

export const trim = stringModifier("Trim", "No white space at both ends.", { type: "Trim" }, trimWhiteSpace);
