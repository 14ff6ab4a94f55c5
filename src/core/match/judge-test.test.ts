import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import type { Expected } from "../rule/rule-test.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import { differences } from "./compare-outcome.ts";
import { judgeTest } from "./judge-test.ts";

const is = (key: string, value: Json): JsonObject => ({
  type: "equals",
  first: `\${event.payload.${key}}`,
  second: value,
});
const rule = (name: string, more: JsonObject = {}): JsonObject => ({ name, actions: [], ...more });
const ruleset = (...rules: JsonObject[]): JsonObject => ({ type: "ruleset", name: "rs", rules });
const shows = (path: string): readonly JsonObject[] => [{ id: "x", payload: { v: `\${${path}}` } }];
const digits = (path: string): JsonObject => ({ from: `\${${path}}`, regex: { match: "\\d+", group_match_idx: 0 } });

function judge(tree: JsonObject, path: string, payload: JsonObject, expected: Expected) {
  const issues: Issue[] = [];
  const document = { file: "t", stem: "t", value: tree, issues: issueSink(issues) };
  const compiled = compileSingleTree(document, { actions: null, regex: DEFAULT_REGEX_LIMITS });
  const event = { id: "e", type: "t", created_ms: 0, payload, metadata: {}, trace_id: null };
  return judgeTest(compiled ?? expect.fail(JSON.stringify(issues)), path, event, expected);
}

const filtered: JsonObject = {
  type: "filter",
  name: "f",
  filter: { type: "AND", operators: [is("a", 1), is("b", 2)] },
  nodes: [ruleset(rule("r", { constraint: { WHERE: is("c", 3) } }))],
};
const iterated: JsonObject = {
  type: "iterator",
  name: "i",
  target: "${event.payload.list}",
  nodes: [
    ruleset(
      rule("r", {
        constraint: { WITH: { n: digits("event.iterator.item") } },
        actions: shows("_variables.n"),
      }),
    ),
  ],
};
const stopped = ruleset(rule("a", { continue: false }), rule("b"), rule("c", { active: false }));

describe("status and reason", () => {
  test.each<[JsonObject, string, JsonObject, string, string | undefined]>([
    [filtered, "f.rs.r", { a: 1, b: 2, c: 3 }, "matched", undefined],
    [
      filtered,
      "f.rs.r",
      { a: 1, b: "2", c: 3 },
      "not_matched",
      'the filter f does not let the event pass: equals: first ${event.payload.b} = "2", second 2 (a string and a number)',
    ],
    [
      filtered,
      "f.rs.r",
      { a: 1, b: 2 },
      "not_matched",
      "its WHERE is false: equals: first ${event.payload.c} is missing, second 3",
    ],
    [{ ...filtered, active: false }, "f.rs.r", {}, "not_matched", "the filter f is inactive"],
    [iterated, "i.rs.r", { list: ["a1"] }, "matched", undefined],
    [
      iterated,
      "i.rs.r",
      {},
      "not_matched",
      "the iterator i has nothing to go through: ${event.payload.list} is missing",
    ],
    [
      iterated,
      "i.rs.r",
      { list: 5 },
      "not_matched",
      "the iterator i needs an array or an object: ${event.payload.list} = 5",
    ],
    [iterated, "i.rs.r", { list: [] }, "not_matched", "the iterator i has no elements: ${event.payload.list} = []"],
    [
      iterated,
      "i.rs.r",
      { list: ["1", "a"] },
      "partially_matched",
      'element 1: variable n: the pattern \\d+ does not match the string "a"',
    ],
    [stopped, "rs.b", {}, "not_matched", "the rule a before it matched and has continue: false"],
    [stopped, "rs.c", {}, "not_matched", "the rule is inactive"],
  ])("%# %j", (tree, path, payload, status, reason) => {
    const verdict = judge(tree, path, payload, {});
    expect([verdict.status, verdict.reason, verdict.differences]).toEqual([status, reason, []]);
  });
});

test("only this rule is judged, and only what is expected of it", () => {
  const tree = ruleset(
    rule("other", { actions: shows("event.type") }),
    rule("r", { constraint: { WITH: { n: digits("event.payload.n") } }, actions: shows("_variables.n") }),
  );
  const judged = (expected: Expected) => judge(tree, "rs.r", { n: "7" }, expected).differences;
  expect(judged({ status: "matched", extracted: { n: "7" }, actions: [{ id: "x", payload: { v: "7" } }] })).toEqual([]);
  expect(judged({ status: "not_matched", extracted: { n: "8", m: 1 }, actions: [] })).toEqual([
    { path: "status", expected: "not_matched", found: "matched" },
    { path: "extracted.n", expected: "8", found: "7" },
    { path: "extracted.m", expected: 1 },
    { path: "actions", expected: [], found: [{ id: "x", payload: { v: "7" } }] },
  ]);
});

test("the actions of all elements count", () => {
  const actions = [{ payload: { v: "1" } }, { payload: { v: "2" } }];
  expect(judge(iterated, "i.rs.r", { list: ["a1", "b2"] }, { extracted: { n: "1" }, actions }).differences).toEqual([]);
});

test("nothing is extracted where nothing matched", () => {
  expect(judge(filtered, "f.rs.r", {}, { extracted: {}, actions: [] }).differences).toEqual([
    { path: "extracted", expected: {} },
  ]);
});

test.each<[Json, Json | undefined, readonly string[]]>([
  [1, 1.0, []],
  [9007199254740993n, 9007199254740993n, []],
  [1, "1", ["v"]],
  [null, null, []],
  [null, undefined, ["v"]],
  [{ a: 1 }, { a: 1, b: 2 }, []],
  [{ a: 1, "b c": 2 }, { a: 2 }, ["v.a", 'v."b c"']],
  [{}, { a: 1 }, []],
  [{}, [], ["v"]],
  [[], {}, ["v"]],
  [[{ a: 1 }], [{ a: 1, b: 2 }], []],
  [[1, 2], [1, 3], ["v[1]"]],
  [[1], [1, 2], ["v"]],
  [[], [], []],
  [{ a: { b: [1] } }, { a: { b: [null] } }, ["v.a.b[0]"]],
])("compared: row %#", (expected, found, paths) => {
  expect(differences(expected, found, "v").map(({ path }) => path)).toEqual(paths);
});
