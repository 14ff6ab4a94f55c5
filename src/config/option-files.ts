/**
 * Options that name files, by the custom of their keys (`ca_file`, `certificate_path` …): relative paths are made
 * absolute, from the configuration folder; a file that is to be read must be there, and what it holds counts in the hash.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import type { DocumentPath, IssueSink } from "../core/diagnostic.ts";
import { isArray, isObject, setMember, type Json, type MutableJsonObject } from "../core/json.ts";
import type { Resolved } from "./document/references.ts";
import { reasonOf } from "./document/reason-of.ts";
import { keysAt } from "./schema/walk-schema.ts";

const IS_READ = /_file$|^(certificate|private_key|ca_certificate)_path$/;
const IS_PATH = /_(file|folder|directory)$|^(certificate|private_key|ca_certificate|base)_path$|^director(y|ies)$/;

export interface OptionFiles {
  /** The options with absolute paths. */
  readonly value: Json;
  /** Of each file that is read. */
  readonly texts: readonly string[];
}

export function resolveOptionFiles(
  { value, references }: Resolved,
  schema: z.ZodType,
  dir: string,
  issues: IssueSink,
): OptionFiles {
  const texts: string[] = [];
  const walk = (node: Json, path: DocumentPath, key: string): Json => {
    if (typeof node === "string") return IS_PATH.test(key) ? named(node, path, key) : node;
    if (isArray(node)) return node.map((item, at) => walk(item, [...path, at], key));
    if (!isObject(node)) return node;
    const object: MutableJsonObject = {};
    for (const name of Object.keys(node)) {
      const inner = [...path, name];
      // Keys that the schema does not name (of headers, of secrets) mean nothing.
      const own = keysAt(schema, path).includes(name);
      setMember(object, name, walk(node[name]!, inner, own ? name : ""));
    }
    return object;
  };
  const named = (file: string, path: DocumentPath, key: string): string => {
    const absolute = resolve(dir, file);
    if (!IS_READ.test(key) || references.isBroken(path)) return absolute;
    const text = readNamedFile(absolute, references.at(path) ?? file, issues.at(...path));
    if (text !== null) texts.push(text);
    return absolute;
  };
  return { value: walk(value, [], ""), texts };
}

/** Null after it was reported. `written` is the path as the author knows it. */
export function readNamedFile(absolute: string, written: string, issues: IssueSink): string | null {
  try {
    return readFileSync(absolute, "utf8");
  } catch (error) {
    issues.error("missing-file", `${JSON.stringify(written)} cannot be read: ${reasonOf(error as Error)}`);
    return null;
  }
}
