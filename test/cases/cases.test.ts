/**
 * Golden cases: each folder holds a tree with its rules (`tree.*`, or `processing-trees/` and `rules/`), perhaps
 * `executors.yaml` (as under `executors:`; without it every action id will do), `events.ndjson`, and `expected.ndjson`, which is what `squall replay --trace` prints for them. `SQUALL_UPDATE_CASES=1` rewrites the expected
 * files; the difference is to be read.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { replayLines } from "../../src/cli/replay-lines.ts";
import { actionTargets } from "../../src/config/action-targets.ts";
import { listFiles } from "../../src/config/list-files.ts";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import { parseJson, type Json, type JsonObject } from "../../src/core/json.ts";
import { compileMatcher } from "../../src/core/match/compile.ts";
import { evaluator } from "../../src/core/match/evaluate.ts";
import type { Matcher } from "../../src/core/match/matcher.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";
import type { RuleOptions } from "../../src/core/rule/rule.ts";
import { compileSingleTree, compileTree } from "../../src/core/tree/compile-tree.ts";
import type { CompiledTree } from "../../src/core/tree/compiled-tree.ts";
import type { SourceDocument } from "../../src/core/tree/sources.ts";
import { executorTypes } from "../../src/executors/all.ts";

const ROOT = import.meta.dirname;
const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, entry.name, "events.ndjson")))
  .map((entry) => entry.name);

function read(file: string, issues: Issue[]): SourceDocument {
  const text = readFileSync(file, "utf8");
  const json = extname(file) === ".json" ? parseJson(text) : { ok: true as const, value: parse(text) as Json }; // YAML's core types
  if (!json.ok) throw new Error(`${file}: ${json.error.message}`);
  return { file, stem: basename(file, extname(file)), value: json.value, issues: issueSink(issues, [file]) };
}

const filesOf = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).toSorted().map((name) => join(folder, name)) : [];

function optionsOf(folder: string): RuleOptions {
  const file = join(folder, "executors.yaml");
  const entries = existsSync(file) ? (parse(readFileSync(file, "utf8")) as Record<string, JsonObject>) : null; // objects all
  const targets = Object.entries(entries ?? {}).map(([id, entry]) => ({
    id,
    type: executorTypes.find(({ type }) => type === (entry["type"] ?? id)),
    entry,
  }));
  return {
    actions: entries && actionTargets(targets),
    regex: DEFAULT_REGEX_LIMITS,
    readList: listFiles(folder).read,
  };
}

function load(folder: string): CompiledTree {
  const issues: Issue[] = [];
  const options = optionsOf(folder);
  const single = filesOf(folder).find((file) => basename(file).startsWith("tree."));
  const tree = single
    ? compileSingleTree(read(single, issues), options)
    : compileTree(
        {
          trees: filesOf(join(folder, "processing-trees")).map((file) => read(file, issues)),
          rulesets: Object.fromEntries(
            filesOf(join(folder, "rules")).map((rules) => [basename(rules), filesOf(rules).map((file) => read(file, issues))]),
          ),
        },
        options,
      );
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  return tree!;
}

async function replay(matcher: Matcher, eventsFile: string, trace: boolean): Promise<string> {
  async function* lines(): AsyncGenerator<string> {
    yield* readFileSync(eventsFile, "utf8").trimEnd().split("\n");
  }
  let out = "";
  for await (const line of replayLines(lines(), { matcher, trace, collector: null })) out += line;
  return out;
}

describe("golden cases", () => {
  test.each(folders)("%s", async (name) => {
    const folder = join(ROOT, name);
    const expected = join(folder, "expected.ndjson");
    const tree = load(folder);
    const events = join(folder, "events.ndjson");
    const printed = await replay(evaluator(tree), events, true);
    if (process.env["SQUALL_UPDATE_CASES"]) writeFileSync(expected, printed);
    expect(printed.split("\n")).toEqual(readFileSync(expected, "utf8").split("\n"));
    expect(await replay(compileMatcher(tree), events, false)).toBe(await replay(evaluator(tree), events, false));
  });

  test("there are cases", () => {
    expect(folders.length).toBeGreaterThanOrEqual(76);
  });
});
