import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../../src/core/diagnostic.ts";
import type { Event } from "../../src/core/event/event.ts";
import { isArray, isObject, parseJson, type Json, type JsonObject } from "../../src/core/json.ts";
import { compileMatcher } from "../../src/core/match/compile.ts";
import { evaluator } from "../../src/core/match/evaluate.ts";
import type { Matcher } from "../../src/core/match/matcher.ts";
import { DEFAULT_REGEX_LIMITS } from "../../src/core/regex/regex.ts";
import { compileSingleTree } from "../../src/core/tree/compile-tree.ts";
import type { CompiledTree } from "../../src/core/tree/compiled-tree.ts";

/**
 * Thousands of detection rules of SigmaHQ (Detection Rule License 1.1) on recorded Windows events, with the pairs that an
 * evaluator of another make found. Too large to keep here: SQUALL_BENCH names the folder of the rules, SQUALL_DATA the one
 * that holds `windows/`.
 */
const bench = process.env["SQUALL_BENCH"] ?? "../shared/bench";
const data = process.env["SQUALL_DATA"] ?? "../shared/data";
const files = {
  rules: join(bench, "sigma-windows.ndjson"),
  expected: join(bench, "sigma-windows-expected.ndjson"),
  documents: join(data, "windows/security-datasets-flat.ndjson"),
};
const absent = Object.values(files).filter((file) => !existsSync(file));
const title = absent.length === 0 ? "detection rules" : `detection rules (skipped: ${absent.join(", ")} not there)`;

describe.skipIf(absent.length > 0)(title, () => {
  const issues: Issue[] = [];
  let tree: CompiledTree | null;
  let documents: readonly JsonObject[];
  let expected: ReadonlyMap<number, readonly string[]>;

  beforeAll(() => {
    const rules = read(files.rules).map(({ name, WHERE }) => ({
      name: name!,
      constraint: { WHERE: writtenOut(WHERE!) },
      actions: [],
    }));
    const value = { type: "ruleset", name: "sigma", rules };
    const document = { file: "sigma.yaml", stem: "sigma", value, issues: issueSink(issues) };
    tree = compileSingleTree(document, { actions: null, regex: DEFAULT_REGEX_LIMITS });
    documents = read(files.documents);
    expected = new Map(
      read(files.expected).map(({ line, rules: names }) => [line as number, names as readonly string[]]), // its format
    );
  });

  test("all load", () => {
    expect(issues).toEqual([]);
    expect(tree!.rulePaths).toHaveLength(2789);
  });

  const pairs = (matcher: Matcher, lines: readonly number[]): ReadonlyMap<number, readonly string[]> =>
    new Map(
      lines
        .map((line) => [line, namesOf(matcher, documents[line]!)] as const)
        .filter(([, names]) => names.length > 0)
        .map(([line, names]) => [line, [...names].sort()]),
    );
  const sorted = (): ReadonlyMap<number, readonly string[]> =>
    new Map([...expected].map(([line, names]) => [line, [...names].sort()]));

  test("the evaluator finds the pairs in every document that has one, and none in some that have none", () => {
    const others = [...documents.keys()].filter((line) => line % 200 === 0 && !expected.has(line));
    const lines = [...expected.keys(), ...others];
    expect(lines.length).toBeGreaterThan(335);
    expect(pairs(evaluator(tree!), lines)).toEqual(sorted());
  });

  test("the compiled matcher finds the pairs in all documents", () => {
    expect(pairs(compileMatcher(tree!), [...documents.keys()])).toEqual(sorted());
  });
});

const read = (file: string): readonly JsonObject[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const value = parseJson(line);
      if (!value.ok || !isObject(value.value)) throw new Error(`${file} holds a line that is no JSON object`);
      return value.value;
    });

/** Here a `second` is a plain text also where it holds `${`, as in rules about variables of a shell. */
function writtenOut(value: Json, key = ""): Json {
  if (typeof value === "string") return key === "second" ? value.replaceAll("${", "${'${'}") : value;
  if (isArray(value)) return value.map((element) => writtenOut(element));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, writtenOut(inner, name)]));
}

function namesOf(matcher: Matcher, payload: JsonObject): readonly string[] {
  const event: Event = { id: "e", type: "windows", created_ms: 0, payload, metadata: {}, trace_id: null };
  return matcher.match(event).map(({ path }) => path.slice("sigma.".length));
}
