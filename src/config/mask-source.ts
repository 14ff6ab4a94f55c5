/**
 * Which parts of a file are secrets, so that its lines can be shown: values below keys that a type declares as secret, or
 * that are named like one, misspelt or not, and addresses that hold a login. What only refers to a variable or a file is no secret.
 */
import { isMap, isScalar, isSeq, parseDocument, type Node } from "yaml";
import { collectorTypes } from "../collectors/all.ts";
import { collectorOptions } from "../component/collector-options.ts";
import { suggest } from "../core/suggest.ts";
import { executorTypes } from "../executors/all.ts";
import { executorEntry } from "./executor-entry.ts";
import { COLLECTORS, SETTINGS_FILE } from "./folders.ts";
import { secretKeys } from "./schema/walk-schema.ts";
import { settingsSchema } from "./settings.ts";

export interface Range {
  /** UTF-16 offsets in the text. */
  readonly start: number;
  readonly end: number;
}

export const MASK = "***";

const NAMED_LIKE_SECRETS =
  /pass(word|wd|phrase)|secret|token|credential|bearer|authorization|cookie|api_?key|private_key/i;
const NAMES_OF_FILES = /_(file|path)$/;
const USUAL = ["password", "passphrase", "secret", "secrets", "token", "tokens", "api_key", "bearer", "credentials"];
/** Deeper than files are read; whatever is there is not shown. */
const MAX_DEPTH = 200;
/** `https://user:password@host` */
const LOGIN_IN_URL = /\/\/[^\s/@]*@/;
const REFERENCE = /^\$\{(env|file):[^}]*\}$/;

/** Files of rules and trees hold no secrets: none. */
export function secretRanges(file: string, text: string): readonly Range[] {
  if (file !== SETTINGS_FILE && !file.startsWith(`${COLLECTORS}/`)) return [];
  const document = parseDocument(text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    stringKeys: true,
  });
  const ranges: Range[] = [];
  const visit = (node: Node | null, isSecret: boolean, keys: DeclaredKeys, path: readonly string[]): void => {
    if (path.length > MAX_DEPTH) {
      if (node?.range) ranges.push({ start: node.range[0], end: node.range[1] });
    } else if (isScalar(node)) {
      const { range, value } = node;
      const refers = typeof value === "string" && REFERENCE.test(value);
      const holdsLogin = typeof value === "string" && LOGIN_IN_URL.test(value);
      if ((isSecret || holdsLogin) && range && !refers) ranges.push({ start: range[0], end: range[1] });
    } else if (isMap(node)) {
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : "";
        const inner = [...path, key];
        const names = typeKeys(file, inner, pair.value as Node | null) ?? keys;
        visit(pair.value as Node | null, isSecret || isSecretKey(key, names), names, inner);
      }
    } else if (isSeq(node)) for (const item of node.items) visit(item as Node, isSecret, keys, [...path, ""]);
  };
  visit(document.contents, false, typeKeys(file, [], document.contents) ?? NONE, []);
  return document.errors.length === 0 ? ranges : [...ranges, ...byText(text)];
}

/** Keys of a schema: is a secret there? */
type DeclaredKeys = ReadonlyMap<string, boolean>;
const NONE: DeclaredKeys = new Map();

/** A key that no schema knows may be a misspelt one. */
function isSecretKey(key: string, declared: DeclaredKeys): boolean {
  const known = declared.get(key);
  if (known !== undefined) return known;
  if (NAMES_OF_FILES.test(key)) return false;
  return NAMED_LIKE_SECRETS.test(key) || suggest(key, USUAL) !== undefined;
}

/** Keys that the type of the executor or collector at a path declares as secret; undefined: none begins there. */
function typeKeys(file: string, path: readonly string[], node: Node | null): DeclaredKeys | undefined {
  const given = isMap(node) ? node.get("type") : undefined;
  if (file === SETTINGS_FILE) {
    if (path.length === 0) return secretKeys(settingsSchema);
    if (path.length !== 2 || path[0] !== "executors") return undefined;
    const type = executorTypes.find((candidate) => candidate.type === (given ?? path[1]));
    return new Map([...secretKeys(executorEntry), ...(type ? secretKeys(type.options) : NONE)]);
  }
  if (path.length > 0) return undefined;
  const type = collectorTypes.find((candidate) => candidate.type === (given ?? "webhook"));
  return new Map([...secretKeys(collectorOptions), ...(type ? secretKeys(type.options) : NONE)]);
}

/** Where a file cannot be parsed whole: the rest of a line behind such a key, and every line that has no key. */
function byText(text: string): readonly Range[] {
  const ranges: Range[] = [];
  for (const line of text.matchAll(/[^\n]+/g)) {
    const [content] = line;
    const pair = [...content.matchAll(/([\w-]+)["']?\s*:\s*/g)].find(([, key]) => isSecretKey(key!, NONE));
    const bare = /:(\s|$)/.test(content) ? null : /^[\s[{-]*/.exec(content);
    const from = pair ? pair.index + pair[0].length : bare ? bare[0].length : content.length;
    if (from < content.length) ranges.push({ start: line.index + from, end: line.index + content.length });
  }
  return ranges;
}

/** A part of the text, from offset to offset, without what is secret in it. */
export function masked(text: string, from: number, to: number, ranges: readonly Range[]): string {
  let shown = "";
  let at = from;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (end <= at || start >= to) continue;
    // One that begins inside the one before is of the same secret.
    if (start >= at || shown === "") shown += text.slice(at, Math.max(at, start)) + MASK;
    at = Math.min(end, to);
  }
  return shown + text.slice(at, to);
}
