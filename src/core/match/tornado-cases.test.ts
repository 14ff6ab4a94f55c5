import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import { isArray, isObject, member, parseJson, type Json, type JsonObject } from "../json.ts";
import { equalValues } from "../operator/compare.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import type { CompiledTree } from "../tree/compiled-tree.ts";
import { compileMatcher } from "./compile.ts";
import { evaluator } from "./evaluate.ts";
import type { TraceNode } from "./matcher.ts";

interface Deviation {
  /** Of the rule language's list of deviations; 0: an addition to the grammar. */
  readonly number: number;
  /** We refuse the configuration. */
  readonly refused?: true;
  /** We load what Tornado refuses. */
  readonly loads?: true;
  /** Rules that we refuse and that are taken out before the comparison. */
  readonly without?: readonly string[];
  /** Statuses of ours that differ. */
  readonly rules?: Readonly<Record<string, string>>;
  readonly iterators?: JsonObject;
}

const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  "number/neg_one__neg_one_f": {
    number: 1,
    rules: { contains: "Matched", eq_array: "Matched", eq_object: "Matched", equals: "Matched", ne: "NotMatched" },
  },
  "accessor/values": { number: 6, without: ["unquoted_space"] },
  "iterator/inactive": { number: 4, iterators: { "root/loop": { status: "Inactive", iterations: 0 } } },
  "config_bad/rule_without_active": { number: 3, loads: true },
  "config_shape/action_as_array": { number: 11, refused: true },
  "accessor_edge/multiple_braces": { number: 0, loads: true },
};

interface Case {
  readonly name: string;
  readonly config: Json;
  readonly event: Json;
  readonly eventText: string | undefined;
  readonly expected: JsonObject;
}

const cases: Case[] = readFileSync(new URL("../../../test/fixtures/tornado/cases.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => {
    const read = object(json(line));
    return {
      name: String(read["name"]),
      config: read["config"]!,
      event: read["event"]!,
      eventText: read["event_text"] as string | undefined, // a string where present
      expected: object(read["expected"]),
    };
  });

function json(text: string): Json {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function object(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new Error("an object was expected");
  return value;
}

function load(config: JsonObject): CompiledTree | null {
  const issues: Issue[] = [];
  const value = { type: "filter", name: "root", filter: {}, nodes: config["nodes"]! };
  const document = { file: "tree.json", stem: "tree", value, issues: issueSink(issues) };
  const tree = compileSingleTree(document, { actions: null, regex: DEFAULT_REGEX_LIMITS });
  expect(issues.some(({ severity }) => severity === "error")).toBe(tree === null);
  return tree;
}

function readEvent({ event, eventText }: Case): Event | null {
  const text = eventText ?? (isObject(event) ? member(event, "__text__") : undefined);
  const parsed = typeof text === "string" ? parseJson(text) : { ok: true as const, value: event };
  if (!parsed.ok || !isEvent(parsed.value)) return null;
  const { type, created_ms, payload, metadata, trace_id } = parsed.value;
  return {
    id: "case",
    type: String(type),
    created_ms: Number(created_ms),
    payload: object(payload),
    metadata: object(metadata ?? {}),
    trace_id: typeof trace_id === "string" ? trace_id : null,
  };
}

function isEvent(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const { type, created_ms, payload, metadata } = value;
  return (
    typeof type === "string" &&
    typeof created_ms === "number" &&
    Number.isInteger(created_ms) &&
    created_ms >= 0 &&
    isObject(payload) &&
    (metadata === undefined || isObject(metadata))
  );
}

const STATUS: Readonly<Record<string, string>> = {
  matched: "Matched",
  not_matched: "NotMatched",
  partially_matched: "PartiallyMatched",
  inactive: "Inactive",
  accessor_error: "AccessorError",
  type_error: "TypeError",
};

interface Answer {
  filters: Record<string, Json>;
  iterators: Record<string, Json>;
  rules: Record<string, JsonObject>;
  order: string[];
  dispatched: [string, string][];
}

/** A trace in the shape of Tornado's answer. */
function collect(node: TraceNode, path: string, out: Answer): Answer {
  if (node.type === "filter") {
    out.filters[path] = STATUS[node.status]!;
    for (const child of node.nodes) collect(child, `${path}/${child.name}`, out);
  } else if (node.type === "iterator") {
    out.iterators[path] = { status: STATUS[node.status]!, iterations: node.iterations.length };
    for (const { iteration, nodes } of node.iterations)
      for (const child of nodes) collect(child, `${path}#${iteration}/${child.name}`, out);
  } else {
    for (const { name, status, extracted = {}, actions = [] } of node.rules) {
      if (status === "inactive" || status === "not_processed") continue;
      const rule = `${path}/${name}`;
      out.order.push(rule);
      out.rules[rule] = {
        status: STATUS[status]!,
        extracted: Object.keys(extracted).length > 0 ? extracted : null,
        actions: actions.map(({ id, payload }) => ({ id, payload })),
      };
      for (const { id } of actions) out.dispatched.push([rule, id]);
    }
  }
  return out;
}

/** Tornado's rules with our deviations. It lists the actions of a partial match that it rendered but does not dispatch. */
function expectedRules(
  expected: JsonObject,
  { rules = {}, without = [] }: Partial<Deviation>,
): Record<string, JsonObject> {
  const adjusted: Record<string, JsonObject> = {};
  for (const [path, value] of Object.entries(object(expected["rules"]))) {
    const name = path.split("/").at(-1)!;
    if (without.includes(name)) continue;
    const { status, extracted, actions } = object(value);
    adjusted[path] = {
      status: Object.hasOwn(rules, name) ? rules[name]! : status!,
      extracted: extracted!,
      actions: status === "PartiallyMatched" ? [] : actions!,
    };
  }
  return adjusted;
}

/** The configuration without some of its rules; only rulesets at the top have any taken out. */
function withoutRules(config: JsonObject, names: readonly string[]): JsonObject {
  const nodes = (config["nodes"] as readonly JsonObject[]).map((node) => ({
    ...node,
    ...(isArray(node["rules"])
      ? { rules: node["rules"].filter((rule) => !names.includes(String(object(rule)["name"]))) }
      : {}),
  }));
  return { nodes };
}

const normal = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)));

describe("tornado.md 11 and 16", () => {
  describe("cases answered by Tornado's matcher", () => {
    test.each(cases)("$name", (one) => {
      const deviation: Partial<Deviation> = DEVIATIONS[one.name] ?? {};
      const { error } = one.expected;
      const config = object(one.config);
      if (deviation.without) expect(load(config)).toBeNull();
      const tree = load(deviation.without ? withoutRules(config, deviation.without) : config);
      const event = readEvent(one);
      if (deviation.refused) return void expect(tree).toBeNull();
      if (isObject(error)) {
        const refused = error["stage"] === "event" ? event : tree;
        return void (deviation.loads ? expect(refused).not.toBeNull() : expect(refused).toBeNull());
      }
      if (tree === null || event === null) return expect.fail("refused");
      const { trace, matches } = evaluator(tree).trace(event);
      expect(evaluator(tree).match(event)).toEqual(matches);
      expect(compileMatcher(tree).match(event)).toEqual(matches);
      const got = collect(trace, "root", { filters: {}, iterators: {}, rules: {}, order: [], dispatched: [] });
      const without = (path: Json): boolean => !deviation.without?.includes(String(path).split("/").at(-1)!);
      expect(got.filters).toEqual(one.expected["filters"]);
      expect(got.iterators).toEqual(deviation.iterators ?? one.expected["iterators"]);
      expect(got.order).toEqual((one.expected["order"] as string[]).filter(without));
      expect(got.dispatched).toEqual((one.expected["dispatched"] as string[][]).filter(([path]) => without(path!)));
      const want = expectedRules(one.expected, deviation);
      expect(Object.keys(got.rules)).toEqual(got.order);
      for (const [path, rule] of Object.entries(want))
        expect(
          equalValues(got.rules[path], rule),
          `${path}: ${JSON.stringify([normal(got.rules[path]), normal(rule)])}`,
        ).toBe(true);
    });

    test("every deviation names a case", () => {
      const names = cases.map(({ name }) => name);
      expect(Object.keys(DEVIATIONS).filter((name) => !names.includes(name))).toEqual([]);
    });
  });
});
