import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import type { ActionCatalog, ActionTarget } from "./action-catalog.ts";
import { compileRules } from "./ruleset.ts";

const target = (more: Partial<ActionTarget>): ActionTarget => ({
  type: "test",
  payload: z.looseObject({}),
  code: {},
  allowDynamicCode: false,
  secrets: [],
  ...more,
});

const CATALOG: ActionCatalog = {
  logger: target({ type: "logger" }),
  icinga2: target({
    type: "icinga2",
    payload: z.looseObject({ icinga2_action_name: z.string(), icinga2_action_payload: z.looseObject({}).optional() }),
    code: { "icinga2_action_payload.filter": "icinga-filter" },
  }),
  pager: target({
    type: "victorops",
    payload: z.looseObject({
      message_type: z.enum(["CRITICAL", "RECOVERY"]),
      entity_id: z.string(),
      count: z.number().optional(),
      details: z.strictObject({ a: z.string() }).optional(),
      range: z
        .object({ from: z.unknown(), to: z.unknown() })
        .refine(({ from, to }) => from !== to, "an empty range")
        .optional(),
    }),
    secrets: ["team_key"],
  }),
  hook: target({ type: "webhook", payload: z.looseObject({ url: z.string() }), code: { url: "url" } }),
  free: target({ type: "webhook", code: { url: "url" }, allowDynamicCode: true }),
  json: target({ type: "webhook", text: () => ({ body: "json" }) }),
};

function compile(...documents: Json[]) {
  const issues: Issue[] = [];
  const sources = documents.map((document, at) => ({
    document,
    fallbackName: null,
    issues: issueSink(issues, documents.length > 1 ? [at] : []),
  }));
  const options = { actions: CATALOG, regex: DEFAULT_REGEX_LIMITS, belowInactive: false, fromFiles: true };
  return { rules: compileRules(sources, "root.rs", options), issues };
}

const shown = (issues: readonly Issue[]): string[] =>
  issues.map(({ severity, path, message, suggestion }) =>
    [
      severity === "error" ? "" : "warning: ",
      path.join("."),
      ": ",
      message,
      suggestion ? `; did you mean ${suggestion}` : "",
    ].join(""),
  );

const payload = (id: string, value: Json): JsonObject => ({ name: "r", actions: [{ id, payload: value }] });

describe("a rule that is right", () => {
  test.each<JsonObject>([
    { name: "r", actions: [] },
    { name: "r", constraint: {}, actions: [] },
    { name: "r", constraint: { WHERE: null }, actions: [] },
    { name: "r", constraint: { WHERE: {}, WITH: {} }, actions: [] },
    { name: "_", actions: [] },
    { name: "__proto__", actions: [] },
    {
      name: "r",
      description: "d",
      continue: false,
      active: true,
      tests: [{ name: "t", event: { type: "t", payload: {} }, expect: { status: "matched" } }],
      actions: [],
    },
    payload("pager", { message_type: "CRITICAL", entity_id: "${event.type}", key: { secret: "team_key" } }),
    payload("pager", {
      message_type: "${event.type}",
      entity_id: "x",
      count: "${event.payload.n}",
      details: { a: "${event.type}" },
    }),
    payload("pager", {
      message_type: "CRITICAL",
      entity_id: "x",
      range: { from: "${event.payload.a}", to: "${event.payload.b}" },
    }),
    payload("pager", { message_type: "CRITICAL", entity_id: "x", details: "${event.payload.d}" }),
    payload("icinga2", {
      icinga2_action_name: "p",
      icinga2_action_payload: { filter: 'host.name == "${event.type}"' },
    }),
    payload("hook", { url: "https://h/${event.type}" }),
    payload("free", { url: "${event.type}" }),
    payload("json", { body: { mustache: '{"a": "{{event.type}}"}' }, other: { mustache: "Host {{event.type}}" } }),
    payload("json", { body: { text: { mustache: "Host {{event.type}}" } }, b: { mustache: "x", y: 1 } }),
    payload("free", { url: { mustache: "https://{{event.payload.host}}/" } }),
    payload("foreach", {
      target: ["a", "${event.type}"],
      actions: [
        {
          id: "logger",
          payload: { a: "${item.x} ${event.type}", b: { mustache: "{{item.y}}" } },
          when: { type: "exists", target: "${item.x}" },
          retry: { max_attempts: 2 },
          order_by: "${payload.a}",
        },
        {
          id: "foreach",
          payload: { target: "${item.list}", actions: [{ id: "hook", payload: { url: "https://h/${item}" } }] },
        },
      ],
    }),
    {
      name: "r",
      actions: [
        {
          id: "logger",
          payload: {},
          when: { type: "equals", first: "${event.payload.x}", second: 1 },
          retry: { max_age: "1h", max_attempts: 3, backoff: { type: "list", delays: ["1s", 5000] } },
          dry_run: true,
          order_by: "${payload.id}",
        },
      ],
    },
  ])("%j", (document) => {
    const { rules, issues } = compile(document);
    expect(issues).toEqual([]);
    expect(rules).toHaveLength(1);
  });

  test("has the defaults of the language", () => {
    expect(compile({ name: "r", actions: [] }).rules[0]).toEqual({
      name: "r",
      path: "root.rs.r",
      description: "",
      active: true,
      continue: true,
      where: null,
      extractors: [],
      actions: [],
      tests: [],
    });
  });

  test("numbers its actions per executor and keeps their settings", () => {
    const retry = { max_attempts: "none", backoff: { type: "exponential", initial: "2s" } };
    const { rules } = compile({
      name: "r",
      actions: [
        { id: "logger", payload: {} },
        { id: "hook", payload: { url: "https://h/" }, dry_run: true, retry },
        { id: "logger", payload: {}, retry: { backoff: { type: "fixed", delay: "3s", jitter: 0.5 } } },
      ],
    });
    expect(
      rules[0]!.actions.map((action) => [action.id, action.ordinal, action.kind === "send" && action.settings]),
    ).toEqual([
      ["logger", 0, null],
      [
        "hook",
        0,
        {
          dryRun: true,
          retry: {
            maxAgeMs: 86_400_000,
            maxAttempts: null,
            backoff: { type: "exponential", initialMs: 2000, maxMs: 300_000, multiplier: 2, jitter: 0.2 },
          },
        },
      ],
      [
        "logger",
        1,
        { retry: { maxAgeMs: 86_400_000, maxAttempts: null, backoff: { type: "fixed", delayMs: 3000, jitter: 0.5 } } },
      ],
    ]);
  });
});

describe("mistakes", () => {
  const stateful = "stateful rules are not supported by this version";
  test.each<[Json, readonly string[]]>([
    [5, [": the number 5 where a rule is expected"]],
    [["r"], [": an array where a rule is expected"]],
    [{}, [': the key "name" is missing', ': the key "actions" is missing']],
    [{ name: "a b", actions: [] }, ['name: "a b" is no name of a rule']],
    [{ name: "", actions: [] }, ['name: "" is no name of a rule']],
    [{ name: 5, actions: [] }, ["name: the number 5 where the name of a rule is expected"]],
    [{ name: "r", actions: {} }, ["actions: an object where an array is expected"]],
    [{ name: "r", actions: null }, ["actions: null where an array is expected"]],
    [{ name: "r", actions: [], active: "yes" }, ['active: the string "yes" where true or false is expected']],
    [{ name: "r", actions: [], continue: null }, ["continue: null where true or false is expected"]],
    [{ name: "r", actions: [], description: null }, ["description: null where a string is expected"]],
    [{ name: "r", actions: [], constrant: {} }, ['constrant: unknown key "constrant"; did you mean constraint']],
    [
      { name: "r", actions: [], constraint: { where: {} } },
      ['constraint.where: unknown key "where"; did you mean WHERE'],
    ],
    [{ name: null, actions: [] }, ["name: null where the name of a rule is expected"]],
    [{ name: "r", actions: [], constraint: null }, ["constraint: null where an object is expected"]],
    [{ name: "r", actions: [], constraint: [] }, ["constraint: an array where an object is expected"]],
    [
      { name: "r", actions: [], constraint: { WHERE: [] } },
      ["constraint.WHERE: an array where an operator is expected"],
    ],
    [{ name: "r", actions: [], constraint: { WITH: null } }, ["constraint.WITH: null where variables are expected"]],
    [
      { name: "r", actions: [], constraint: { WITH: { "a b": { from: "x", regex: { match: "x" } } } } },
      ['constraint.WITH.a b: "a b" is no name of a variable'],
    ],
    [{ name: "r", actions: [], alert: {} }, [`alert: ${stateful}`]],
    [{ name: "r", actions: [], resolve_actions: [] }, [`resolve_actions: ${stateful}`]],
    [{ name: "r", actions: [], tests: {} }, ["tests: an object where a list of tests is expected"]],
    [{ name: "r", actions: [], tests: [1] }, ["tests.0: the number 1 where a test is expected"]],
    [{ name: "r", actions: [["logger", {}]] }, ["actions.0: an array where an action is expected"]],
    [{ name: "r", actions: [{ payload: {} }] }, ['actions.0: the key "id" is missing']],
    [{ name: "r", actions: [{ id: "logger" }] }, ['actions.0: the key "payload" is missing']],
    [
      { name: "r", actions: [{ id: "logger", payload: [] }] },
      ["actions.0.payload: an array where the payload of an action is expected"],
    ],
    [payload("a-b", {}), ['actions.0.id: "a-b" is no name of an executor']],
    [payload("loger", {}), ['actions.0.id: no executor has the id "loger"; did you mean logger']],
    [
      { name: "r", actions: [{ id: "logger", payload: {}, paylod: {} }] },
      ['warning: actions.0.paylod: unknown key "paylod"; did you mean payload'],
    ],
    [
      payload("logger", { a: "${evnt.type}", b: ["${event.type | lowr}"] }),
      [
        'actions.0.payload.a: unknown root "evnt" in ${evnt.type}; did you mean event',
        'actions.0.payload.b.0: unknown filter "lowr" in ${event.type | lowr}; did you mean lower',
      ],
    ],
    [payload("logger", { a: "${alert.id}" }), ['actions.0.payload.a: unknown root "alert" in ${alert.id}']],
    // mustache
    [
      payload("logger", { a: { mustache: 5 } }),
      ["actions.0.payload.a.mustache: the number 5 where a mustache template is expected"],
    ],
    [
      payload("logger", { a: [{ mustache: "{{evnt.type}}" }] }),
      ['actions.0.payload.a.0.mustache: unknown root "evnt" at line 1, column 1 of the template; did you mean event'],
    ],
    [
      payload("hook", { url: { mustache: "https://h/{{event.type}}" } }),
      ["actions.0.payload.url: a mustache template where the webhook executor takes code"],
    ],
    [
      payload("icinga2", { icinga2_action_name: "p", icinga2_action_payload: { mustache: "{{event.type}}" } }),
      ["actions.0.payload.icinga2_action_payload: a mustache template where the icinga2 executor takes code"],
    ],
    [
      payload("json", { body: { mustache: "Host {{event.type}}" } }),
      [
        "actions.0.payload.body.mustache: the text is JSON, where no value can stand at line 1, column 6 of the template",
      ],
    ],
    // foreach
    [
      { name: "r", actions: [{ id: "foreach", payload: 5, retry: {} }] },
      [
        'warning: actions.0.retry: unknown key "retry"',
        "actions.0.payload: the number 5 where the payload of foreach is expected",
      ],
    ],
    [
      payload("foreach", { targt: [] }),
      [
        'warning: actions.0.payload.targt: unknown key "targt"; did you mean target',
        'actions.0.payload: the key "target" is missing',
        'actions.0.payload: the key "actions" is missing',
      ],
    ],
    [
      payload("foreach", { target: "${event.type} ${event.payload.b}", actions: "${event.payload.actions}" }),
      [
        'actions.0.payload.target: the string "${event.type} ${event.payload.b}" where the target of foreach is expected',
        'actions.0.payload.actions: the string "${event.payload.actions}" where the actions of foreach are expected',
      ],
    ],
    [
      payload("foreach", { target: { a: 1 }, actions: [] }),
      ["actions.0.payload.target: an object where the target of foreach is expected"],
    ],
    [
      payload("foreach", { target: "${item.list}", actions: [] }),
      ['actions.0.payload.target: the string "${item.list}" where the target of foreach is expected'],
    ],
    [
      payload("foreach", {
        target: "${event.payload.list}",
        actions: [
          { id: "loger", payload: {} },
          { id: "pager", payload: { message_type: "WRONG", entity_id: "${item.id}" } },
          { id: "logger", payload: { a: "${itm.x}" }, when: { type: "exists", target: "${itm}" } },
          {
            id: "foreach",
            payload: { target: "${item.inner}", actions: [{ id: "hook", payload: { url: "${item}" } }] },
          },
        ],
      }),
      [
        'actions.0.payload.actions.0.id: no executor has the id "loger"; did you mean logger',
        'actions.0.payload.actions.1.payload.message_type: the victorops executor refuses the string "WRONG": invalid option: expected one of "CRITICAL"|"RECOVERY"',
        'actions.0.payload.actions.2.when.target: unknown root "itm" in ${itm}; did you mean item',
        'actions.0.payload.actions.2.payload.a: unknown root "itm" in ${itm.x}; did you mean item',
        "actions.0.payload.actions.3.payload.actions.0.payload.url: ${item} stands in the scheme or host of a URL, or is all of it",
      ],
    ],
    // secrets
    [
      payload("pager", { message_type: "CRITICAL", entity_id: "x", key: { secret: "team_ky" } }),
      ['actions.0.payload.key.secret: the executor has no secret "team_ky"; did you mean team_key'],
    ],
    [
      payload("pager", { message_type: "CRITICAL", entity_id: "x", key: { secret: "${event.type}" } }),
      ["actions.0.payload.key.secret: the name of a secret is taken from an event"],
    ],
    // literal values against the executor's schema
    [
      payload("pager", { message_type: "CRITCAL", entity_id: "${event.type}" }),
      [
        'actions.0.payload.message_type: the victorops executor refuses the string "CRITCAL": invalid option: expected one of "CRITICAL"|"RECOVERY"',
      ],
    ],
    [
      payload("pager", { message_type: "${event.type}" }),
      ["actions.0.payload: the victorops executor needs entity_id: invalid input: expected string, received undefined"],
    ],
    [
      payload("pager", { message_type: "CRITICAL", entity_id: { a: "${event.type}" }, count: "5" }),
      [
        "actions.0.payload.entity_id: the victorops executor refuses an object: invalid input: expected string, received object",
        'actions.0.payload.count: the victorops executor refuses the string "5": invalid input: expected number, received string',
      ],
    ],
    [
      payload("pager", { message_type: "CRITICAL", entity_id: "x", details: { a: "${event.type}", b: 1 } }),
      ['actions.0.payload.details: the victorops executor refuses an object: unrecognized key: "b"'],
    ],
    [
      payload("pager", { message_type: "CRITICAL", entity_id: "${event.type}", range: { from: 1, to: 1 } }),
      ["actions.0.payload.range: the victorops executor refuses an object: an empty range"],
    ],
    // code
    [
      payload("icinga2", {
        icinga2_action_name: "p",
        icinga2_action_payload: { filter: "host.name == ${event.type}" },
      }),
      [
        "actions.0.payload.icinga2_action_payload.filter: ${event.type} stands outside a string of an Icinga filter, where an event's value would be code",
      ],
    ],
    [
      payload("icinga2", { icinga2_action_name: "p", icinga2_action_payload: "${event.payload.all}" }),
      [
        "actions.0.payload.icinga2_action_payload: ${event.payload.all} puts code of the icinga2 executor in the hands of the event",
      ],
    ],
    [
      payload("hook", { url: "${event.type}" }),
      ["actions.0.payload.url: ${event.type} stands in the scheme or host of a URL, or is all of it"],
    ],
    // settings of actions
    [
      {
        name: "r",
        actions: [{ id: "logger", payload: {}, dry_run: "no", order_by: "${event.type}", when: { type: "eq" } }],
      },
      [
        'actions.0.when.type: unknown operator "eq"',
        'actions.0.dry_run: the string "no" where true or false is expected',
        'actions.0.order_by: unknown root "event" in ${event.type}',
      ],
    ],
    [
      {
        name: "r",
        actions: [{ id: "logger", payload: {}, retry: { max_age: "soon", attempts: 3, backoff: { type: "expo" } } }],
      },
      [
        'actions.0.retry.attempts: unknown key "attempts"',
        'actions.0.retry.max_age: the string "soon" where a duration is expected',
        'actions.0.retry.backoff: the string "expo" where the type of a backoff is expected',
      ],
    ],
  ])("%j", (document, expected) => {
    expect(shown(compile(document).issues)).toEqual(expected);
  });
});

describe("tests of a rule", () => {
  const withTests = (...tests: Json[]): Json => ({ name: "r", actions: [], tests });
  const event = { type: "t", payload: { a: 1 } };
  const whole = { id: "test", type: "t", created_ms: 0, payload: { a: 1 }, metadata: {}, trace_id: null };

  test("as they are run", () => {
    const expected = { status: "matched", extracted: { v: null }, actions: [{ id: "logger", payload: {} }, {}] };
    const { rules, issues } = compile(
      withTests(
        { name: "a test, with spaces", event, expect: expected },
        {
          event: { ...event, id: "e", created_ms: 5, metadata: { m: 1 }, trace_id: "x" },
          expect: { status: "not_matched" },
        },
        { event_file: "tests/e.json", expect: { actions: [] } },
      ),
    );
    expect(issues).toEqual([]);
    expect(rules[0]!.tests).toEqual([
      { name: "a test, with spaces", event: whole, expected },
      {
        name: "test 2",
        event: { ...whole, id: "e", created_ms: 5, metadata: { m: 1 }, trace_id: "x" },
        expected: { status: "not_matched" },
      },
      { name: "test 3", event: { file: "tests/e.json" }, expected: { actions: [] } },
    ]);
  });

  const stateful = "stateful rules are not supported by this version";
  const expect_ = (more: JsonObject): Json => ({ event, expect: more });
  test.each<[Json, readonly string[]]>([
    [{ nme: "x", event, expect: { status: "matched" } }, ['nme: unknown key "nme"; did you mean name']],
    [{ name: 5, event, expect: { status: "matched" } }, ["name: the number 5 where a string is expected"]],
    [{ event }, [': the key "expect" is missing']],
    [{ expect: { status: "matched" } }, [": the event is missing"]],
    [{ event, event_file: "x", expect: { actions: [] } }, [": event and event_file exclude each other"]],
    [{ event_file: 5, expect: { actions: [] } }, ["event_file: the number 5 where a string is expected"]],
    [{ events: [], expect: { actions: [] } }, [`events: ${stateful}`]],
    [{ event: [], expect: { actions: [] } }, ["event: an array where an object is expected"]],
    [
      { event: {}, expect: { actions: [] } },
      ['event: the key "type" is missing', 'event: the key "payload" is missing'],
    ],
    [
      { event: { ...event, paylod: {}, created_ms: "now" }, expect: { actions: [] } },
      [
        'event.paylod: unknown key "paylod"; did you mean payload',
        'event.created_ms: the string "now" where epoch milliseconds are expected',
      ],
    ],
    [
      { event: { type: 5, payload: [], metadata: 1, id: 1, trace_id: 1, created_ms: null }, expect: { actions: [] } },
      [
        "event.type: the number 5 where a string is expected",
        "event.payload: an array where an object is expected",
        "event.metadata: the number 1 where an object is expected",
        "event.id: the number 1 where a string is expected",
        "event.created_ms: null where epoch milliseconds are expected",
        "event.trace_id: the number 1 where a string is expected",
      ],
    ],
    [{ event, expect: null }, ["expect: null where an object is expected"]],
    [expect_({}), ["warning: expect: nothing is expected, so the test cannot fail"]],
    [expect_({ action: [] }), ['expect.action: unknown key "action"; did you mean actions']],
    [expect_({ alerts: [] }), [`expect.alerts: ${stateful}`]],
    [expect_({ status: "mached" }), ['expect.status: unknown status "mached"; did you mean matched']],
    [expect_({ status: true }), ["expect.status: the boolean true as a status"]],
    [expect_({ extracted: [] }), ["expect.extracted: an array where variables are expected"]],
    [expect_({ actions: {} }), ["expect.actions: an object where an array is expected"]],
    [expect_({ actions: [5] }), ["expect.actions.0: the number 5 where an object is expected"]],
    [
      expect_({ actions: [{ id: 5, payload: [], paylod: {} }] }),
      [
        'expect.actions.0.paylod: unknown key "paylod"; did you mean payload',
        "expect.actions.0.id: the number 5 where a string is expected",
        "expect.actions.0.payload: an array where the payload of an action is expected",
      ],
    ],
  ])("%j", (one, expected) => {
    const { issues } = compile(withTests(one));
    expect(shown(issues).map((line) => line.replace(/tests\.0\.?/, ""))).toEqual(expected);
  });

  test("a name is used once", () => {
    const one = { name: "x", event, expect: { actions: [] } };
    expect(shown(compile(withTests(one, one)).issues)).toEqual([
      'tests.1.name: the name "x" is used by an earlier test of this rule',
    ]);
  });

  test("mistakes in the tests of an inactive rule are warnings", () => {
    const { issues } = compile({ name: "r", active: false, actions: [], tests: [{ evnt: {}, expect: 5 }] });
    expect(issues.map(({ severity }) => severity)).toEqual(["warning", "warning", "warning"]);
  });
});

/** rule-language.md, Diagnostics; tornado.md 2.4 and 16.22. */
describe("inactive rules", () => {
  test.each<[JsonObject, readonly string[]]>([
    [{ constraint: { WHERE: { type: "regex", regex: "[a", target: "x" } } }, ["warning"]],
    [{ constraint: { WHERE: { type: "equals", first: "${evnt}", second: 1 } } }, ["warning"]],
    [{ constraint: { WITH: { "a b": { from: "x", regex: { match: "x" } } } } }, ["warning"]],
    [{ actions: [{ id: "nowhere", payload: {} }] }, ["warning"]],
    [{ actions: [{ id: "pager", payload: {} }] }, ["warning", "warning"]],
    [{ actions: [{ id: "logger", payload: {}, retry: 5 }] }, ["warning"]],
    [{ name: "a b" }, ["warning"]],
    [{ tests: 5 }, ["warning"]],
    // what Tornado refuses all the same
    [{ constraint: { WHERE: { type: "eq", first: 1, second: 1 } } }, ["error"]],
    [{ constraint: { WHERE: { type: "equals", first: 1 } } }, ["error"]],
    [{ constraint: { WITH: { v: { from: "x", regex: { match: "x" }, modifiers_post: [{ type: "x" }] } } } }, ["error"]],
    [{ nme: "r" }, ["error"]],
    [{ actions: [{ id: "logger" }] }, ["error"]],
  ])("%j", (more, severities) => {
    const { rules, issues } = compile({ name: "r", active: false, actions: [], ...more });
    expect(issues.map(({ severity }) => severity)).toEqual(severities);
    expect(rules).toMatchObject([{ active: false, where: null, extractors: [], actions: [] }]);
  });
});

describe("rules together", () => {
  test("a name is used once, by inactive ones too", () => {
    const { issues } = compile(
      { name: "a", actions: [] },
      { name: "A", actions: [] },
      { name: "a", active: false, actions: [] },
    );
    expect(shown(issues)).toEqual(['2.name: the name "a" is used by an earlier rule of this ruleset']);
  });

  const stop = { name: "stop", continue: false, actions: [{ id: "logger", payload: { a: 1 } }] };
  const behind = "warning: 1: never reached: the rule stop always matches and has continue: false";
  test.each<[string, JsonObject, readonly string[]]>([
    ["no WHERE", stop, [behind]],
    ["AND of nothing", { ...stop, constraint: { WHERE: { type: "AND", operators: [] } } }, [behind]],
    [
      "NOT OR of nothing",
      { ...stop, constraint: { WHERE: { type: "NOT", operator: { type: "OR", operators: [] } } } },
      [behind],
    ],
    ["continue", { ...stop, continue: true }, []],
    ["a condition", { ...stop, constraint: { WHERE: { type: "equals", first: "${event.type}", second: 1 } } }, []],
    ["a variable", { ...stop, constraint: { WITH: { v: { from: "x", regex: { match: "x" } } } } }, []],
    ["an action that can fail", { ...stop, actions: [{ id: "logger", payload: { a: "${event.payload.x}" } }] }, []],
    ["inactive", { ...stop, active: false }, []],
  ])("unreachable behind: %s", (_case, first, expected) => {
    expect(shown(compile(first, { name: "next", actions: [] }).issues)).toEqual(expected);
  });
});
