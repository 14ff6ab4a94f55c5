/**
 * One entry of WITH: `{from, regex, modifiers_post?}`. `from` is a template; there is no form that takes a value as it is,
 * since `${…}` does that wherever it is needed.
 */
import type { IssueSink } from "../diagnostic.ts";
import { arrayMember, found, list, strictObject, stringMember, unknownKey } from "../rule/strict-object.ts";
import { isObject, member, type Json, type JsonObject } from "../json.ts";
import { compileModifier } from "../modifier/compile-modifier.ts";
import type { Modifier } from "../modifier/modifier.ts";
import type { Scope } from "../path.ts";
import { compileRegex } from "../regex/compile-regex.ts";
import type { RegexLimits } from "../regex/regex.ts";
import { err, type Result } from "../result.ts";
import { compileTemplate, missingPart, type Template } from "../template/template.ts";
import { regexForms } from "./list.ts";
import type { Extract } from "./regex-form.ts";

export interface Extractor {
  readonly name: string;
  readonly from: Template;
  readonly modifiers: readonly Modifier[];
  /** The error is the reason of a partial match. */
  extract(scope: Scope): Result<Json, string>;
}

export interface ExtractorOptions {
  readonly roots: readonly string[];
  readonly regex: RegexLimits;
}

/** Null after the mistakes were reported. */
export function compileExtractor(
  name: string,
  document: Json | undefined,
  options: ExtractorOptions,
  issues: IssueSink,
): Extractor | null {
  const object = strictObject(document, { required: ["from", "regex"], optional: ["modifiers_post"] }, issues);
  if (object === null) return null;
  const fromText = stringMember(object, "from", issues);
  const from = fromText === undefined ? null : compileTemplate(fromText, options.roots, issues.at("from"));
  const extract = compileForm(member(object, "regex"), options, issues.at("regex"));
  const modifiers = (arrayMember(object, "modifiers_post", issues) ?? []).map((modifier, at) =>
    compileModifier(modifier, { ...options, issues: issues.at("modifiers_post", at) }),
  );
  if (from === null || extract === null || !modifiers.every((modifier) => modifier !== null)) return null;
  return {
    name,
    from,
    modifiers,
    extract(scope) {
      const source = from.render(scope);
      if (source === undefined) return err(missingPart(from, scope));
      let value = extract(source);
      for (const modifier of modifiers) if (value.ok) value = modifier.apply(value.value, scope);
      return value;
    },
  };
}

function compileForm(document: Json | undefined, options: ExtractorOptions, issues: IssueSink): Extract | null {
  if (document === undefined) return null;
  if (!isObject(document)) {
    issues.error("wrong-type", `${found(document)} where a pattern is expected`, { accepted: forms() });
    return null;
  }
  const named = regexForms.filter(({ key }) => Object.hasOwn(document, key));
  const [form] = named;
  if (!form || named.length > 1) {
    issues.error(
      form ? "too-many-keys" : "missing-key",
      form ? `${list(named.map(({ key }) => key))} exclude each other` : "the key of the pattern is missing",
      { accepted: forms() },
    );
    if (!form)
      checkKeys(
        document,
        regexForms.flatMap(({ key, optional }) => [key, ...optional]),
        issues,
      );
    return null;
  }
  checkKeys(document, [form.key, ...form.optional], issues);
  const pattern = stringMember(document, form.key, issues);
  if (pattern === undefined) return null;
  const regex = compileRegex(pattern, options.regex);
  if (regex.ok) return form.compile(document, regex.value, issues);
  issues.at(form.key).error("bad-regex", `${regex.error.message} at character ${regex.error.offset + 1}`);
  return null;
}

function checkKeys(document: JsonObject, known: readonly string[], issues: IssueSink): void {
  for (const key of Object.keys(document)) if (!known.includes(key)) unknownKey(key, known, issues);
}

const forms = (): string => list(regexForms.map(({ key }) => `{${key}: pattern}`));
