/**
 * YAML 1.2 (core schema) and JSON → exact values and the positions of everything in them.
 *
 * Integers are exact at any size. What JSON cannot hold (.inf, .nan, 1e400) is refused, and so are duplicate keys, keys
 * that are not text, tags of one's own, a second document, and nesting deeper than MAX_DEPTH. Aliases are copied where
 * they stand; what they unfold to is bounded.
 *
 * JSON text is read by the JSON decoder, several times faster; its positions are found only when something asks.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument as parseYaml,
  type Alias,
  type Document,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { DocumentPath } from "../../core/diagnostic.ts";
import { parseJson, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";
import { nodeAt, offsetOf } from "./locate-node.ts";
import { syntaxProblem, whereNotJson, type Problem } from "./syntax-problem.ts";

export interface Position {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface ParsedDocument {
  /** Undefined: it has problems. Null where there is nothing but comments. */
  readonly value: Json | undefined;
  readonly problems: readonly (Problem & Position)[];
  /** Of the value at a path, or of its key; of the nearest thing around it where there is none. */
  locate(path: DocumentPath, what: "value" | "key"): Position;
}

const MAX_DEPTH = 200;
const MAX_ALIAS_NODES = 100_000;

export function parseDocument(text: string, syntax: "yaml" | "json" = "yaml"): ParsedDocument {
  const value = syntax === "json" || text.trimStart().startsWith("{") ? readJson(text) : undefined;
  if (value === undefined) return syntax === "json" ? parseNoJson(text) : parseAst(text);
  let ast: ParsedDocument | undefined;
  return { value, problems: [], locate: (path, what) => (ast ??= parseAst(text)).locate(path, what) };
}

/** What is no JSON may be YAML, but hardly what was meant: a comment would be a key. */
function parseNoJson(text: string): ParsedDocument {
  const parsed = parseAst(text);
  if (parsed.problems.length > 0 || parsed.value === null) return parsed;
  const offset = whereNotJson(text);
  const before = text.slice(0, offset).split("\n");
  const place = { offset, line: before.length, column: before.at(-1)!.length + 1 };
  const problem = {
    code: "syntax",
    message: "this is not JSON",
    accepted: "JSON; or YAML, in a file that ends in .yaml",
  };
  return { ...parsed, value: undefined, problems: [{ ...problem, ...place }] };
}

/** Undefined: not JSON, or a key is given twice, which JSON.parse does not tell: then there are more colons than keys. */
function readJson(text: string): Json | undefined {
  const parsed = parseJson(text, MAX_DEPTH);
  if (!parsed.ok) return undefined;
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
  return colons === countKeys(parsed.value) ? parsed.value : undefined;
}

function countKeys(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value as Readonly<Record<string, Json>>); // of an array: its elements
  return inner.reduce((sum: number, each) => sum + countKeys(each), Array.isArray(value) ? 0 : inner.length);
}

function parseAst(text: string): ParsedDocument {
  const lines = new LineCounter();
  const document = parseYaml(text, {
    schema: "core",
    version: "1.2",
    intAsBigInt: true,
    stringKeys: true,
    uniqueKeys: false, // checked below, where the position of the first is known
    resolveKnownTags: false,
    merge: false,
    prettyErrors: false,
    logLevel: "error",
    lineCounter: lines,
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { value, problems } = readAst(document, text, (offset) => position(offset).line);
  const targets = aliasTargets(document);
  return {
    value,
    problems: problems.map((problem) => ({ ...problem, ...position(problem.offset) })),
    locate: (path, what) => position(offsetOf(nodeAt(document.contents, path, targets), what)),
  };
}

/** The node that each alias stands for: the last one of that anchor before it. Without recursion, however deep it is. */
function aliasTargets(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const ahead: (Node | null)[] = [document.contents];
  while (ahead.length > 0) {
    const node = ahead.pop() ?? null;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
      continue;
    }
    if (node?.anchor !== undefined) anchors.set(node.anchor, node);
    // In document order: what comes first is taken first, from the end.
    if (isMap(node))
      for (const { key, value } of node.items.toReversed()) ahead.push(value as Node | null, key as Node);
    else if (isSeq(node)) for (const item of node.items.toReversed()) ahead.push(item as Node);
  }
  return targets;
}

interface Read {
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
}

function readAst(document: Document.Parsed, text: string, lineOf: (offset: number) => number): Read {
  // One mistake of syntax makes others out of what follows: only the first is told.
  const [mistake] = document.errors;
  if (mistake) return { value: undefined, problems: [syntaxProblem(mistake, text)] };
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== "1.2")
    return {
      value: undefined,
      problems: [
        { code: "syntax", message: `YAML ${document.directives.yaml.version}`, accepted: "YAML 1.2", offset: 0 },
      ],
    };
  const problems: Problem[] = [];
  const value = document.contents === null ? null : convert(document.contents, reader());
  return problems.length > 0 ? { value: undefined, problems } : { value, problems };

  function reader(): Reader {
    const problem = (code: string, message: string, node: Node, accepted?: string): null => {
      problems.push({ code, message, offset: node.range?.[0] ?? 0, ...(accepted === undefined ? {} : { accepted }) });
      return null;
    };
    return { problem, lineOf, targets: aliasTargets(document), open: new Set(), aliasNodes: 0, insideAlias: false };
  }
}

interface Reader {
  readonly problem: (code: string, message: string, node: Node, accepted?: string) => null;
  readonly lineOf: (offset: number) => number;
  readonly targets: ReadonlyMap<Alias, Node>;
  /** The nodes around the one being read. */
  readonly open: Set<Node>;
  aliasNodes: number;
  insideAlias: boolean;
}

const KNOWN_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

function convert(node: Node, reader: Reader): Json {
  if (reader.insideAlias && ++reader.aliasNodes > MAX_ALIAS_NODES) {
    if (reader.aliasNodes === MAX_ALIAS_NODES + 1)
      reader.problem("alias", `aliases unfold to more than ${MAX_ALIAS_NODES} values`, node);
    return null;
  }
  if (isAlias(node)) return convertAlias(node, reader);
  if (node.tag !== undefined && !KNOWN_TAG.test(node.tag))
    return reader.problem("custom-tag", `the tag ${node.tag}`, node, "values without tags");
  if (isScalar(node)) return convertScalar(node.value, node, reader);
  if (reader.open.size >= MAX_DEPTH) return reader.problem("too-deep", `nested deeper than ${MAX_DEPTH} levels`, node);
  reader.open.add(node);
  const value = isMap(node) ? convertMap(node, reader) : convertSeq(node as YAMLSeq, reader);
  reader.open.delete(node);
  return value;
}

function convertAlias(node: Alias, reader: Reader): Json {
  const target = reader.targets.get(node);
  if (!target) return reader.problem("alias", `there is no anchor &${node.source} before this alias`, node);
  if (reader.open.has(target)) return reader.problem("alias", `the alias *${node.source} stands inside itself`, node);
  const outer = reader.insideAlias;
  reader.insideAlias = true;
  const value = convert(target, reader);
  reader.insideAlias = outer;
  return value;
}

function convertScalar(value: unknown, node: Node, reader: Reader): Json {
  switch (typeof value) {
    case "string":
      return value.toWellFormed();
    case "boolean":
      return value;
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case "number":
      if (Number.isFinite(value)) return value === 0 ? 0 : value;
      return reader.problem("bad-number", "a number that JSON cannot hold", node, "a finite number");
    default:
      return null;
  }
}

function convertMap(map: YAMLMap, reader: Reader): Json {
  const object: MutableJsonObject = {};
  const lines = new Map<string, number>();
  for (const { key, value } of map.items) {
    const keyNode = key as Node; // parsed with stringKeys: a scalar with text
    const name = String((keyNode as { value?: unknown }).value).toWellFormed();
    const offset = keyNode.range?.[0] ?? 0;
    const first = lines.get(name);
    if (first === undefined) lines.set(name, reader.lineOf(offset));
    else
      reader.problem(
        "duplicate-key",
        `the key ${JSON.stringify(name)} is given a second time, first in line ${first}`,
        keyNode,
      );
    setMember(object, name, value === null ? null : convert(value as Node, reader));
  }
  return object;
}

const convertSeq = (seq: YAMLSeq, reader: Reader): Json => seq.items.map((item) => convert(item as Node, reader));
