/** What editors are told of files: the schemas accept every file that is right, and refuse mistakes. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { presets } from "../../executors/presets/list.ts";
import { ruleText } from "../../cli/new/rule-text.ts";
import { collectorTypes } from "../../collectors/all.ts";
import { executorTypes } from "../../executors/all.ts";
import { generateReference } from "./generate-reference.ts";

const reference = generateReference();
const NAMES = ["settings", "collector", "rule", "processing-tree"] as const;
type Name = (typeof NAMES)[number];

const ajv = new Ajv2020({ allErrors: true, strict: false });
const validators = Object.fromEntries(
  NAMES.map((name) => [name, ajv.compile(JSON.parse(reference.get(`docs/schemas/${name}.schema.json`)!) as object)]),
) as Record<Name, ReturnType<typeof ajv.compile>>;

function mistakes(name: Name, value: unknown): readonly string[] {
  const validate = validators[name];
  return validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ""}`);
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(yaml|yml|json)$/.test(entry.name))
    .map((entry) => relative(".", join(entry.parentPath, entry.name)))
    .toSorted();

const read = (file: string): unknown => parse(readFileSync(file, "utf8"));

const samples: readonly (readonly [string, Name])[] = [
  ["config/squall.yaml", "settings"],
  ...filesIn("collectors").map((file) => [file, "collector"] as const),
  ...filesIn("rules").map((file) => [file, "rule"] as const),
];

describe("sample files", () => {
  test.each(samples)("%s is accepted as %s", (file, name) => {
    expect(mistakes(name, read(file))).toEqual([]);
  });

  test.each(samples.filter(([file]) => !file.endsWith(".json")))("%s names its schema, %s", (file, name) => {
    const [, path] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, "utf8")) ?? [];
    expect(resolve(dirname(file), path ?? "")).toBe(resolve(`docs/schemas/${name}.schema.json`));
  });
});

describe("golden cases", () => {
  const files = filesIn("test/cases").filter((file) => !file.includes("config-errors"));
  const rules = files.filter((file) => file.includes("/rules/"));
  const trees = files.filter((file) => file.includes("/processing-trees/") || /\/tree\.[a-z]+$/.test(file));

  test("there are rules and trees", () => {
    expect([rules.length > 5, trees.length > 50]).toEqual([true, true]);
  });
  test.each(rules)("%s is accepted as rule", (file) => {
    expect(mistakes("rule", read(file))).toEqual([]);
  });
  test.each(trees)("%s is accepted as tree", (file) => {
    expect(mistakes("processing-tree", read(file))).toEqual([]);
  });
});

describe("examples of the components", () => {
  test.each(
    collectorTypes.flatMap(({ type, examples }) => examples.map(({ title, file }) => [type, title, file] as const)),
  )("collector %s, %s", (type, _, file) => {
    expect(mistakes("collector", { type, ...file })).toEqual([]);
  });
  test.each(
    executorTypes.flatMap(({ type, examples }) =>
      examples.map(({ title, options }) => [type, title, options] as const),
    ),
  )("executor %s, %s", (type, _, options) => {
    expect(mistakes("settings", { executors: { [type]: { options }, other: { type, options } } })).toEqual([]);
  });
});

describe("what squall new writes", () => {
  test("a rule", () => {
    const matches = [{ path: ["payload", "a b"], value: null }];
    expect(mistakes("rule", parse(ruleText("r", matches)))).toEqual([]);
  });
  test.each(presets.map((preset) => [preset.name, preset] as const))(
    "%s",
    (name, { executor, firing, resolve: end }) => {
      expect(mistakes("settings", { executors: { [name]: { type: "webhook", ...executor } } })).toEqual([]);
      const actions = [firing, ...(end === null ? [] : [end])].map((payload) => ({ id: name, payload }));
      expect(mistakes("rule", { actions })).toEqual([]);
    },
  );
});

describe("mistakes are refused", () => {
  const equals = { type: "equals", first: "${event.type}", second: "a" };
  test.each<[string, Name, unknown]>([
    ["a misspelt setting", "settings", { ingst: {} }],
    ["a port that is none", "settings", { ingest: { port: 70_000 } }],
    ["a misspelt option of an executor", "settings", { executors: { slack: { options: { urll: "https://x" } } } }],
    ["a misspelt key of an executor", "settings", { executors: { logger: { dry_rn: true } } }],
    ["a collector without an id", "collector", { type: "webhook" }],
    ["a misspelt key of a collector", "collector", { id: "a", tokn: "x" }],
    ["an unknown format", "collector", { id: "a", format: "beets" }],
    ["a rule without actions", "rule", { name: "r" }],
    ["a misspelt operator", "rule", { actions: [], constraint: { WHERE: { ...equals, type: "equls" } } }],
    [
      "a misspelt operator inside",
      "rule",
      { actions: [], constraint: { WHERE: { type: "AND", operators: [{ type: "x" }] } } },
    ],
    ["a misspelt key of a rule", "rule", { actions: [], contraint: {} }],
    ["an action without payload", "rule", { actions: [{ id: "a" }] }],
    ["an extractor without a pattern", "rule", { actions: [], constraint: { WITH: { v: { from: "x", regex: {} } } } }],
    [
      "an unknown modifier",
      "rule",
      {
        actions: [],
        constraint: { WITH: { v: { from: "x", regex: { match: "a" }, modifiers_post: [{ type: "Trm" }] } } },
      },
    ],
    [
      "a status that is none",
      "rule",
      { actions: [], tests: [{ event: { type: "t", payload: {} }, expect: { status: "match" } }] },
    ],
    ["a node of no type", "processing-tree", { name: "n", type: "filtr" }],
    ["an iterator without target", "processing-tree", { name: "n", type: "iterator" }],
    ["a child that is none", "processing-tree", { name: "n", type: "filter", nodes: [{ name: "m" }] }],
  ])("%s", (_, name, value) => {
    expect(mistakes(name, value)).not.toEqual([]);
  });
});
