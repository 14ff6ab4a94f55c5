/**
 * Mustache templates of payloads: `{mustache: "…{{event.payload.host}}…"}`.
 *
 * What a value becomes is said by the kind of text, which the executor declares for a payload path:
 *
 *     plain   as it is
 *     html    escaped for HTML; `&` and triple braces: as it is
 *     json    inside a JSON string: escaped for it, whatever the tag; elsewhere: a JSON value, `null` where it is missing
 *
 * Numbers are written as everywhere (text.ts), arrays and objects as compact JSON, null and what is missing as nothing.
 * Names are looked up in the element of the innermost section, then further out, at last among the roots, each time the
 * whole path. Only own members count. Rendering cannot fail.
 */
import type { IssueSink } from "../../diagnostic.ts";
import { isArray, isObject, member, printJson, type Json } from "../../json.ts";
import { OWN_VARIABLES, readPath, type Path, type Scope, type Step } from "../../path.ts";
import { textOf } from "../text.ts";
import { jsonPositions } from "./json-positions.ts";
import { parseMustache, type MustacheName, type MustacheNode, type MustacheValue } from "./parse-mustache.ts";

export type TextKind = "plain" | "json" | "html";

/** Null after the mistakes were reported. */
export function compileMustache(
  source: string,
  { kind, roots }: { readonly kind: TextKind; readonly roots: readonly string[] },
  issues: IssueSink,
): ((scope: Scope) => string) | null {
  const nodes = parseMustache(source, roots, issues);
  if (nodes === null) return null;
  const inStrings = kind === "json" ? jsonPositions(nodes, source, issues) : null;
  if (kind === "json" && inStrings === null) return null;
  const write = writerOf(kind, inStrings);
  return (scope) => renderNodes(nodes, { scope, element: undefined, outer: null }, write);
}

type Write = (value: Json | undefined, tag: MustacheValue) => string;

interface Context {
  readonly scope: Scope;
  /** Of the section; undefined: the template itself. */
  readonly element: Json | undefined;
  readonly outer: Context | null;
}

function renderNodes(nodes: readonly MustacheNode[], context: Context, write: Write): string {
  let text = "";
  for (const node of nodes) {
    if (typeof node === "string") {
      text += node;
      continue;
    }
    const value = lookUp(node.name, context);
    if (node.kind === "value") text += write(value, node);
    else if (node.inverted) text += isFalse(value) ? renderNodes(node.nodes, context, write) : "";
    else if (!isFalse(value))
      for (const inner of contextsOf(value!, context)) text += renderNodes(node.nodes, inner, write);
  }
  return text;
}

const isFalse = (value: Json | undefined): boolean => !value || (isArray(value) && value.length === 0);

/** One for each element of a list; `true` is about nothing new. */
function contextsOf(value: Json, outer: Context): readonly Context[] {
  if (value === true) return [outer];
  return (isArray(value) ? value : [value]).map((element) => ({ scope: outer.scope, element, outer }));
}

function lookUp(name: MustacheName, context: Context): Json | undefined {
  if (name === null) return context.element;
  for (let at: Context | null = context; at !== null; at = at.outer) {
    const value = at.outer === null ? rootAt(name, at.scope) : memberAt(at.element, [name.root, ...name.steps]);
    if (value !== undefined) return value;
  }
  return undefined;
}

function rootAt(name: Path, scope: Scope): Json | undefined {
  const { root, steps } = name;
  if (steps.length === 0) return readPath(name, scope);
  if (root === "_variables") return memberAt(scope[OWN_VARIABLES], steps) ?? memberAt(scope[root], steps);
  return typeof root === "string" && Object.hasOwn(scope, root) ? memberAt(scope[root], steps) : undefined;
}

/** Elements of lists are members here: `{{list.0}}`. */
function memberAt(from: Json | undefined, steps: readonly Step[]): Json | undefined {
  let value = from;
  for (const step of steps) {
    if (isArray(value)) value = /^\d+$/.test(String(step)) ? value[Number(step)] : undefined;
    else value = isObject(value) && typeof step === "string" ? member(value, step) : undefined;
  }
  return value;
}

function writerOf(kind: TextKind, inStrings: ReadonlySet<MustacheValue> | null): Write {
  if (kind === "plain") return plainText;
  if (kind === "html") return (value, { raw }) => (raw ? plainText(value) : escapeHtml(plainText(value)));
  return (value, tag) =>
    inStrings?.has(tag) ? printJson(plainText(value)).slice(1, -1) : printJson(value === undefined ? null : value);
}

const plainText = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : (textOf(value) ?? printJson(value));

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
  "=": "&#61;",
};

/** Also what could end an attribute without quotes. */
const escapeHtml = (text: string): string => text.replace(/[&<>"'`=]/g, (c) => ENTITIES[c]!);
