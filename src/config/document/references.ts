/**
 * `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}` inside strings that are already parsed, so that a value can
 * never become structure. The default stands for a variable that is not set or empty. A file's last line break does not
 * count; relative paths are relative to the configuration folder. A message names what is missing, never a value.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DocumentPath, IssueSink } from "../../core/diagnostic.ts";
import { isArray, isObject, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { reasonOf } from "./reason-of.ts";

export interface ReferenceSources {
  /** The configuration folder. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Resolved {
  readonly value: Json;
  readonly references: References;
}

/** Where values of variables and files went; these are never printed. */
export interface References {
  /** The text as it is written, of a string that came from elsewhere. */
  at(path: DocumentPath): string | undefined;
  /** What such a string became. */
  valueAt(path: DocumentPath): string | undefined;
  /** Was something missing there, and reported? */
  isBroken(path: DocumentPath): boolean;
  /** Those below a path, as paths from there. */
  below(...path: DocumentPath): References;
}

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;

/** What is missing is reported, and stays as it is written. */
export function resolveReferences(value: Json, sources: ReferenceSources, issues: IssueSink): Resolved {
  const written = new Map<string, string>();
  const values = new Map<string, string>();
  const broken = new Set<string>();
  const walk = (node: Json, path: DocumentPath): Json => {
    if (typeof node === "string") {
      if (!node.includes("${env:") && !node.includes("${file:")) return node;
      written.set(JSON.stringify(path), node);
      const text = node.replace(REFERENCE, (whole, kind: string, inside: string) => {
        const found = kind === "env" ? variable(inside, sources) : fileText(inside, sources);
        if (found.ok) return found.value;
        issues.at(...path).error("bad-reference", found.error.message, accepted(found.error.accepted));
        broken.add(JSON.stringify(path));
        return whole;
      });
      values.set(JSON.stringify(path), text);
      return text;
    }
    if (isArray(node)) return node.map((item, at) => walk(item, [...path, at]));
    if (!isObject(node)) return node;
    const object: MutableJsonObject = {};
    for (const key of Object.keys(node)) setMember(object, key, walk(node[key]!, [...path, key]));
    return object;
  };
  return { value: walk(value, []), references: referencesIn({ written, values, broken }, []) };
}

interface Places {
  readonly written: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, string>;
  readonly broken: ReadonlySet<string>;
}

const referencesIn = (places: Places, prefix: DocumentPath): References => ({
  at: (path) => places.written.get(JSON.stringify([...prefix, ...path])),
  valueAt: (path) => places.values.get(JSON.stringify([...prefix, ...path])),
  isBroken: (path) => places.broken.has(JSON.stringify([...prefix, ...path])),
  below: (...path) => referencesIn(places, [...prefix, ...path]),
});

const accepted = (text: string | undefined): { accepted?: string } => (text === undefined ? {} : { accepted: text });

interface Missing {
  readonly message: string;
  readonly accepted?: string;
}

function variable(inside: string, { env }: ReferenceSources): Result<string, Missing> {
  const parts = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside);
  if (!parts)
    return err({ message: `\${env:${inside}} names no variable`, accepted: "${env:NAME}, ${env:NAME:-default}" });
  const [, name, fallback] = parts;
  const value = Object.hasOwn(env, name!) ? env[name!] : undefined;
  if (fallback !== undefined) return ok(value === undefined || value === "" ? fallback : value);
  return value === undefined
    ? err({ message: `the variable ${name!} is not set`, accepted: `a value, or a default: \${env:${name!}:-…}` })
    : ok(value);
}

const MAX_BYTES = 1_048_576;

function fileText(path: string, { dir }: ReferenceSources): Result<string, Missing> {
  try {
    const bytes = readFileSync(resolve(dir, path));
    if (bytes.length > MAX_BYTES)
      return err({ message: `the file ${path} has ${bytes.length} bytes`, accepted: `up to ${MAX_BYTES} bytes` });
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, ""));
  } catch (error) {
    return err({ message: `the file ${JSON.stringify(path)} cannot be read: ${reasonOf(error as Error)}` });
  }
}
