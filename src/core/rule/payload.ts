/**
 * Payloads of actions: strings are templates, arrays and objects recurse, keys are never templates, everything else is
 * copied. `{secret: name}` names a secret of the executor; it stays as it is until the delivery is sent, so its name is
 * written out, and no value of an event may pass for such a reference. Paths that the executor declares as code are
 * escaped (template/escape). `{mustache: text}` is a text template of its own (template/mustache).
 *
 * Inside foreach, where `item` is a root, a string with an expression of `item` that has no value is no failure: it stays
 * text, with the placeholders of `item` as they are written.
 */
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { suggest } from "../suggest.ts";
import { codeEscapes } from "../template/escape/list.ts";
import { evaluate } from "../template/expression.ts";
import { compileMustache, type TextKind } from "../template/mustache/mustache.ts";
import { compileTemplate, missingPart, readsItem, type Template } from "../template/template.ts";
import { textOf } from "../template/text.ts";
import type { ActionTarget } from "./action-catalog.ts";
import { found, list } from "./strict-object.ts";

export type PayloadNode =
  | { readonly kind: "constant"; readonly value: Json }
  | { readonly kind: "secret"; readonly value: JsonObject }
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "code"; readonly template: Template; readonly put: (texts: readonly string[]) => string }
  | { readonly kind: "mustache"; readonly render: (scope: Scope) => string }
  | { readonly kind: "array"; readonly items: readonly PayloadNode[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, PayloadNode])[] };

export interface PayloadOptions {
  readonly roots: readonly string[];
  /** Null: executors are not known, nothing about them is checked. */
  readonly target: ActionTarget | null;
  /** Payload paths (dotted) whose mustache templates are not plain text. */
  readonly text?: Readonly<Record<string, TextKind>>;
}

/** Null after the mistakes were reported. */
export function compilePayload(
  value: Json,
  options: PayloadOptions,
  issues: IssueSink,
  path: readonly string[] = [],
): PayloadNode | null {
  if (typeof value === "string") return compileString(value, options, issues, path);
  if (isArray(value)) {
    const items = value.map((item, at) => compilePayload(item, options, issues.at(at), [...path, String(at)]));
    return items.every((item) => item !== null) ? { kind: "array", items } : null;
  }
  if (!isObject(value)) return { kind: "constant", value };
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secret" && typeof member(value, "secret") === "string")
    return compileSecret(value, options, issues);
  if (keys.length === 1 && keys[0] === "mustache") return compileMustacheText(value, options, issues, path);
  const members: [string, PayloadNode][] = [];
  for (const key of keys) {
    const node = compilePayload(member(value, key)!, options, issues.at(key), [...path, key]);
    if (node !== null) members.push([key, node]);
  }
  return members.length === keys.length ? { kind: "object", members } : null;
}

function compileString(
  text: string,
  { roots, target }: PayloadOptions,
  issues: IssueSink,
  path: readonly string[],
): PayloadNode | null {
  const template = compileTemplate(text, roots, issues);
  if (template === null) return null;
  if (template.kind === "constant") return { kind: "constant", value: text };
  const at = path.join(".");
  if (target !== null && !target.allowDynamicCode && holdsCode(target, at)) {
    issues.error(
      "dynamic-code",
      `${template.source} puts code of the ${target.type} executor in the hands of the event`,
      {
        accepted: `an object with ${list(Object.keys(target.code).filter((code) => code.startsWith(`${at}.`)))} written out; else allow_dynamic_code: true on the executor`,
      },
    );
    return null;
  }
  const kind = target === null ? undefined : codeKind(target, at);
  const escape = codeEscapes.find((candidate) => candidate.kind === kind);
  if (target === null || !escape) return { kind: "template", template };
  const put = escape.compile(template.parts, { allowDynamicCode: target.allowDynamicCode, issues });
  if (put === null) return null;
  return { kind: "code", template, put };
}

function compileMustacheText(
  value: JsonObject,
  { roots, target, text = {} }: PayloadOptions,
  issues: IssueSink,
  path: readonly string[],
): PayloadNode | null {
  const source = member(value, "mustache");
  if (typeof source !== "string") {
    issues.at("mustache").error("wrong-type", `${found(source)} where a mustache template is expected`, {
      accepted: "a text with {{event.path}}",
    });
    return null;
  }
  const at = path.join(".");
  if (target !== null && !target.allowDynamicCode && (codeKind(target, at) !== undefined || holdsCode(target, at))) {
    issues.error("dynamic-code", `a mustache template where the ${target.type} executor takes code`, {
      accepted: "text with ${…}; else allow_dynamic_code: true on the executor",
    });
    return null;
  }
  const kind = Object.hasOwn(text, at) ? text[at]! : "plain";
  const render = compileMustache(source, { kind, roots }, issues.at("mustache"));
  return render && { kind: "mustache", render };
}

const codeKind = (target: ActionTarget, path: string): string | undefined =>
  Object.hasOwn(target.code, path) ? target.code[path] : undefined;

/** Whether code lies below the path. */
const holdsCode = (target: ActionTarget, path: string): boolean =>
  Object.keys(target.code).some((code) => code.startsWith(`${path}.`));

function compileSecret(value: JsonObject, { roots, target }: PayloadOptions, issues: IssueSink): PayloadNode | null {
  const name = String(member(value, "secret"));
  if (compileTemplate(name, roots, issues.at("secret"))?.kind !== "constant") {
    issues
      .at("secret")
      .error("bad-secret", "the name of a secret is taken from an event", { accepted: "a name written out" });
    return null;
  }
  if (target !== null && !target.secrets.includes(name)) {
    const suggestion = suggest(name, target.secrets);
    issues.at("secret").error("unknown-secret", `the executor has no secret ${JSON.stringify(name)}`, {
      accepted: target.secrets.length === 0 ? "none; add it under secrets: of the executor" : list(target.secrets),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return null;
  }
  return { kind: "secret", value };
}

/** The error says which value is missing and where. */
export function renderPayload(
  node: PayloadNode,
  scope: Scope,
  secrets: readonly string[],
  path = "payload",
): Result<Json, string> {
  switch (node.kind) {
    case "constant":
    case "secret":
      return ok(node.value);
    case "template": {
      const value = node.template.render(scope);
      if (value === undefined) {
        const left = withItemLeft(node.template, scope);
        return left === null ? err(`${missingPart(node.template, scope)} at ${path}`) : ok(left);
      }
      if (secrets.length === 0 || !holdsReference(value, secrets)) return ok(value);
      return err(`the value of ${node.template.source} at ${path} looks like a reference to a secret`);
    }
    case "code":
      return renderCode(node, scope, path);
    case "mustache":
      return ok(node.render(scope));
    case "array": {
      const items: Json[] = [];
      for (const [at, item] of node.items.entries()) {
        const value = renderPayload(item, scope, secrets, `${path}[${at}]`);
        if (!value.ok) return value;
        items.push(value.value);
      }
      return ok(items);
    }
    case "object": {
      const object: MutableJsonObject = {};
      for (const [key, child] of node.members) {
        const value = renderPayload(child, scope, secrets, `${path}.${key}`);
        if (!value.ok) return value;
        setMember(object, key, value.value);
      }
      return ok(object);
    }
  }
}

function renderCode(
  { template, put }: Extract<PayloadNode, { kind: "code" }>,
  scope: Scope,
  path: string,
): Result<Json, string> {
  const texts: string[] = [];
  let left = false;
  for (const part of template.parts) {
    if (typeof part === "string") continue;
    const value = evaluate(part, scope);
    const text = textOf(value);
    if (text === undefined && !readsItem(part))
      return err(`${part.source} ${value === undefined ? "is missing" : "has no text"} at ${path}`);
    left ||= text === undefined;
    texts.push(text ?? part.source);
  }
  if (!left) return ok(put(texts));
  const expressions = template.parts.filter((part) => typeof part !== "string");
  return ok(put(texts.map((text, at) => (readsItem(expressions[at]!) ? expressions[at]!.source : text))));
}

/** The text that a template gives whose expressions of `item` are left; null: it is another one that has no text. */
function withItemLeft({ parts }: Template, scope: Scope): string | null {
  const texts = parts.map((part) =>
    typeof part === "string" ? part : readsItem(part) ? part.source : textOf(evaluate(part, scope)),
  );
  return texts.every((text) => text !== undefined) ? texts.join("") : null;
}

/** Why rendering fails whatever `item` is: an expression without it that has no value, or may not have the one it has. */
export function unrenderable(
  node: PayloadNode,
  scope: Scope,
  secrets: readonly string[],
  path = "payload",
): string | null {
  switch (node.kind) {
    case "constant":
    case "secret":
    case "mustache":
      return null;
    case "template":
    case "code": {
      const withItem = node.template.parts.some((part) => typeof part !== "string" && readsItem(part));
      if (withItem) return unmetPart(node.template, scope, path);
      const value = renderPayload(node, scope, secrets, path);
      return value.ok ? null : value.error;
    }
    case "array":
      return first(node.items.entries(), ([at, item]) => unrenderable(item, scope, secrets, `${path}[${at}]`));
    case "object":
      return first(node.members, ([key, child]) => unrenderable(child, scope, secrets, `${path}.${key}`));
  }
}

function unmetPart({ parts }: Template, scope: Scope, path: string): string | null {
  for (const part of parts) {
    if (typeof part === "string" || readsItem(part)) continue;
    const value = evaluate(part, scope);
    if (textOf(value) === undefined)
      return `${part.source} ${value === undefined ? "is missing" : "has no text"} at ${path}`;
  }
  return null;
}

function first<T>(values: Iterable<T>, reason: (value: T) => string | null): string | null {
  for (const value of values) {
    const found = reason(value);
    if (found !== null) return found;
  }
  return null;
}

/** Whether somewhere in an event's value lies `{secret: name}` with the name of one of the executor's secrets. */
function holdsReference(value: Json, secrets: readonly string[]): boolean {
  if (isArray(value)) return value.some((element) => holdsReference(element, secrets));
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === "secret" && secrets.includes(member(value, "secret") as string)) return true;
  return keys.some((key) => holdsReference(member(value, key)!, secrets));
}

/** Whether rendering can fail or differ from event to event. */
export function isDynamic(node: PayloadNode): boolean {
  switch (node.kind) {
    case "constant":
    case "secret":
      return false;
    case "array":
      return node.items.some(isDynamic);
    case "object":
      return node.members.some(([, child]) => isDynamic(child));
    default:
      return true;
  }
}
