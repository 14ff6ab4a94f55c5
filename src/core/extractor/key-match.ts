import { isObject, member } from "../json.ts";
import { err, ok } from "../result.ts";
import { found } from "../rule/strict-object.ts";
import type { RegexForm } from "./regex-form.ts";

export const keyMatch: RegexForm = {
  key: "single_key_match",
  optional: [],
  summary: "The value, of any type, under the only key of an object whose name matches.",
  example: { single_key_match: "^ifDescr\\.\\d+$" },
  compile: (_document, regex) => (source) => {
    if (!isObject(source)) return err(`single_key_match searches objects only, found ${found(source)}`);
    const keys = Object.keys(source).filter((key) => regex.test(key));
    if (keys.length !== 1) return err(`the pattern ${regex.source} matches ${keys.length || "no"} keys instead of one`);
    const value = member(source, keys[0]!);
    return value === undefined ? err("the key has no value") : ok(value);
  },
};
