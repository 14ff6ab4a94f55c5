import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../core/json.ts";
import { inspectRules } from "./inspect-rules.ts";
import { createReport } from "./report.ts";

function inspect(rule: JsonObject) {
  const report = createReport();
  const rules = [{ source: "rule.json", name: "r", document: rule, text: null }];
  const needs = inspectRules([{ type: "ruleset", source: "ruleset.json", name: "rs", rules }], report);
  const { changed, refused, notes } = report.done([]);
  return { directories: [...needs.scriptDirectories.keys()], changed, refused, notes };
}

const ruleOf = (where: Json, actions: Json = []): JsonObject => ({ constraint: { WHERE: where, WITH: {} }, actions });
const scriptOf = (script: string): JsonObject => ruleOf(null, [{ id: "script", payload: { script } }]);

test.each<[string, JsonObject, readonly number[], readonly number[]]>([
  ["equal texts", ruleOf({ type: "equals", first: "${event.type}", second: "1" }), [], []],
  ["equal numbers", ruleOf({ type: "equal", first: "${event.payload.n}", second: 1 }), [1], []],
  [
    "a number deep inside",
    ruleOf({ type: "AND", operators: [{ type: "NOT", operator: { type: "contains", first: [{ a: 1 }], second: 1 } }] }),
    [1],
    [],
  ],
  ["order compares by value there too", ruleOf({ type: "ge", first: "${event.payload.n}", second: 1 }), [], []],
  ["a quoted key", ruleOf({ type: "equals", first: '${event.payload."a b|c"}', second: "" }), [], []],
  ["a key with a blank", ruleOf({ type: "equals", first: "${event.payload.a b}", second: "" }), [], [6]],
  ["in longer text", ruleOf(null, [{ id: "logger", payload: { a: ["x ${event.payload.a?b}"] } }]), [], [6]],
  ["a pattern is no template", ruleOf({ type: "regex", regex: "a|(b)${c|d}", target: "${event.type}" }), [], []],
  ["a constraint that is an array", { constraint: [null, {}], actions: [] }, [], [11]],
  ["an action that is an array", ruleOf(null, [["logger", {}]]), [], [11]],
  ["mustache beside another key", ruleOf(null, [{ id: "logger", payload: { mustache: "a", b: 1 } }]), [], []],
  ["mustache alone", ruleOf(null, [{ id: "logger", payload: { a: [{ mustache: "a" }] } }]), [], [10]],
])("%s", (_, rule, changes, refusals) => {
  const { changed, refused } = inspect(rule);
  expect(changed.map(({ deviation }) => deviation)).toEqual(changes);
  expect(refused.map(({ deviation }) => deviation)).toEqual(refusals);
  // Without effect, it is only noted.
  const inactive = inspect({ ...rule, active: false });
  expect([inactive.changed, inactive.refused]).toEqual([[], []]);
  expect(inactive.notes).toHaveLength(changes.length + refusals.length);
});

test("tornado.md 6.9: a foreach is taken over; one in another is told, since it was broken there", () => {
  const log = { id: "logger", payload: { a: "${item}" } };
  const each = (action: JsonObject) => ({
    id: "foreach",
    payload: { target: "${event.payload.list}", actions: [action] },
  });
  expect(inspect(ruleOf(null, [each(log)]))).toMatchObject({ changed: [], refused: [], notes: [] });
  const nested = inspect(ruleOf(null, [each(each(log))]));
  expect(nested).toMatchObject({
    changed: [{ source: "rule.json", message: expect.stringContaining("read their own element") }],
    refused: [],
  });
});

test.each<[string, readonly string[], number, number]>([
  ["/opt/scripts/a.sh --b /c/d", ["/opt/scripts"], 0, 0],
  ["/opt/${event.payload.name}/run.sh", ["/opt"], 0, 0],
  ["./scripts/a.sh", ["./scripts"], 1, 0],
  ["a.sh", [], 0, 1],
  ["${event.payload.program}", [], 0, 1],
  ["/a.sh", [], 0, 1],
])("the folder of %s", (script, directories, changes, refusals) => {
  const found = inspect(scriptOf(script));
  expect(found.directories).toEqual(directories);
  expect([found.changed.length, found.refused.length]).toEqual([changes, refusals]);
  const inner = { target: "${event.payload.list}", actions: [{ id: "script", payload: { script } }] };
  expect(inspect(ruleOf(null, [{ id: "foreach", payload: inner }])).directories).toEqual(directories);
});
