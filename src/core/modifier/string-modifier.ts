import type { Json, JsonObject } from "../json.ts";
import { err, ok } from "../result.ts";
import { found, strictObject } from "../rule/strict-object.ts";
import type { ModifierType } from "./modifier.ts";

/** A modifier without settings that changes a string. */
export const stringModifier = (
  name: string,
  summary: string,
  example: JsonObject,
  change: (text: string) => Json,
): ModifierType => ({
  name,
  summary,
  example,
  compile(document, { issues }) {
    strictObject(document, { required: ["type"] }, issues);
    return { type: name, apply: (value) => (typeof value === "string" ? ok(change(value)) : notAString(name, value)) };
  },
});

export const notAString = (name: string, value: Json): { readonly ok: false; readonly error: string } =>
  err(`${name} takes a string, found ${found(value)}`);
