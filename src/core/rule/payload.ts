/**
 * Payloads of actions: strings are templates, arrays and objects recurse, keys are never templates, everything else is
 * copied. `{secret: name}` names a secret of the executor; it stays as it is until the delivery is sent, so its name is
 * written out, and no value of an event may pass for such a reference. Paths that the executor declares as code are
 * escaped (template/escape).
 */
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { suggest } from "../suggest.ts";
import { codeEscapes } from "../template/escape/list.ts";
import { evaluate } from "../template/expression.ts";
import { compileTemplate, missingPart, type Template } from "../template/template.ts";
import { textOf } from "../template/text.ts";
import type { ActionTarget } from "./action-catalog.ts";
import { list } from "./strict-object.ts";

export type PayloadNode =
  | { readonly kind: "constant"; readonly value: Json }
  | { readonly kind: "secret"; readonly value: JsonObject }
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "code"; readonly template: Template; readonly put: (texts: readonly string[]) => string }
  | { readonly kind: "array"; readonly items: readonly PayloadNode[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, PayloadNode])[] };

export interface PayloadOptions {
  readonly roots: readonly string[];
  /** Null: executors are not known, nothing about them is checked. */
  readonly target: ActionTarget | null;
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
  if (keys.length === 1 && keys[0] === "mustache") {
    issues.error("mustache", "mustache templates are not supported by this version", { accepted: "text with ${…}" });
    return null;
  }
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
      if (value === undefined) return err(`${missingPart(node.template, scope)} at ${path}`);
      if (secrets.length === 0 || !holdsReference(value, secrets)) return ok(value);
      return err(`the value of ${node.template.source} at ${path} looks like a reference to a secret`);
    }
    case "code":
      return renderCode(node, scope, path);
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
  for (const part of template.parts) {
    if (typeof part === "string") continue;
    const value = evaluate(part, scope);
    const text = textOf(value);
    if (text === undefined)
      return err(`${part.source} ${value === undefined ? "is missing" : "has no text"} at ${path}`);
    texts.push(text);
  }
  return ok(put(texts));
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
