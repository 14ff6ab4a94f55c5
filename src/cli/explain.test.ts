import { afterEach, describe, expect, test } from "vitest";
import { configFolder } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import { runCli } from "./run-cli.ts";

let folder: ReturnType<typeof configFolder> | null = null;
afterEach(() => folder?.remove());

const equals = (path: string, second: unknown) => ({ type: "equals", first: `\${event.${path}}`, second });
const taken = { from: "${event.payload.n}", regex: { match: "\\d+", group_match_idx: 0 } };
const FILES = {
  "processing-trees/main.yaml": {
    name: "main",
    type: "filter",
    filter: equals("type", "t"),
    nodes: [
      { name: "rules", type: "ruleset", ruleset: "a" },
      { name: "off", type: "filter", active: false },
      {
        name: "each",
        type: "iterator",
        target: "${event.payload.list}",
        nodes: [
          {
            name: "inner",
            type: "ruleset",
            rules: [{ name: "e", constraint: { WHERE: equals("iterator.item", 1) }, actions: [] }],
          },
        ],
      },
    ],
  },
  "rules/a/010_where.yaml": {
    constraint: {
      WHERE: {
        type: "OR",
        operators: [
          { type: "regex", regex: "^b", target: "${event.payload.n}" },
          { type: "NOT", operator: equals("payload.gone", 1) },
        ],
      },
      WITH: { n: taken },
    },
    actions: [
      { id: "logger", payload: { text: "n is ${_variables.n}" } },
      { id: "logger", when: equals("payload.n", "b"), payload: {} },
    ],
  },
  "rules/a/020_partly.yaml": { actions: [{ id: "logger", payload: { text: "${event.payload.gone}" } }] },
  "rules/a/030_variable.yaml": {
    constraint: { WITH: { v: taken, w: { ...taken, from: "${event.type}" }, x: taken } },
    actions: [],
  },
  "rules/a/040_stop.yaml": { continue: false, constraint: { WHERE: equals("payload.list", [1, 2]) }, actions: [] },
  "rules/a/050_behind.yaml": { actions: [] },
  "rules/a/060_off.yaml": { active: false, actions: [] },
};
const EVENT = JSON.stringify({ type: "t", payload: { n: "a7", list: [1, 2] } });

async function run(args: readonly string[], options: { stdin?: string; terminal?: boolean } = {}) {
  folder = configFolder({ ...FILES, "event.json": EVENT, "bad.json": "{", "list.json": "[]" });
  const host = testHost({ cwd: folder.dir, ...options });
  const code = await runCli(["explain", ...args], host);
  return { code, ...host.written };
}

describe("explain", () => {
  test("draws the tree with the values compared", async () => {
    const { code, out, err } = await run(["event.json"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "✓ filter root",
      "└─ ✓ filter main",
      '   ├─ ✓ equals: first ${event.type} = "t", second "t"',
      "   ├─ ruleset rules",
      "   │  ├─ ✓ rule where: matched",
      "   │  │  ├─ ✓ OR (1 of 2 is true)",
      '   │  │  │  ├─ ✗ regex: pattern "^b", target ${event.payload.n} = "a7"',
      "   │  │  │  └─ ✓ NOT",
      "   │  │  │     └─ ✗ equals: first ${event.payload.gone} is missing, second 1",
      '   │  │  ├─ ✓ variable n from ${event.payload.n} = "a7" → "7"',
      '   │  │  ├─ ✓ action logger: {"text":"n is 7"}',
      "   │  │  └─ · action logger: left out by its when",
      '   │  │     └─ ✗ equals: first ${event.payload.n} = "a7", second "b"',
      "   │  ├─ ! rule partly: partially matched: action logger: ${event.payload.gone} is missing at payload.text",
      "   │  │  └─ ✗ action logger: ${event.payload.gone} is missing at payload.text",
      '   │  ├─ ! rule variable: partially matched: variable w: the pattern \\d+ does not match the string "t"',
      '   │  │  ├─ ✓ variable v from ${event.payload.n} = "a7" → "7"',
      '   │  │  └─ ✗ variable w from ${event.type} = "t": the pattern \\d+ does not match the string "t"',
      "   │  ├─ ✓ rule stop: matched",
      "   │  │  └─ ✓ equals: first ${event.payload.list} = [1,2], second [1,2]",
      "   │  ├─ · rule behind: not processed: stop matched and has continue: false",
      "   │  └─ · rule off: inactive",
      "   ├─ · filter off: inactive",
      "   └─ ✓ iterator each: ${event.payload.list} = [1,2]",
      "      ├─ element 0",
      "      │  └─ ruleset inner",
      "      │     └─ ✓ rule e: matched",
      "      │        └─ ✓ equals: first ${event.iterator.item} = 1, second 1",
      "      └─ element 1",
      "         └─ ruleset inner",
      "            └─ ✗ rule e: not matched",
      "               └─ ✗ equals: first ${event.iterator.item} = 2, second 1",
      "",
    ]);
  });

  test.each([
    ["nothing to go through", {}, "✗ iterator each: ${event.payload.list} is missing\n"],
    ["no collection", { list: 5 }, "✗ iterator each: ${event.payload.list} = 5, which is no array or object\n"],
    ["more elements than are drawn", { list: [...Array(60).keys()] }, "\n      └─ … and 10 more\n"],
    ["keys of an object", { list: { 'a"b': 1 } }, 'element "a\\"b"'],
    ["a long value", { n: "x".repeat(1000) }, `target \${event.payload.n} = "${"x".repeat(119)}…`],
    ["what a terminal acts upon", { n: "\u009b2J" }, 'target ${event.payload.n} = "�2J"'],
  ])("%s", async (_name, payload, line) => {
    expect((await run(["-"], { stdin: JSON.stringify({ type: "t", payload }) })).out).toContain(line);
  });

  test("what a filter does not let pass", async () => {
    const { out } = await run(["-"], { stdin: '\uFEFF{"type": "u",\n "payload": {}}\n' });
    expect(out).toBe('✓ filter root\n└─ ✗ filter main\n   └─ ✗ equals: first ${event.type} = "u", second "t"\n');
  });

  test("--json for programs", async () => {
    const { code, out } = await run(["--json", "-"], {
      stdin: '{"type":"u","payload":{},"id":"given","created_ms":5}',
    });
    const operands = [
      { key: "first", source: "${event.type}", value: "u", missing: false },
      { key: "second", source: null, value: "t", missing: false },
    ];
    const filter = { type: "equals", result: false, operands, operators: [] };
    const main = { type: "filter", name: "main", path: "root.main", status: "not_matched", filter, nodes: [] };
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        event: { id: "given", type: "u", created_ms: 5 },
        tree: { type: "filter", name: "root", path: "root", status: "matched", filter: null, nodes: [main] },
      },
    ]);
  });

  test("colour on a terminal only", async () => {
    expect((await run(["event.json"], { terminal: true })).out).toContain("\u001b[31;1m✗\u001b[0m");
    expect((await run(["event.json"])).out).not.toContain("\u001b");
  });

  test.each([
    ["none.json", "none.json: ENOENT"],
    [".", ": EISDIR"],
    ["bad.json", "bad.json: not valid JSON"],
    ["list.json", "list.json: an event is an object, found an array"],
  ])("%s: 3, and the reason on standard error", async (file, reason) => {
    const { code, out, err } = await run([file]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain(reason);
  });

  test("a configuration with errors: 3", async () => {
    const { code, out, err } = await run(["event.json", "--config-dir", "nowhere"]);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("the configuration folder cannot be read");
  });
});
