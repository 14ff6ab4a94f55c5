import { err, ok } from "../result.ts";
import { found, strictObject } from "../rule/strict-object.ts";
import { numberOfText } from "../template/number-text.ts";
import type { ModifierType } from "./modifier.ts";

export const toNumber: ModifierType = {
  name: "ToNumber",
  summary: "The number that a string writes; `NaN`, `inf` and numbers too large for a double become null.",
  example: { type: "ToNumber" },
  compile(document, { issues }) {
    strictObject(document, { required: ["type"] }, issues);
    return {
      type: "ToNumber",
      apply(value) {
        if (typeof value === "number" || typeof value === "bigint") return ok(value);
        const read = typeof value === "string" ? numberOfText(value) : undefined;
        return read === undefined
          ? err(`ToNumber takes a number or a string that is one, found ${found(value)}`)
          : ok(read);
      },
    };
  },
};
