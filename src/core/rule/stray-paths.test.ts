import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { warnOfStrayPaths, warnOfStrayPathsInNode } from "./stray-paths.ts";

type Rows = readonly (readonly [string, Json, readonly string[]])[];

/** "path: message [suggestion]" of each warning. */
const told = (issues: readonly Issue[]): readonly string[] =>
  issues.map(
    ({ path, message, suggestion }) =>
      `${path.join(".")}: ${message}${suggestion === undefined ? "" : ` [${suggestion}]`}`,
  );

const equals = (first: Json): Json => ({ type: "equals", first, second: 1 });
const where = (...operators: Json[]): Json => ({ constraint: { WHERE: { type: "AND", operators } }, actions: [] });
const action = (payload: Json): Json => ({ actions: [{ id: "logger", payload }] });

function warnings(document: Json, before: Json = [], after: Json = []): readonly string[] {
  const named = (documents: Json, at: number) =>
    Object.entries(documents as Record<string, Json>).map(([name, one]) => ({
      name,
      document: one,
      issues: issueSink([], [at]),
    }));
  const issues: Issue[] = [];
  warnOfStrayPaths([...named(before, 0), { name: "self", document, issues: issueSink(issues) }, ...named(after, 1)]);
  expect(issues.every(({ severity }) => severity === "warning")).toBe(true);
  return told(issues);
}

describe("keys of the event", () => {
  const rows: Rows = [
    [
      "every key there is",
      action(
        ["id", "type", "created_ms", "payload.x", "metadata", "trace_id", "iterator.item"].map(
          (key) => `\${event.${key}}`,
        ),
      ),
      [],
    ],
    ["the whole event", action({ e: "${event}" }), []],
    [
      "misspelt",
      where(equals("${event.typ}")),
      ['constraint.WHERE.operators.0.first: no event has the key "typ", so event.typ is always missing [type]'],
    ],
    [
      "a key of the payload",
      action({ a: { b: ["x ${event.host.name} y"] } }),
      [
        'actions.0.payload.a.b.0: no event has the key "host", so event.host.name is always missing [payload.host.name]',
      ],
    ],
    [
      "behind a default and before a filter",
      action({ a: "${event.payload.x ?? event.tipe | lower}" }),
      ['actions.0.payload.a: no event has the key "tipe", so event.tipe is always missing [type]'],
    ],
    [
      "in NOT, anyOf and when",
      {
        constraint: { WHERE: { type: "NOT", operator: equals("${event.Type}") } },
        actions: [
          { id: "a", payload: {}, when: { type: "anyOf", target: "${event.paylod}", operator: equals("${element}") } },
        ],
      },
      [
        'constraint.WHERE.operator.first: no event has the key "Type", so event.Type is always missing [type]',
        'actions.0.when.target: no event has the key "paylod", so event.paylod is always missing [payload]',
      ],
    ],
    [
      "in an extractor and its modifier",
      {
        constraint: {
          WITH: {
            v: {
              from: "${event.x}",
              regex: { match: "${event.y}" },
              modifiers_post: [{ type: "ReplaceAll", find: "${event.z}", replace: "${event.w}" }],
            },
          },
        },
        actions: [],
      },
      [
        'constraint.WITH.v.from: no event has the key "x", so event.x is always missing [payload.x]',
        'constraint.WITH.v.modifiers_post.0.replace: no event has the key "w", so event.w is always missing [payload.w]',
      ],
    ],
    [
      "literals, patterns and mustache are no templates of this kind",
      {
        constraint: { WHERE: { type: "in", first: "${event.type}", second: ["${event.x}"] } },
        actions: [{ id: "a", payload: { a: { mustache: "${event.x}" } } }],
      },
      [],
    ],
    ["an expression with a mistake", action({ a: "${event.x | nofilter}" }), []],
    [
      "a placeholder that does not close",
      action({ a: "x ${event.type", b: "${}", c: "${'${'}" }),
      ["actions.0.payload.a: a ${ without } stays text"],
    ],
    [
      "a value without placeholder",
      where(
        { type: "equals", first: "event.type", second: '$event.payload."a b"[0]' },
        { type: "equals", first: "event.log", second: "event" },
        { type: "regex", regex: "event.type", target: "{event.payload.x}" },
      ),
      [
        'constraint.WHERE.operators.0.first: "event.type" is taken as text, not as a value of the event [${event.type}]',
        'constraint.WHERE.operators.0.second: "$event.payload.\\"a b\\"[0]" is taken as text, not as a value of the event [${event.payload."a b"[0]}]',
        'constraint.WHERE.operators.2.target: "{event.payload.x}" is taken as text, not as a value of the event [${event.payload.x}]',
      ],
    ],
    ["a text of an action that looks like one", action({ a: "event.type" }), []],
    ["an inactive rule", { active: false, ...(action({ a: "${event.x}" }) as object) }, []],
    ["other roots", action({ a: "${item.x}", b: "x ${foo.bar}" }), []],
    ["no rule at all", 5, []],
  ];
  test.each(rows)("%s", (_, document, expected) => {
    expect(warnings(document)).toEqual(expected);
  });
});

describe("variables", () => {
  const before: Json = {
    login: { constraint: { WITH: { user: {}, host: {} } }, actions: [] },
    bare: { actions: [] },
    off: { active: false, constraint: { WITH: { user: {} } }, actions: [] },
  };
  const after: Json = { next: { constraint: { WITH: { user: {} } }, actions: [] } };
  const self = (payload: Json, condition: Json = { type: "AND", operators: [] }): Json => ({
    constraint: { WHERE: condition, WITH: { ip: { from: "${event.type}" } } },
    actions: [{ id: "logger", payload }],
  });
  const rows: Rows = [
    [
      "own, own by the rule's name, of an earlier rule",
      self({ a: "${_variables.ip.x} ${_variables.self.ip} ${_variables.login.user.x} ${_variables.login}" }),
      [],
    ],
    ["an earlier rule's in a condition", self({}, equals("${_variables.login.user}")), []],
    [
      "misspelt own",
      self({ a: "${_variables.pi}" }),
      [
        'actions.0.payload.a: no variable of this rule and no earlier rule of this ruleset is named "pi", so _variables.pi is always missing [ip]',
      ],
    ],
    [
      "misspelt rule",
      self({}, equals("${_variables.logn.user}")),
      [
        'constraint.WHERE.first: no earlier rule of this ruleset is named "logn", so _variables.logn.user is always missing [login.user]',
      ],
    ],
    [
      "misspelt variable",
      self({ a: "${_variables.login.usr}" }),
      [
        'actions.0.payload.a: the rule "login" has no variable "usr", so _variables.login.usr is always missing [login.user]',
      ],
    ],
    [
      "a rule without variables",
      self({ a: "${_variables.bare}" }),
      ['actions.0.payload.a: the rule "bare" has no variables, so _variables.bare is always missing'],
    ],
    [
      "a later rule",
      self({ a: "${_variables.next.user}" }),
      ['actions.0.payload.a: the rule "next" comes later, so _variables.next.user is always missing'],
    ],
    [
      "an inactive rule",
      self({ a: "${_variables.off.user}" }),
      ['actions.0.payload.a: the rule "off" is inactive, so _variables.off.user is always missing'],
    ],
    [
      "own in a condition",
      self({}, equals("${_variables.ip}")),
      [
        "constraint.WHERE.first: the variables of this rule are there for its actions only, so _variables.ip is always missing",
      ],
    ],
    [
      "own by the rule's name in a condition",
      self({}, equals("${_variables.self.ip}")),
      [
        "constraint.WHERE.first: the variables of this rule are there for its actions only, so _variables.self.ip is always missing",
      ],
    ],
  ];
  test.each(rows)("%s", (_, document, expected) => {
    expect(warnings(document, before, after)).toEqual(expected);
  });
});

test("filters and iterators", () => {
  const issues: Issue[] = [];
  warnOfStrayPathsInNode({ filter: equals("${_variables.a.b}"), target: "${event.alerts}" }, issueSink(issues));
  expect(told(issues)).toEqual([
    "filter.first: variables are seen by rules only, so _variables.a.b is always missing",
    'target: no event has the key "alerts", so event.alerts is always missing [payload.alerts]',
  ]);
});
