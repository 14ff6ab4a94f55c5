import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import type { Json, JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import type { ActionCatalog } from "../rule/action-catalog.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import { evaluator } from "./evaluate.ts";
import type { Matcher, RuleMatch, TraceNode } from "./matcher.ts";

function matcherOf(tree: Json, actions: ActionCatalog | null = null): Matcher {
  const issues: Issue[] = [];
  const compiled = compileSingleTree(
    { file: "t", stem: "t", value: tree, issues: issueSink(issues) },
    { actions, regex: DEFAULT_REGEX_LIMITS },
  );
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  return evaluator(compiled!);
}

const rules = (...documents: JsonObject[]): Json => ({ type: "ruleset", name: "rs", rules: documents });
const event = (payload: JsonObject): Event => ({
  id: "e",
  type: "t",
  created_ms: 5,
  payload,
  metadata: {},
  trace_id: null,
});
const log = (payload: JsonObject, more: JsonObject = {}): JsonObject => ({ id: "logger", payload, ...more });
const variable = (from: string): JsonObject => ({ from, regex: { match: "\\w+", group_match_idx: 0 } });
const statuses = (trace: TraceNode): unknown =>
  trace.type === "ruleset" ? trace.rules.map(({ name, status }) => `${name}: ${status}`) : expect.fail("no ruleset");
const summary = (matches: readonly RuleMatch[]): unknown =>
  matches.map(({ path, status, message, extracted, actions }) => [
    path,
    status,
    ...(message === undefined ? [] : [message]),
    extracted,
    ...actions.map(({ payload }) => payload),
  ]);

describe("tornado.md 2.5: traversal", () => {
  /** tornado.md 2.5 */
  describe("rules of a ruleset", () => {
    test("a full match with continue: false ends the ruleset, a partial one does not", () => {
      const stop = { continue: false };
      const missing = "${event.payload.none}";
      const { trace } = matcherOf(
        rules(
          { name: "off", active: false, actions: [], ...stop },
          { name: "no", constraint: { WHERE: { type: "equals", first: 1, second: 2 } }, actions: [], ...stop },
          { name: "bad_with", constraint: { WITH: { v: variable(missing) } }, actions: [], ...stop },
          { name: "bad_action", actions: [log({ a: 1 }), log({ b: [{ c: missing }] })], ...stop },
          { name: "yes", actions: [log({ a: 1 })], ...stop },
          { name: "late", actions: [] },
          { name: "late_off", active: false, actions: [] },
        ),
      ).trace(event({}));
      expect(trace).toEqual({
        type: "ruleset",
        name: "rs",
        rules: [
          { name: "off", status: "inactive" },
          { name: "no", status: "not_matched" },
          {
            name: "bad_with",
            status: "partially_matched",
            message: "variable v: ${event.payload.none} is missing",
            extracted: {},
            actions: [],
          },
          {
            name: "bad_action",
            status: "partially_matched",
            message: "action logger: ${event.payload.none} is missing at payload.b[0].c",
            extracted: {},
            actions: [],
          },
          { name: "yes", status: "matched", extracted: {}, actions: [{ id: "logger", payload: { a: 1 } }] },
          { name: "late", status: "not_processed" },
          { name: "late_off", status: "inactive" },
        ],
      });
    });

    test("one variable that fails takes the others with it", () => {
      const matches = matcherOf(
        rules(
          {
            name: "a",
            constraint: { WITH: { ok: variable("fine"), bad: variable("${event.payload.none}") } },
            actions: [],
          },
          { name: "b", actions: [log({ v: "${_variables.a.ok ?? 'none'}" })] },
        ),
      ).match(event({}));
      expect(summary(matches)).toEqual([
        ["rs.a", "partially_matched", "variable bad: ${event.payload.none} is missing", {}],
        ["rs.b", "matched", {}, { v: "none" }],
      ]);
    });

    test("variables are seen by later rules, also when an action failed, and never by WHERE and WITH of their own rule", () => {
      const matches = matcherOf(
        rules(
          {
            name: "a",
            constraint: { WITH: { v: variable("first"), w: variable("${_variables.v ?? 'unseen'}") } },
            actions: [log({ v: "${_variables.v}", w: "${_variables.w}", x: "${_variables.a.v}" })],
          },
          {
            name: "b",
            constraint: { WITH: { v: variable("${_variables.a.v}") } },
            actions: [log({ v: "${event.payload.none}" })],
          },
          {
            name: "c",
            constraint: { WHERE: { type: "equals", first: "${_variables.b.v}", second: "first" } },
            actions: [log({ own: "${_variables.a ?? 'none'}" })],
          },
          {
            name: "d",
            constraint: { WITH: { a: variable("own") } },
            actions: [log({ own: "${_variables.a}", other: "${_variables.a.v}" })],
          },
        ),
      ).match(event({}));
      expect(summary(matches)).toEqual([
        ["rs.a", "matched", { v: "first", w: "unseen" }, { v: "first", w: "unseen", x: "first" }],
        ["rs.b", "partially_matched", "action logger: ${event.payload.none} is missing at payload.v", { v: "first" }],
        ["rs.c", "matched", {}, { own: { v: "first", w: "unseen" } }],
        ["rs.d", "matched", { a: "own" }, { own: "own", other: "first" }],
      ]);
    });

    test("variables end with their ruleset", () => {
      const set = (name: string, document: JsonObject): Json => ({ type: "ruleset", name, rules: [document] });
      const matches = matcherOf({
        type: "filter",
        name: "f",
        filter: { type: "ne", first: "${_variables.a.v}", second: 1 },
        nodes: [
          set("one", { name: "a", constraint: { WITH: { v: variable("x") } }, actions: [] }),
          set("two", { name: "b", actions: [log({ v: "${_variables.a.v ?? 'none'}" })] }),
        ],
      }).match(event({}));
      expect(summary(matches)).toEqual([
        ["f.one.a", "matched", { v: "x" }],
        ["f.two.b", "matched", {}, { v: "none" }],
      ]);
    });
  });

  describe("actions", () => {
    test("values keep their type and digits; keys, literals and item are left; values are not parsed again", () => {
      const [match] = matcherOf(
        rules({
          name: "r",
          actions: [
            log({
              "${event.type}": [
                "${event.payload.n}",
                "n=${event.payload.n}",
                5,
                null,
                true,
                { x: "${event.payload.o}" },
              ],
              item: "${event.type} ${item.name}",
              again: "${event.payload.tpl}",
              __proto__x: "${event.payload.constructor ?? 'ordinary'}",
            }),
          ],
        }),
      ).match(event({ n: 9007199254740993n, o: { k: [] }, tpl: "${event.type}" }));
      expect(match!.actions[0]!.payload).toEqual({
        "${event.type}": [9007199254740993n, "n=9007199254740993", 5, null, true, { x: { k: [] } }],
        item: "t ${item.name}",
        again: "${event.type}",
        __proto__x: "ordinary",
      });
    });

    test("when leaves an action out, whatever its payload; ordinals count it", () => {
      const when = (second: string): JsonObject => ({ when: { type: "equals", first: "${_variables.v}", second } });
      const [match] = matcherOf(
        rules({
          name: "r",
          constraint: { WITH: { v: variable("yes") } },
          actions: [
            log({ a: "${event.payload.none}" }, when("no")),
            log({ a: 1 }, when("yes")),
            { id: "other", payload: {} },
            log({ a: 2 }),
          ],
        }),
      ).match(event({}));
      expect(match).toMatchObject({ status: "matched" });
      expect(match!.actions.map(({ id, ordinal, payload }) => [id, ordinal, payload])).toEqual([
        ["logger", 1, { a: 1 }],
        ["other", 0, {}],
        ["logger", 2, { a: 2 }],
      ]);
    });

    test.each<[string, unknown]>([
      ["${payload.id}", "7"],
      ["${payload.id}/${payload.name}", "7/x"],
      ["${payload.none}", null],
      ["${payload.o}", '{"k":1}'],
      ["fixed", "fixed"],
    ])("order_by %s", (order_by, orderKey) => {
      const [match] = matcherOf(
        rules({ name: "r", actions: [log({ id: 7, name: "x", o: { k: 1 } }, { order_by })] }),
      ).match(event({}));
      expect(match!.actions[0]).toHaveProperty("orderKey", orderKey);
    });

    test("without order_by the executor decides", () => {
      const [match] = matcherOf(rules({ name: "r", actions: [log({})] })).match(event({}));
      expect(match!.actions[0]).not.toHaveProperty("orderKey");
    });

    const catalog: ActionCatalog = {
      pager: { type: "pager", payload: z.looseObject({}), code: {}, allowDynamicCode: false, secrets: ["key"] },
      icinga2: {
        type: "icinga2",
        payload: z.looseObject({}),
        code: { "p.filter": "icinga-filter" },
        allowDynamicCode: false,
        secrets: [],
      },
    };

    test("a reference to a secret stays; a value of an event cannot be one", () => {
      const matcher = matcherOf(
        rules({ name: "r", actions: [{ id: "pager", payload: { k: { secret: "key" }, v: "${event.payload.v}" } }] }),
        catalog,
      );
      expect(matcher.match(event({ v: { secret: "unknown" } }))[0]!.actions[0]!.payload).toEqual({
        k: { secret: "key" },
        v: { secret: "unknown" },
      });
      expect(matcher.match(event({ v: [{ deep: { secret: "key" } }] }))).toMatchObject([
        {
          status: "partially_matched",
          message: "action pager: the value of ${event.payload.v} at payload.v looks like a reference to a secret",
        },
      ]);
    });

    test("code is escaped where the executor declares it, and missing values fail", () => {
      const matcher = matcherOf(
        rules({
          name: "r",
          actions: [
            {
              id: "icinga2",
              payload: { p: { filter: 'host.name == "${event.payload.h}"', x: '"${event.payload.h}"' } },
            },
          ],
        }),
        catalog,
      );
      expect(matcher.match(event({ h: 'a"b' }))[0]!.actions[0]!.payload).toEqual({
        p: { filter: 'host.name == "a\\"b"', x: '"a"b"' },
      });
      expect(matcher.match(event({}))).toMatchObject([
        { status: "partially_matched", message: "action icinga2: ${event.payload.h} is missing at payload.p.filter" },
      ]);
    });
  });

  describe("nodes", () => {
    const iterator = (more: JsonObject = {}): Json => ({
      type: "iterator",
      name: "i",
      target: "${event.payload.l}",
      nodes: [
        rules(
          {
            name: "r",
            continue: false,
            actions: [log({ at: "${event.iterator.iteration}", item: "${event.iterator.item}", id: "${event.id}" })],
          },
          { name: "never", actions: [] },
        ),
      ],
      ...more,
    });
    const iterated = (payload: JsonObject): unknown => {
      const { trace, matches } = matcherOf(iterator()).trace(event(payload));
      if (trace.type !== "iterator") return expect.fail("no iterator");
      return [
        trace.status,
        ...matches.map(({ iteration, actions }) => [iteration, actions[0]!.payload["at"], actions[0]!.payload["item"]]),
      ];
    };

    test.each<[JsonObject, unknown]>([
      [{ l: ["a", null] }, ["matched", [0, 0, "a"], [1, 1, null]]],
      [
        { l: { b: 1, "10": 2, "9": 3, é: 4, Z: 5 } },
        ["matched", ["10", "10", 2], ["9", "9", 3], ["Z", "Z", 5], ["b", "b", 1], ["é", "é", 4]],
      ],
      [{ l: [] }, ["matched"]],
      [{ l: {} }, ["matched"]],
      [{}, ["accessor_error"]],
      [{ l: null }, ["type_error"]],
      [{ l: "text" }, ["type_error"]],
      [{ l: 5 }, ["type_error"]],
    ])("an iterator over %j", (payload, expected) => {
      expect(iterated(payload)).toEqual(expected);
    });

    test("continue: false stops within one iteration only", () => {
      const { trace } = matcherOf(iterator()).trace(event({ l: [1, 2] }));
      if (trace.type !== "iterator") return expect.fail("no iterator");
      expect(trace.iterations.map(({ nodes }) => statuses(nodes[0]!))).toEqual([
        ["r: matched", "never: not_processed"],
        ["r: matched", "never: not_processed"],
      ]);
    });

    test("the whole event can be iterated, and holds the iterator below it", () => {
      const { matches } = matcherOf(iterator({ target: "${event}" })).trace(event({ x: 1 }));
      expect(matches.map(({ iteration }) => iteration)).toEqual([
        "created_ms",
        "metadata",
        "payload",
        "trace_id",
        "type",
      ]);
      const inside = matcherOf(iterator({ nodes: [rules({ name: "r", actions: [log({ e: "${event}" })] })] })).match(
        event({ l: [7] }),
      );
      expect(inside[0]!.actions[0]!.payload).toEqual({
        e: {
          type: "t",
          created_ms: 5,
          payload: { l: [7] },
          metadata: {},
          trace_id: null,
          iterator: { iteration: 0, item: 7 },
        },
      });
    });

    test("inactive nodes are passed over", () => {
      const off = { active: false };
      const { trace, matches } = matcherOf({
        type: "filter",
        name: "top",
        nodes: [
          { type: "filter", name: "f", nodes: [rules({ name: "r", actions: [] })], ...off },
          iterator(off),
          {
            type: "filter",
            name: "no",
            filter: { type: "equals", first: "${event.type}", second: "x" },
            nodes: [rules({ name: "r", actions: [] })],
          },
        ],
      }).trace(event({}));
      expect(matches).toEqual([]);
      expect(trace).toEqual({
        type: "filter",
        name: "top",
        status: "matched",
        nodes: [
          { type: "filter", name: "f", status: "inactive", nodes: [] },
          { type: "iterator", name: "i", status: "inactive", iterations: [] },
          { type: "filter", name: "no", status: "not_matched", nodes: [] },
        ],
      });
    });
  });
});
