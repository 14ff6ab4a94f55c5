/**
 * What the matching gates run on: sparse and dense rules with the hits that they must give, made from the events of the data
 * folder by the workload's own generator (seeded, brute force; `bench/generate.mjs` beside the data), and Sigma's rules.
 * Where those files are absent, rules of the same kinds are made here over the generated events.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileSingleTree } from "../../src/core/tree/compile-tree.ts";
import type { CompiledTree } from "../../src/core/tree/compiled-tree.ts";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import type { Json, JsonObject } from "../../src/core/json.ts";
import { parseJson } from "../../src/core/json.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";
import type { BenchData } from "./gate.ts";

export interface Workload {
  readonly docs: readonly string[];
  readonly rules: readonly BenchRule[];
  /** Pairs of document and rule that match. */
  readonly hits: number;
}

export interface BenchRule {
  readonly name: string;
  readonly WHERE: Json;
}

export interface Workloads {
  /** Where documents and rules come from. */
  readonly origin: string;
  readonly sparse: Readonly<Record<100 | 1000 | 10_000, Workload>>;
  readonly dense: Workload;
  /** Null where Sigma's rules are not there. */
  readonly sigma: { readonly all: SigmaWorkload; readonly processCreation: SigmaWorkload } | null;
}

export interface SigmaWorkload extends Workload {
  /** Of each document the names of the rules that match. */
  readonly expected: readonly (readonly string[])[];
}

/** The workload's files are in `bench` beside the folder of the data. */
export function matchWorkloads(data: BenchData): Workloads {
  const { folder } = data;
  const bench = join(folder, "..", "bench");
  const windows = join(folder, "windows");
  if (!existsSync(join(bench, "generate.mjs")) || !existsSync(join(windows, "security-datasets-flat.ndjson")))
    return generatedWorkloads(data);
  const out = mkdtempSync(join(tmpdir(), "squall-bench-"));
  try {
    const made = spawnSync(process.execPath, [join(bench, "generate.mjs"), "--data", windows, "--out", out]);
    if (made.status !== 0) throw new Error(`the workload could not be made: ${made.stderr.toString()}`);
    const counts = JSON.parse(readFileSync(join(out, "counts.json"), "utf8")) as Record<string, number>;
    const flat = linesOf(join(out, "docs-flat.ndjson"));
    const read = (name: string, docs: readonly string[]): Workload => ({
      docs,
      rules: linesOf(join(out, `${name}.ndjson`)).map(ruleOf),
      hits: counts[name]!,
    });
    return {
      origin: "security-datasets-flat.ndjson, bench/generate.mjs",
      sparse: { 100: read("sparse-100", flat), 1000: read("sparse-1000", flat), 10_000: read("sparse-10000", flat) },
      dense: read("dense-1000", linesOf(join(out, "docs-hit.ndjson"))),
      sigma: sigmaWorkloads(bench, linesOf(join(windows, "security-datasets-flat.ndjson"))),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const linesOf = (file: string): readonly string[] => readFileSync(file, "utf8").trimEnd().split("\n");

function ruleOf(line: string): BenchRule {
  const parsed = parseJson(line);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value as unknown as BenchRule; // a rule a line, as the README of the workload says
}

function sigmaWorkloads(bench: string, docs: readonly string[]): Workloads["sigma"] {
  const file = join(bench, "sigma-windows.ndjson");
  if (!existsSync(file)) return null;
  const rules = linesOf(file).map((line) => {
    const { name, WHERE } = ruleOf(line);
    return { name, WHERE: withLiteralSeconds(WHERE) };
  });
  const byLine = new Map(
    linesOf(join(bench, "sigma-windows-expected.ndjson")).map((line) => {
      const { line: at, rules: names } = JSON.parse(line) as { line: number; rules: readonly string[] };
      return [at, names];
    }),
  );
  const workload = (lines: readonly number[]): SigmaWorkload => {
    const expected = lines.map((line) => byLine.get(line) ?? []);
    return { docs: lines.map((line) => docs[line]!), rules, expected, hits: expected.flat().length };
  };
  return {
    all: workload(docs.map((_, at) => at)),
    processCreation: workload(docs.flatMap((doc, at) => (isProcessCreation(doc) ? [at] : []))),
  };
}

/** Three rules look for the text `${`, which in ours must be written as a literal. */
function withLiteralSeconds(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withLiteralSeconds(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, inner]) => [
      key,
      key === "second" && typeof inner === "string" ? inner.replaceAll("${", "${'${'}") : withLiteralSeconds(inner),
    ]),
  );
}

function isProcessCreation(doc: string): boolean {
  const { EventID, Channel } = JSON.parse(doc) as { EventID?: unknown; Channel?: unknown };
  return EventID === 1 && Channel === "Microsoft-Windows-Sysmon/Operational";
}

export function treeOf(rules: readonly BenchRule[]): CompiledTree {
  const issues: Issue[] = [];
  const value = {
    type: "ruleset",
    name: "rs",
    rules: rules.map(({ name, WHERE }) => ({ name, constraint: { WHERE }, actions: [] })),
  };
  const tree = compileSingleTree(
    { file: "bench.json", stem: "bench", value, issues: issueSink(issues) },
    { actions: null, regex: DEFAULT_REGEX_LIMITS },
  );
  if (tree === null) throw new Error(`the rules do not load: ${JSON.stringify(issues.slice(0, 3))}`);
  return tree;
}

/** The same kinds of rules over generated events: selective keys, and needles of which one in ten is there. */
function generatedWorkloads({ lines }: BenchData): Workloads {
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const field = (name: string): string => `\${event.payload.${name}}`;
  const needleOf = (at: number): readonly [JsonObject, (value: string) => boolean] => {
    const text = at % 10 === 0 ? `tool${at % 50}.exe` : `tool${at}.dll`;
    const first = field("Image");
    return [
      [{ type: "endsWith", first, second: text }, (value: string) => value.endsWith(text)] as const,
      [{ type: "contains", first, second: text }, (value: string) => value.includes(text)] as const,
      [{ type: "wildcard", first, second: `*system32*${text}` }, (value: string) => value.endsWith(text)] as const,
    ][at % 3]!;
  };
  const make = (count: number, live: number, keys: boolean): Workload => {
    let hits = 0;
    const rules = Array.from({ length: count }, (_, at): BenchRule => {
      const like = events[at % events.length]!;
      const id = at < live ? (like["EventID"] as number) : 10_000 + at; // generated as a number
      const [needle, holds] = needleOf(at);
      const wanted = events.filter((event) => (!keys || event["EventID"] === id) && event["Channel"] === like["Channel"]);
      hits += wanted.filter((event) => holds(String(event["Image"]))).length;
      const selective = keys ? [{ type: "equals", first: field("EventID"), second: id }] : [];
      const channel = { type: "equals", first: field("Channel"), second: like["Channel"] as string };
      return { name: `r${at}`, WHERE: { type: "AND", operators: [...selective, channel, needle] } };
    });
    return { docs: lines, rules, hits };
  };
  return {
    origin: "generated",
    sparse: { 100: make(100, 20, true), 1000: make(1000, 100, true), 10_000: make(10_000, 100, true) },
    dense: make(1000, 1000, false),
    sigma: null,
  };
}
