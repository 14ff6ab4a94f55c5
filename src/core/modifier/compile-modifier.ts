import { isObject, member, type Json } from "../json.ts";
import { found, list } from "../rule/strict-object.ts";
import { suggest } from "../suggest.ts";
import { modifierTypes } from "./list.ts";
import type { Modifier, ModifierContext } from "./modifier.ts";

/** Null after the mistakes were reported. */
export function compileModifier(document: Json, context: ModifierContext): Modifier | null {
  const { issues } = context;
  const names = modifierTypes.map((type) => type.name);
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where a modifier is expected`, { accepted: "{type: Lowercase}" });
    return null;
  }
  const name = member(document, "type");
  const type = modifierTypes.find((candidate) => candidate.name === name);
  if (type) return type.compile(document, context);
  if (name === undefined) {
    issues.error("missing-key", 'the key "type" is missing', { accepted: list(names) });
  } else {
    const suggestion = typeof name === "string" ? suggest(name, names) : undefined;
    issues
      .at("type")
      .error("unknown-modifier", `unknown modifier ${typeof name === "string" ? JSON.stringify(name) : found(name)}`, {
        accepted: list(names),
        ...(suggestion === undefined ? {} : { suggestion }),
      });
  }
  return null;
}
