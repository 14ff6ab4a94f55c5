import { isObject, member } from "../json.ts";
import { err, ok } from "../result.ts";
import { found, strictObject } from "../rule/strict-object.ts";
import type { ModifierType } from "./modifier.ts";
import { notAString } from "./string-modifier.ts";

export const map: ModifierType = {
  name: "Map",
  summary: "The entry of a table under the string; else `default_value`; else it fails.",
  example: { type: "Map", mapping: { "0": "emergency", "1": "alert" }, default_value: "unknown" },
  compile(document, { issues }) {
    strictObject(document, { required: ["type", "mapping"], optional: ["default_value"] }, issues);
    const mapping = member(document, "mapping");
    const fallback = member(document, "default_value") ?? null;
    if (fallback !== null && typeof fallback !== "string")
      issues.at("default_value").error("wrong-type", `${found(fallback)} where a string is expected`);
    if (!isObject(mapping)) {
      if (mapping !== undefined)
        issues.at("mapping").error("wrong-type", `${found(mapping)} where an object of strings is expected`);
      return null;
    }
    for (const key of Object.keys(mapping))
      if (typeof member(mapping, key) !== "string")
        issues.at("mapping", key).error("wrong-type", `${found(member(mapping, key))} where a string is expected`);
    return {
      type: "Map",
      apply(value) {
        if (typeof value !== "string") return notAString("Map", value);
        const mapped = member(mapping, value) ?? fallback;
        return mapped === null ? err(`Map has no entry for ${found(value)} and no default_value`) : ok(mapped);
      },
    };
  },
};
