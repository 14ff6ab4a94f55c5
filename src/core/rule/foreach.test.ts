import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import type { Json, JsonObject } from "../json.ts";
import { compileMatcher } from "../match/compile.ts";
import { evaluator } from "../match/evaluate.ts";
import type { RuleMatch } from "../match/matcher.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import type { ActionCatalog } from "./action-catalog.ts";

const PAYLOAD: JsonObject = {
  list: [{ id: 1, name: "a" }, { id: 2 }],
  texts: ["x", "y"],
  none: [],
  big: [18446744073709551615n],
  object: { a: 1 },
  text: "plain",
  evil: ["${event.type} ${item} {{event.type}}"],
  nested: [
    { host: "h1", services: ["s1", "s2"] },
    { host: "h2", services: [] },
    { host: "h3", services: "s3" },
    { host: "h4" },
    { host: "h5", services: ["s5"] },
  ],
  secrets: [{ secret: "key" }, { secret: "other" }, 1],
};
const EVENT: Event = { id: "e", type: "t", created_ms: 5, payload: PAYLOAD, metadata: {}, trace_id: null };
const CATALOG: ActionCatalog = Object.fromEntries(
  ["logger", "sink"].map((id) => [
    id,
    {
      type: id,
      payload: z.looseObject({}),
      code: { filter: "icinga-filter" },
      allowDynamicCode: false,
      secrets: ["key"],
    },
  ]),
);

function run(actions: readonly Json[]): RuleMatch {
  const issues: Issue[] = [];
  const extractor = { from: "${event.type}", regex: { match: ".", group_match_idx: 0 } };
  const rules = [{ name: "r", constraint: { WITH: { v: extractor } }, actions }];
  const tree = compileSingleTree(
    { file: "t", stem: "t", value: { type: "ruleset", name: "rs", rules }, issues: issueSink(issues) },
    { actions: CATALOG, regex: DEFAULT_REGEX_LIMITS },
  );
  expect(issues).toEqual([]);
  const [match] = evaluator(tree!).match(EVENT);
  expect(compileMatcher(tree!).match(EVENT)).toEqual([match]);
  return match!;
}

const log = (payload: JsonObject, more: JsonObject = {}): JsonObject => ({ id: "logger", payload, ...more });
const foreach = (target: Json, ...actions: readonly Json[]): JsonObject => ({
  id: "foreach",
  payload: { target, actions },
});
const places = ({ actions }: RuleMatch): unknown =>
  actions.map(({ id, ordinal, foreach: at, payload }) => [`${id} ${ordinal} ${at.join(".")}`, payload]);

describe("tornado.md 6.9: foreach", () => {
  test("the first action for every element, then the second; item keeps its type, and other roots are there too", () => {
    const match = run([
      foreach(
        "${event.payload.list}",
        log({ it: "${item}", id: "${item.id}" }),
        log({ text: "${_variables.v} ${event.type} ${item.id}" }),
      ),
    ]);
    expect(match.status).toBe("matched");
    expect(places(match)).toEqual([
      ["logger 0 0", { it: { id: 1, name: "a" }, id: 1 }],
      ["logger 0 1", { it: { id: 2 }, id: 2 }],
      ["logger 1 0", { text: "t t 1" }],
      ["logger 1 1", { text: "t t 2" }],
    ]);
  });

  test.each<[string, Json, JsonObject, readonly Json[]]>([
    [
      "integers of any size",
      "${event.payload.big}",
      { n: "${item}", s: "<${item}>" },
      [{ n: 18446744073709551615n, s: "<18446744073709551615>" }],
    ],
    ["a list written out", ["a", "${event.type}"], { x: "${item}" }, [{ x: "a" }, { x: "t" }]],
    ["no element", "${event.payload.none}", { x: "${item}" }, []],
    ["keys are no templates", "${event.payload.texts}", { "${item}": 1 }, [{ "${item}": 1 }, { "${item}": 1 }]],
    [
      "filters and defaults",
      "${event.payload.list}",
      { x: "${item.name ?? event.type | upper}" },
      [{ x: "A" }, { x: "T" }],
    ],
    // what has no value stays as text, the whole string with its placeholders of item
    [
      "a path that an element lacks",
      "${event.payload.list}",
      { x: "${item.name}" },
      [{ x: "a" }, { x: "${item.name}" }],
    ],
    [
      "the same in text",
      "${event.payload.list}",
      { x: "${event.type}: ${item.id} ${item.name}" },
      [{ x: "t: 1 a" }, { x: "t: ${item.id} ${item.name}" }],
    ],
    ["an object in text", "${event.payload.list}", { x: "<${item}>" }, [{ x: "<${item}>" }, { x: "<${item}>" }]],
    [
      "code",
      "${event.payload.list}",
      { filter: 'host.name == "${item.name}"' },
      [{ filter: 'host.name == "a"' }, { filter: 'host.name == "${item.name}"' }],
    ],
    [
      "mustache",
      "${event.payload.list}",
      { x: { mustache: "{{event.type}}{{item.id}}{{item.name}}" } },
      [{ x: "t1a" }, { x: "t2" }],
    ],
    // deviation of rule-language.md: a value put in is never parsed again
    [
      "values are not parsed again",
      "${event.payload.evil}",
      { x: "${item}", y: "${event.payload.evil[0]}|${item}" },
      [
        {
          x: "${event.type} ${item} {{event.type}}",
          y: "${event.type} ${item} {{event.type}}|${event.type} ${item} {{event.type}}",
        },
      ],
    ],
  ])("%s", (_, target, payload, expected) => {
    const match = run([foreach(target, log(payload))]);
    expect(match).toMatchObject({ status: "matched" });
    expect(match.dead).toBeUndefined();
    expect(match.actions.map((action) => action.payload)).toEqual(expected);
  });

  test("ordinals are counted over the whole rule, per executor, whatever is left out", () => {
    const never = { when: { type: "equals", first: 1, second: 2 } };
    const match = run([
      log({ n: 0 }),
      foreach("${event.payload.texts}", log({ n: 1 }, never), log({ n: 2 }), { id: "sink", payload: {} }),
      { ...foreach("${event.payload.texts}", log({ n: 3 })), ...never },
      log({ n: 4 }),
    ]);
    expect(places(match)).toEqual([
      ["logger 0 ", { n: 0 }],
      ["logger 2 0", { n: 2 }],
      ["logger 2 1", { n: 2 }],
      ["sink 0 0", {}],
      ["sink 0 1", {}],
      ["logger 4 ", { n: 4 }],
    ]);
  });

  test("an inner action has its own when, settings and order", () => {
    const match = run([
      foreach(
        "${event.payload.list}",
        log(
          { id: "${item.id}", missing: "${item.name}" },
          {
            when: { type: "exists", target: "${item.name}" },
            dry_run: true,
            order_by: "${payload.id}",
          },
        ),
      ),
    ]);
    expect(match.actions).toEqual([
      {
        id: "logger",
        payload: { id: 1, missing: "a" },
        settings: { dryRun: true },
        orderKey: "1",
        ordinal: 0,
        foreach: [0],
      },
    ]);
  });

  test("rule-language.md, Delivery key: nested, the inner one reads the outer element, its actions their own", () => {
    const inner = foreach("${item.services}", log({ service: "${item}" }));
    const match = run([foreach("${event.payload.nested}", log({ host: "${item.host}" }), inner), log({ last: true })]);
    expect(match.status).toBe("matched");
    expect(places(match)).toEqual([
      ...["h1", "h2", "h3", "h4", "h5"].map((host, at) => [`logger 0 ${at}`, { host }]),
      ["logger 1 0.0", { service: "s1" }],
      ["logger 1 0.1", { service: "s2" }],
      ["logger 1 4.0", { service: "s5" }],
      ["logger 2 ", { last: true }],
    ]);
    expect(match.dead).toEqual([
      {
        id: "foreach",
        foreach: [2],
        code: "foreach_target",
        reason: '${item.services} is the string "s3" where foreach needs an array',
        payload: { target: "s3" },
      },
      {
        id: "foreach",
        foreach: [3],
        code: "foreach_target",
        reason: "${item.services} is missing where foreach needs an array",
        payload: { target: "${item.services}" },
      },
    ]);
  });
});

describe("actions.md, Executors: a target that is no array is a dead letter", () => {
  test.each([
    ["object", "${event.payload.object} is an object where foreach needs an array"],
    ["text", '${event.payload.text} is the string "plain" where foreach needs an array'],
  ])("%s; the other actions go their way", (key, reason) => {
    const match = run([log({ n: 1 }), foreach(`\${event.payload.${key}}`, log({ x: "${item}" })), log({ n: 2 })]);
    expect(match).toMatchObject({ status: "matched", message: reason });
    expect(match.actions.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(match.dead).toEqual([
      { id: "foreach", foreach: [], code: "foreach_target", reason, payload: { target: PAYLOAD[key] } },
    ]);
  });

  test("so is an element's reference to a secret, in place of its own action", () => {
    const match = run([foreach("${event.payload.secrets}", log({ x: "${item}" }))]);
    expect(match.actions.map(({ payload }) => payload)).toEqual([{ x: { secret: "other" } }, { x: 1 }]);
    expect(match.dead).toEqual([
      {
        id: "logger",
        foreach: [0],
        code: "template",
        reason: "element 0 of foreach: the value of ${item} at payload.x looks like a reference to a secret",
        payload: { item: { secret: "key" } },
      },
    ]);
  });
});

describe("tornado.md 4.6 and 6.9: what reads no item and has no value makes the rule match partially", () => {
  const GONE = "${event.payload.gone}";
  const always = { when: { type: "exists", target: "${item}" } };
  const never = { when: { type: "exists", target: "${item.gone}" } };
  test.each<[string, JsonObject, string]>([
    ["the target", foreach(GONE), `action foreach: ${GONE} is missing at payload.target`],
    ["a part of the target", foreach(["a", GONE]), `action foreach: ${GONE} is missing at payload.target[1]`],
    [
      "an inner action",
      foreach("${event.payload.list}", log({}), log({ a: [{ b: GONE }] })),
      `action foreach: action logger: ${GONE} is missing at payload.a[0].b`,
    ],
    [
      "also without elements",
      foreach("${event.payload.none}", log({ a: GONE })),
      `action foreach: action logger: ${GONE} is missing at payload.a`,
    ],
    [
      "beside item",
      foreach("${event.payload.list}", log({ a: `\${item.gone} ${GONE}` })),
      `action foreach: action logger: ${GONE} is missing at payload.a`,
    ],
    [
      "an object in text beside item",
      foreach("${event.payload.list}", log({ a: "${item.id} ${event.payload.object}" })),
      "action foreach: action logger: ${event.payload.object} has no text at payload.a",
    ],
    [
      "code beside item",
      foreach("${event.payload.list}", log({ filter: `x == "\${item.id} ${GONE}"` })),
      `action foreach: action logger: ${GONE} is missing at payload.filter`,
    ],
    [
      "an inner action of an inner foreach",
      foreach("${event.payload.nested}", foreach("${item.services}", log({ a: GONE }))),
      `action foreach: action foreach: action logger: ${GONE} is missing at payload.a`,
    ],
    [
      "an inner action whose when holds",
      foreach("${event.payload.list}", log({ a: GONE }, always)),
      `action foreach: action logger: ${GONE} is missing at payload.a`,
    ],
    [
      "a reference to a secret",
      foreach("${event.payload.list}", log({ a: "${event.payload.secrets}" })),
      "action foreach: action logger: the value of ${event.payload.secrets} at payload.a looks like a reference to a secret",
    ],
  ])("%s", (_, action, message) => {
    expect(run([log({ n: 1 }), action])).toEqual({
      path: "rs.r",
      status: "partially_matched",
      message,
      extracted: { v: "t" },
      actions: [],
      iteration: null,
    });
  });

  test("not where a when leaves the action out", () => {
    expect(run([foreach("${event.payload.list}", log({ a: GONE }, never))])).toMatchObject({
      status: "matched",
      actions: [],
    });
  });
});
