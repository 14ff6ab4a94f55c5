/**
 * Every occurrence of `find` replaced. `find` is literal text, or a pattern with `is_regex: true`; `replace` is a template.
 * With a pattern, `replace` is rendered first (failing the variable if it cannot be, match or no match) and then read in
 * Rust's syntax, `$1`, `$name`, `$$`, wherever its text came from. The literal form renders it only when `find` occurs.
 */
import type { Json } from "../json.ts";
import type { Scope } from "../path.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import { err, ok, type Result } from "../result.ts";
import { booleanMember, found, strictObject, stringMember } from "../rule/strict-object.ts";
import { compileTemplate, missingPart, type Template } from "../template/template.ts";
import type { Modifier, ModifierType } from "./modifier.ts";
import { notAString } from "./string-modifier.ts";

export const replaceAll: ModifierType = {
  name: "ReplaceAll",
  summary: "Every occurrence of a text or pattern replaced.",
  example: { type: "ReplaceAll", find: "\\s+", replace: " ", is_regex: true },
  compile(document, context) {
    const { issues, roots } = context;
    strictObject(document, { required: ["type", "find", "replace"], optional: ["is_regex"] }, issues);
    const find = stringMember(document, "find", issues);
    const replaceText = stringMember(document, "replace", issues);
    const isRegex = booleanMember(document, "is_regex", issues, false);
    const replace = replaceText === undefined ? null : compileTemplate(replaceText, roots, issues.at("replace"));
    if (find === undefined) return null;
    if (!isRegex) return replace && literal(find, replace);
    const pattern = compileRegex(find, context.regex);
    if (!pattern.ok) {
      issues.at("find").error("bad-regex", `${pattern.error.message} at character ${pattern.error.offset + 1}`);
      return null;
    }
    if (replace === null) return null;
    return {
      type: "ReplaceAll",
      apply(value, scope) {
        if (typeof value !== "string") return notAString("ReplaceAll", value);
        const put = textOfReplacement(replace, scope);
        if (!put.ok) return put;
        const replaced = pattern.value.replaceAll(value, put.value);
        return replaced === undefined
          ? err("ReplaceAll stopped: the value is over the limits of patterns")
          : ok(replaced);
      },
    };
  },
};

const literal = (find: string, replace: Template): Modifier => ({
  type: "ReplaceAll",
  apply(value, scope) {
    if (typeof value !== "string") return notAString("ReplaceAll", value);
    if (!value.includes(find)) return ok(value);
    const put = textOfReplacement(replace, scope);
    if (!put.ok) return put;
    if (find !== "") return ok(value.split(find).join(put.value));
    return ok([put.value, ...Array.from(value, (character) => character + put.value)].join(""));
  },
});

function textOfReplacement(replace: Template, scope: Scope): Result<string, string> {
  const value: Json | undefined = replace.render(scope);
  if (typeof value === "string") return ok(value);
  return err(
    value === undefined
      ? `the replacement ${missingPart(replace, scope)}`
      : `the replacement is no string but ${found(value)}`,
  );
}
