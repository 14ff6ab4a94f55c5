/**
 * `collector_config:` — the mapping of each event that the normalizer made (ingest.md; Tornado's webhook mapping).
 * A string that is wholly `${…}` is JMESPath over the normalized payload; `${$…}` is JSONPath, `${^…}` the context.
 * Any other string is literal; arrays and objects are walked. A key given replaces the normalizer's value, `metadata`
 * is merged into it.
 */
import type { EventDraft } from "../event/event.ts";
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import { suggest } from "../suggest.ts";
import { CONTEXT_ROOTS, compileContextPath, type MappingContext } from "./context-path.ts";
import { compileJmespath } from "./jmespath.ts";
import { compileJsonpath } from "./jsonpath.ts";

export interface Mapping {
  apply(draft: EventDraft, context: MappingContext): Result<EventDraft, string>;
}

type Node = (payload: JsonObject, context: MappingContext) => Json;
const KEYS = ["event_type", "payload", "metadata"];

/** Null when errors were reported. */
export function compileMapping(config: Json, issues: IssueSink): Mapping | null {
  if (!isObject(config)) {
    issues.error("bad-mapping", "collector_config must be an object", { accepted: KEYS.join(", ") });
    return null;
  }
  let sound = true;
  const fail: IssueSink["error"] = (code, message, more) => {
    sound = false;
    issues.error(code, message, more);
  };
  for (const key of Object.keys(config)) {
    if (KEYS.includes(key)) continue;
    const near = suggest(key, KEYS);
    sound = false;
    issues.at(key).error("unknown-key", `unknown key "${key}"`, {
      accepted: KEYS.join(", "),
      ...(near === undefined ? {} : { suggestion: near }),
    });
  }
  const part = (key: string): Node | undefined => {
    const value = config[key];
    if (value === undefined || value === null) return undefined;
    const node = compileNode(value, issues.at(key));
    if (!node) sound = false;
    return node ?? undefined;
  };
  if (config["event_type"] !== undefined && typeof config["event_type"] !== "string")
    fail("bad-mapping", "event_type must be a string");
  for (const key of ["payload", "metadata"]) {
    const value = config[key];
    if (value !== undefined && value !== null && !isObject(value) && !isExpression(value)) {
      sound = false;
      issues.at(key).error("bad-mapping", `${key} must be an object`, {
        accepted: "an object, or an expression ${…} that gives one",
      });
    }
  }
  const type = part("event_type");
  const payload = part("payload");
  const metadata = part("metadata");
  if (!sound) return null;
  return { apply: (draft, context) => apply({ type, payload, metadata }, draft, context) };
}

interface Parts {
  readonly type: Node | undefined;
  readonly payload: Node | undefined;
  readonly metadata: Node | undefined;
}

function apply(parts: Parts, draft: EventDraft, context: MappingContext): Result<EventDraft, string> {
  try {
    const result: { -readonly [K in keyof EventDraft]: EventDraft[K] } = { ...draft };
    if (parts.type) {
      const type = parts.type(draft.payload, context);
      if (typeof type !== "string") return err(`event_type gives ${describe(type)}; a string is expected`);
      result.type = type;
    }
    if (parts.payload) {
      const payload = parts.payload(draft.payload, context);
      if (!isObject(payload)) return err(`payload gives ${describe(payload)}; an object is expected`);
      result.payload = payload;
    }
    if (parts.metadata) {
      const metadata = parts.metadata(draft.payload, context);
      if (!isObject(metadata)) return err(`metadata gives ${describe(metadata)}; an object is expected`);
      result.metadata = { ...draft.metadata, ...metadata };
    }
    return ok(result);
  } catch (error) {
    // JMESPath functions throw on arguments of the wrong type: the event is refused, with the library's reason.
    return err(`the mapping failed: ${(error as Error).message}`);
  }
}

const isExpression = (value: Json): value is string =>
  typeof value === "string" && value.startsWith("${") && value.endsWith("}");

function compileNode(value: Json, issues: IssueSink): Node | null {
  if (isExpression(value)) return compileExpression(value.slice(2, -1), issues);
  if (isArray(value)) {
    const nodes = value.map((element, i) => compileNode(element, issues.at(i)));
    if (nodes.some((node) => !node)) return null;
    return (payload, context) => nodes.map((node) => node!(payload, context));
  }
  if (isObject(value)) {
    const nodes = Object.entries(value).map(([key, element]) => [key, compileNode(element, issues.at(key))] as const);
    if (nodes.some(([, node]) => !node)) return null;
    return (payload, context) => {
      const object: MutableJsonObject = {};
      for (const [key, node] of nodes) setMember(object, key, node!(payload, context));
      return object;
    };
  }
  return () => value;
}

function compileExpression(expression: string, issues: IssueSink): Node | null {
  if (expression.startsWith("^")) {
    const read = compileContextPath(expression.slice(1));
    if (read.ok) return (_payload, context) => read.value(context());
    issues.error("bad-mapping", read.error.message, {
      accepted: CONTEXT_ROOTS.map((root) => `^${root}`).join(", "),
      ...(read.error.suggestion === undefined ? {} : { suggestion: read.error.suggestion }),
    });
    return null;
  }
  const [language, query] = expression.startsWith("$")
    ? (["JSONPath", compileJsonpath(expression)] as const)
    : (["JMESPath", compileJmespath(expression)] as const);
  if (query.ok) return (payload) => query.value(payload);
  issues.error("bad-mapping", `"${expression}" is not valid ${language}: ${query.error}`);
  return null;
}

function describe(value: Json): string {
  if (value === null) return "null";
  if (isArray(value)) return "an array";
  return typeof value === "object"
    ? "an object"
    : `the ${typeof value === "bigint" ? "number" : typeof value} ${String(value).slice(0, 40)}`;
}
