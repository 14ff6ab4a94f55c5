import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventOf, treeOf } from "../../../test/models/arbitrary-rules.ts";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import { setMember, type Json, type JsonObject, type MutableJsonObject } from "../json.ts";
import { operatorTypes } from "../operator/list.ts";
import { compileOperator } from "../operator/compile-operator.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import type { CompiledTree } from "../tree/compiled-tree.ts";
import { evaluator } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { explainOperator } from "./explain-operator.ts";
import type { ExplainedNode, ExplainedRule } from "./explanation.ts";
import type { TraceNode, TraceRule } from "./matcher.ts";

function load(value: Json): CompiledTree {
  const issues: Issue[] = [];
  const document = { file: "t", stem: "t", value, issues: issueSink(issues) };
  const tree = compileSingleTree(document, { actions: null, regex: DEFAULT_REGEX_LIMITS });
  return tree ?? expect.fail(JSON.stringify(issues));
}

const eventWith = (payload: JsonObject): Event => ({
  id: "e",
  type: "t",
  created_ms: 0,
  payload,
  metadata: {},
  trace_id: null,
});

/** What the evaluator's trace would say. */
function traceOf(node: ExplainedNode): TraceNode {
  const { type, name } = node;
  if (type === "filter") return { type, name, status: node.status, nodes: node.nodes.map(traceOf) };
  if (type === "ruleset") return { type, name, rules: node.rules.map(traceOfRule) };
  const iterations = node.iterations.map(({ iteration, nodes }) => ({ iteration, nodes: nodes.map(traceOf) }));
  return { type, name, status: node.status, iterations };
}

function traceOfRule({ name, status, message, variables, actions }: ExplainedRule): TraceRule {
  if (status !== "matched" && status !== "partially_matched") return { name, status };
  const extracted: MutableJsonObject = {};
  const whole = variables.every(({ error }) => error === undefined);
  for (const variable of whole ? variables : []) setMember(extracted, variable.name, variable.value!);
  const asked = status === "matched" ? actions : [];
  return {
    name,
    status,
    ...(message !== undefined && { message }),
    extracted,
    actions: asked.flatMap(({ id, payload }) => (payload === undefined ? [] : [{ id, payload }])),
  };
}

test("an explanation says what the evaluator says", () => {
  const statuses = new Map<string, number>();
  const count = (node: TraceNode): void => {
    if (node.type === "ruleset")
      for (const { status } of node.rules) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    else
      for (const inner of node.type === "filter" ? node.nodes : node.iterations.flatMap(({ nodes }) => nodes))
        count(inner);
  };
  fc.assert(
    fc.property(treeOf("small"), fc.array(eventOf("small"), { minLength: 1, maxLength: 3 }), (document, payloads) => {
      const tree = load(document);
      const matcher = evaluator(tree);
      for (const event of payloads.map(eventWith)) {
        const { trace } = matcher.trace(event);
        expect(traceOf(explain(tree, event))).toEqual(trace);
        count(trace);
      }
    }),
    { numRuns: 300 },
  );
  // Trees of which nothing matches would show nothing.
  for (const status of ["matched", "partially_matched", "not_matched", "not_processed", "inactive"])
    expect(statuses.get(status) ?? 0, status).toBeGreaterThan(10);
});

describe("variables as the evaluator has them", () => {
  const n = { from: "${event.payload.n}", regex: { match: "\\d+", group_match_idx: 0 } };
  const missing = { id: "x", payload: { v: "${event.payload.gone}" } };
  const seen = { type: "equals", first: "${_variables.a.n}", second: "7" };
  const shows = (path: string) => ({ id: "x", payload: { v: `\${_variables.${path}}` } });
  test.each<[string, JsonObject[], readonly string[]]>([
    ["its own", [{ name: "a", constraint: { WITH: { n } }, actions: [shows("n")] }], ["matched"]],
    [
      "those of an earlier rule, in its WHERE",
      [before([]), { name: "b", constraint: { WHERE: seen }, actions: [] }],
      ["matched", "matched"],
    ],
    [
      "those of an earlier rule, in actions",
      [before([]), { name: "b", actions: [shows("a.n")] }],
      ["matched", "matched"],
    ],
    [
      "also when an action of that rule failed",
      [before([missing]), { name: "b", constraint: { WHERE: seen }, actions: [] }],
      ["partially_matched", "matched"],
    ],
    [
      "not those of a later rule",
      [{ name: "b", actions: [shows("a.n")] }, before([])],
      ["partially_matched", "matched"],
    ],
    [
      "its own before those of a rule of that name",
      [
        { ...before([]), name: "n" },
        { name: "b", constraint: { WITH: { n } }, actions: [shows("n")] },
      ],
      ["matched", "matched"],
    ],
  ])("%s", (_case, rules, statuses) => {
    const tree = load({ type: "ruleset", name: "rs", rules });
    const event = eventWith({ n: "a7" });
    const { trace } = evaluator(tree).trace(event);
    expect(traceOf(explain(tree, event))).toEqual(trace);
    expect(trace.type === "ruleset" && trace.rules.map(({ status }) => status)).toEqual(statuses);
  });

  function before(actions: JsonObject[]): JsonObject {
    return { name: "a", constraint: { WITH: { n } }, actions };
  }
});

describe("operators", () => {
  const scope = {
    event: { type: "t", created_ms: 5, payload: { n: 7, s: "abc", o: {}, list: [1, 5], z: null } },
    element: undefined,
  };
  const explained = (document: Json) => {
    const issues: Issue[] = [];
    const options = { roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS };
    const operator = compileOperator(document, options, issueSink(issues));
    return explainOperator(operator ?? expect.fail(JSON.stringify(issues)), scope);
  };

  test.each(operatorTypes.map(({ name, example }) => [name, example] as const))(
    "%s has a description with its values",
    (name, example) => {
      const { type, result, operands, operators } = explained(example);
      expect([type, typeof result]).toEqual([name, "boolean"]);
      expect(operands.length + operators.length).toBeGreaterThan(0);
    },
  );

  test.each<[Json, boolean, string | undefined]>([
    [{ type: "equals", first: "${event.payload.n}", second: 7 }, true, undefined],
    [{ type: "equals", first: "${event.payload.n}", second: 8 }, false, undefined],
    [{ type: "equals", first: "${event.payload.n}", second: "7" }, false, "a number and a string"],
    [{ type: "equals", first: "${event.payload.z}", second: "7" }, false, "null and a string"],
    [{ type: "equals", first: "${event.payload.x}", second: "7" }, false, "${event.payload.x} is missing"],
    [{ type: "ne", first: "${event.payload.x}", second: "7" }, true, "${event.payload.x} is missing"],
    [
      { type: "equals", first: "a ${event.payload.o}", second: "7" },
      false,
      "${event.payload.o} is an object, which cannot be put into text",
    ],
    [{ type: "regex", regex: "b", target: "${event.payload.n}" }, false, "a number is no string"],
    [{ type: "regex", regex: "x", target: "${event.payload.s}" }, false, undefined],
    [{ type: "AND", operators: [] }, true, "there is no operator"],
    [{ type: "OR", operators: [{ type: "equals", first: 1, second: 2 }] }, false, "0 of 1 are true"],
  ])("%j", (document, result, note) => {
    const one = explained(document);
    expect([one.result, one.note]).toEqual([result, note]);
  });

  test("anyOf and allOf show their operator once for each element; time shows the time of the event", () => {
    const operator = { type: "gt", first: "${element}", second: 2 };
    expect(explained({ type: "anyOf", target: "${event.payload.list}", operator })).toMatchObject({
      result: true,
      note: "1 of 2 is true",
      operators: [
        { result: false, operands: [{ source: "${element}", value: 1 }, { value: 2 }] },
        { result: true, operands: [{ source: "${element}", value: 5 }, { value: 2 }] },
      ],
    });
    const none = explained({ type: "allOf", target: "${event.payload.s}", operator });
    expect(none).toMatchObject({ result: false, note: "a string is no array", operators: [] });
    expect(explained({ type: "time", days: ["thu"] })).toMatchObject({
      result: true,
      operands: [{ key: "created_ms", source: "${event.created_ms}", value: 5 }],
    });
  });

  test("a type that names nothing it reads shows the event", () => {
    const custom = { type: "custom", operands: {}, operators: [], evaluate: () => true };
    expect(explainOperator(custom, scope)).toMatchObject({
      result: true,
      operands: [{ key: "event", source: "${event}", value: { type: "t" } }],
    });
  });

  test("JsonLogic shows every value of the event and the variables that it reads", () => {
    const logic: JsonObject = {
      and: [
        { ">": [{ var: "event.payload.list.1" }, 2] },
        { "==": [{ var: ["variables.a", 5] }, { var: "event.payload.gone" }] },
        { some: [{ var: "event.payload.list" }, { "<": [{ var: "" }, { var: "event.payload.list.1" }] }] },
      ],
    };
    const custom = { type: "jsonLogic", operands: {}, operators: [], logic, evaluate: () => false };
    const own = { ...scope, _variables: { a: { n: 1 } } };
    expect(explainOperator(custom, own).operands).toEqual([
      { key: "logic", source: null, value: logic, missing: false },
      { key: "var", source: "event.payload.list.1", value: 5, missing: false },
      { key: "var", source: "variables.a", value: { n: 1 }, missing: false },
      { key: "var", source: "event.payload.gone", missing: true },
      { key: "var", source: "event.payload.list", value: [1, 5], missing: false },
    ]);
  });

  test("operands keep what was written beside the value; all operators inside are shown", () => {
    const inner = { type: "regex", regex: "^a", target: "${event.payload.s}" };
    const shown = explained({
      type: "OR",
      operators: [inner, { type: "NOT", operator: { ...inner, target: "${event.payload.x}" } }],
    });
    expect(shown).toEqual({
      type: "OR",
      result: true,
      operands: [],
      note: "2 of 2 are true",
      operators: [
        {
          type: "regex",
          result: true,
          pattern: "^a",
          operands: [{ key: "target", source: "${event.payload.s}", value: "abc", missing: false }],
          operators: [],
        },
        {
          type: "NOT",
          result: true,
          operands: [],
          operators: [
            {
              type: "regex",
              result: false,
              pattern: "^a",
              note: "${event.payload.x} is missing",
              operands: [{ key: "target", source: "${event.payload.x}", missing: true }],
              operators: [],
            },
          ],
        },
      ],
    });
  });
});

describe("rules", () => {
  const rule = (name: string, more: JsonObject): JsonObject => ({ name, actions: [], ...more });
  const rulesOf = (payload: JsonObject, ...documents: JsonObject[]): readonly ExplainedRule[] => {
    const node = explain(load({ type: "ruleset", name: "rs", rules: documents }), eventWith(payload));
    return node.type === "ruleset" ? node.rules : expect.fail("no ruleset");
  };

  test("a variable that fails ends what is extracted", () => {
    const taken = (path: string) => ({
      from: `\${event.payload.${path}}`,
      regex: { match: "\\d+", group_match_idx: 0 },
    });
    const WITH = { a: taken("a"), b: taken("b"), c: taken("c") };
    expect(rulesOf({ a: "1" }, rule("r", { constraint: { WITH } }))).toMatchObject([
      {
        status: "partially_matched",
        message: "variable b: ${event.payload.b} is missing",
        variables: [
          { name: "a", from: { source: "${event.payload.a}", value: "1" }, value: "1" },
          { name: "b", from: { missing: true }, error: "${event.payload.b} is missing" },
        ],
        actions: [],
      },
    ]);
  });

  test("actions: left out, rendered, failed", () => {
    const when = { type: "equals", first: "${event.payload.a}", second: 2 };
    const actions = [
      { id: "x", when, payload: {} },
      { id: "y", payload: { a: "${event.payload.a}" } },
      { id: "z", payload: { b: ["${event.payload.b}"] } },
      { id: "y", payload: {} },
    ];
    expect(rulesOf({ a: 1 }, rule("r", { actions }))).toMatchObject([
      {
        status: "partially_matched",
        message: "action z: ${event.payload.b} is missing at payload.b[0]",
        actions: [
          { id: "x", status: "left_out", when: { result: false } },
          { id: "y", status: "rendered", when: null, payload: { a: 1 } },
          { id: "z", status: "failed", error: "${event.payload.b} is missing at payload.b[0]" },
        ],
      },
    ]);
  });

  test("what a rule before it stopped names that rule", () => {
    const rules = [rule("a", { continue: false }), rule("b", {}), rule("c", { active: false })];
    expect(rulesOf({}, ...rules)).toMatchObject([
      { status: "matched" },
      { status: "not_processed", stoppedBy: "a", path: "rs.b" },
      { status: "inactive" },
    ]);
  });
});

test("actions of a foreach are shown for each element, its dead letters with their reason", () => {
  const inner = { id: "x", payload: { v: "${item}" } };
  const each = (key: string) => ({
    id: "foreach",
    payload: { target: `\${event.payload.${key}}`, actions: [inner] },
  });
  const tree = load({ type: "ruleset", name: "rs", rules: [{ name: "r", actions: [each("list"), each("text")] }] });
  const explained = explain(tree, eventWith({ list: [1, 2], text: "no list" }));
  const reason = '${event.payload.text} is the string "no list" where foreach needs an array';
  expect(explained).toMatchObject({
    rules: [
      {
        status: "matched",
        message: reason,
        actions: [
          { id: "x", foreach: [0], status: "rendered", payload: { v: 1 } },
          { id: "x", foreach: [1], status: "rendered", payload: { v: 2 } },
          { id: "foreach", foreach: [], status: "dead", error: reason },
        ],
      },
    ],
  });
});
