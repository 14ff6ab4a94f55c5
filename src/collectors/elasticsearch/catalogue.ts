/**
 * What senders put here and ask for again: templates, policies, pipelines, data streams, indexes and their aliases.
 * Only kept to be shown: nothing of it changes how events are taken. It is bounded, what was put first goes first, and
 * ends with the process; a sender that misses something puts it again.
 */
import {
  member,
  parseJson,
  printJson,
  isObject,
  setMember,
  type JsonObject,
  type MutableJsonObject,
} from "../../core/json.ts";
import { fits } from "./filter-path.ts";

export type Kind =
  "policy" | "index_template" | "component_template" | "template" | "pipeline" | "data_stream" | "index";

export interface Catalogue {
  put(kind: Kind, name: string, value: JsonObject): void;
  remove(kind: Kind, name: string): boolean;
  /** By exact name, comma list or `*` patterns; all without a name. In the order in which they were put. */
  find(kind: Kind, names?: string): readonly (readonly [string, JsonObject])[];
}

export function createCatalogue(limits: { readonly maxEntries: number; readonly maxBytes: number }): Catalogue {
  /** As text, which is smaller than what it becomes; the key begins with the kind. */
  const entries = new Map<string, string>();
  let bytes = 0;
  const key = (kind: Kind, name: string): string => `${kind}/${name}`;
  const removeKey = (at: string): boolean => {
    const text = entries.get(at);
    if (text !== undefined) bytes -= text.length + at.length;
    return entries.delete(at);
  };
  return {
    put(kind, name, value) {
      const at = key(kind, name);
      const text = printJson(value);
      removeKey(at);
      entries.set(at, text);
      bytes += text.length + at.length;
      for (const [oldest] of entries) {
        if (entries.size <= limits.maxEntries && bytes <= limits.maxBytes) break;
        removeKey(oldest);
      }
    },
    remove: (kind, name) => removeKey(key(kind, name)),
    find(kind, names) {
      const patterns = names === undefined || names === "_all" ? ["*"] : names.split(",");
      const found: (readonly [string, JsonObject])[] = [];
      for (const [at, text] of entries) {
        if (!at.startsWith(`${kind}/`)) continue;
        const name = at.slice(kind.length + 1);
        if (patterns.some((pattern) => fits(pattern, name))) found.push([name, objectOf(text)]);
      }
      return found;
    },
  };
}

/** It was printed from an object here. */
function objectOf(text: string): JsonObject {
  const parsed = parseJson(text, Number.POSITIVE_INFINITY);
  return parsed.ok && isObject(parsed.value) ? parsed.value : {};
}

export interface IndexAlias {
  readonly index: string;
  readonly alias: string;
  readonly properties: JsonObject;
}

export function aliasesOf(catalogue: Catalogue, indexes?: string, aliases = "*"): readonly IndexAlias[] {
  const patterns = aliases === "_all" ? ["*"] : aliases.split(",");
  return catalogue
    .find("index", indexes)
    .flatMap(([index, value]) =>
      Object.entries(member(value, "aliases") ?? {}).flatMap(([alias, properties]) =>
        patterns.some((pattern) => fits(pattern, alias))
          ? [{ index, alias, properties: isObject(properties) ? properties : {} }]
          : [],
      ),
    );
}

/** Null properties take the alias away. */
export function setAlias(catalogue: Catalogue, index: string, alias: string, properties: JsonObject | null): void {
  const [, value = {}] = catalogue.find("index", index)[0] ?? [];
  const before = member(value, "aliases");
  const aliases: MutableJsonObject = isObject(before) ? { ...before } : {};
  if (properties) setMember(aliases, alias, properties);
  else delete aliases[alias];
  catalogue.put("index", index, { ...value, aliases });
}
