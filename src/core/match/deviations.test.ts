import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import { printJson, type Json, type JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import type { CompiledTree } from "../tree/compiled-tree.ts";
import { evaluator } from "./evaluate.ts";
import type { TraceNode } from "./matcher.ts";

/** Where the language is not Tornado's on purpose; the numbers are those of its list of deviations. */
function load(value: Json): CompiledTree | null {
  const issues: Issue[] = [];
  const document = { file: "t", stem: "t", value, issues: issueSink(issues) };
  return compileSingleTree(document, { actions: { logger: LOGGER }, regex: DEFAULT_REGEX_LIMITS });
}

const LOGGER = {
  type: "logger",
  payload: { safeParse: () => ({ success: true }) } as never, // a schema that takes everything
  code: {},
  allowDynamicCode: false,
  secrets: [],
};
const rules = (...documents: Json[]): JsonObject => ({ type: "ruleset", name: "rs", rules: documents });
const rule = (more: JsonObject): JsonObject => ({ name: "r", actions: [], ...more });
const shows = (value: Json): JsonObject => rule({ actions: [{ id: "logger", payload: { v: value } }] });

function trace(tree: Json, payload: JsonObject): TraceNode {
  const event: Event = { id: "e", type: "t", created_ms: 0, payload, metadata: {}, trace_id: null };
  return evaluator(load(tree)!).trace(event).trace;
}
const statuses = (node: TraceNode): string[] =>
  node.type === "ruleset" ? node.rules.map(({ status }) => status) : expect.fail("no ruleset");

describe("rule-language.md, Deviations", () => {
  test("deviation 1: a number equals the same number written in another way", () => {
    const equals = rule({ constraint: { WHERE: { type: "equals", first: "${event.payload.n}", second: 1 } } });
    expect(statuses(trace(rules(equals), { n: 1.0 }))).toEqual(["matched"]);
  });

  test("deviation 2: emitted objects keep the order of the sender's keys", () => {
    const node = trace(rules(shows("${event.payload}")), { z: 1, a: { y: 1, b: 2 } });
    expect(printJson(node.type === "ruleset" ? node.rules[0]!.actions![0]!.payload : null)).toBe(
      '{"v":{"z":1,"a":{"y":1,"b":2}}}',
    );
  });

  test.each<JsonObject>([{}, { constraint: {} }, { constraint: { WHERE: {} } }])(
    "deviation 3: defaults of a rule with %j",
    (more) => {
      expect(load(rules(rule(more)))!.root).toMatchObject({
        rules: [{ active: true, continue: true, where: null, extractors: [] }],
      });
    },
  );

  test("deviation 4: an inactive iterator reports that it is", () => {
    const node = { type: "iterator", name: "i", active: false, target: "${event.payload.none}" };
    expect(trace(node, {})).toMatchObject({ status: "inactive" });
  });

  test("deviation 5: an unknown action id stops the load", () => {
    expect(load(rules(rule({ actions: [{ id: "nowhere", payload: {} }] })))).toBeNull();
  });

  test.each(["a b", "a|b", "a?b", "a(b", "a)b"])("deviation 6: the key %s needs quotes", (key) => {
    expect(load(rules(shows(`\${event.payload.${key}}`)))).toBeNull();
    expect(load(rules(shows(`<\${event.payload.${key}}>`)))).toBeNull();
    expect(statuses(trace(rules(shows(`<\${event.payload."${key}"}>`)), { [key]: 1 }))).toEqual(["matched"]);
  });

  test("deviation 7: rules behind a stop are listed", () => {
    const tree = rules(rule({ continue: false, constraint: { WITH: {} } }), { name: "next", actions: [] });
    expect(statuses(trace(tree, {}))).toEqual(["matched", "not_processed"]);
  });

  test.each<Json>([
    ["r", "", true, true, {}, []],
    rule({ constraint: { WHERE: ["equals", 1, 1] } }),
    rule({ actions: [["logger", {}]] }),
    rule({ constraint: { WITH: { v: ["x", { match: "x" }] } } }),
    rule({ constraint: { WITH: { v: { from: "x", regex: { match: "x" }, modifiers_post: [["Trim"]] } } } }),
  ])("deviation 11: an array in place of an object is refused: %j", (document) => {
    expect(load(rules(document))).toBeNull();
  });

  test("deviation 13: a partial match lists no actions, not even those rendered before the one that failed", () => {
    const actions = ["${event.type}", "${event.payload.none}"].map((v) => ({ id: "logger", payload: { v } }));
    expect(trace(rules(rule({ actions })), {})).toMatchObject({
      rules: [{ status: "partially_matched", actions: [] }],
    });
  });
});
