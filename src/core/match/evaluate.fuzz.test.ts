import * as fc from "fast-check";
import { expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import type { Json } from "../json.ts";
import { operatorTypes } from "../operator/list.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import { evaluator } from "./evaluate.ts";

const KEYS = ["a", "b", "__proto__", "constructor", "0", ""];
const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -0, 1, 1.5, 9007199254740993n, "", "a", "A", "1", "${event.type}"),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 3 }),
  ),
}));
const path = fc.array(fc.constantFrom("a", "b", '"__proto__"', "constructor", "[0]", "0"), { maxLength: 3 });
const template = fc.oneof(
  path.map((keys) => `\${${["event.payload", ...keys].join(".")}}`),
  path.map((keys) => `<\${${["event.payload", ...keys].join(".")} ?? 'x'}>`),
  fc.constantFrom("${event}", "${_variables.r.v}", "${event.payload.a | lower ?? event.payload}", "plain"),
);
const operand = fc.oneof(template, value);
const { operator } = fc.letrec<{ operator: Json }>((tie) => ({
  operator: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      type: fc.constantFrom(
        ...operatorTypes.map(({ name }) => name).filter((name) => !["AND", "OR", "NOT", "regex"].includes(name)),
      ),
      first: operand,
      second: operand,
    }),
    fc.record({ type: fc.constant("regex"), regex: fc.constantFrom("a+", "^.$", "(a|b)*", ""), target: template }),
    fc.record({ type: fc.constantFrom("AND", "OR"), operators: fc.array(tie("operator"), { maxLength: 3 }) }),
    fc.record({ type: fc.constant("NOT"), operator: tie("operator") }),
  ),
}));
const modifier = fc.constantFrom<Json>(
  { type: "Lowercase" },
  { type: "Trim" },
  { type: "ToNumber" },
  { type: "Map", mapping: { a: "b" } },
  { type: "ReplaceAll", find: "a*", replace: "${event.type}", is_regex: true },
  { type: "DateAndTime", timezone: "Europe/Rome" },
);
const extractor = fc.record({
  from: template,
  regex: fc.constantFrom<Json>(
    { match: "(a)?(.*)" },
    { match: "\\w", group_match_idx: 0, all_matches: true },
    { named_match: "(?P<n>.)" },
    { single_key_match: "^a" },
  ),
  modifiers_post: fc.array(modifier, { maxLength: 2 }),
});
const rule = fc.record({
  name: fc.constantFrom("r", "s", "__proto__"),
  continue: fc.boolean(),
  constraint: fc.record({
    WHERE: operator,
    WITH: fc.dictionary(fc.constantFrom("v", "__proto__"), extractor, { maxKeys: 2 }),
  }),
  actions: fc.array(
    fc.record({
      id: fc.constant("logger"),
      payload: fc.dictionary(fc.constantFrom(...KEYS), operand, { maxKeys: 2 }),
      when: operator,
    }),
    { maxLength: 2 },
  ),
});
const tree = fc.record({
  type: fc.constant("iterator"),
  name: fc.constant("i"),
  target: path.map((keys) => `\${${["event.payload", ...keys].join(".")}}`),
  nodes: fc.array(rule, { maxLength: 3 }).map((rules) => [{ type: "ruleset", name: "rs", rules }]),
});

test("no event makes a tree throw, and match and trace agree", () => {
  let compiled = 0;
  fc.assert(
    fc.property(
      tree,
      fc.array(fc.dictionary(fc.constantFrom(...KEYS), value), { minLength: 1, maxLength: 3 }),
      (document, payloads) => {
        const issues: Issue[] = [];
        const result = compileSingleTree(
          { file: "t", stem: "t", value: document as unknown as Json, issues: issueSink(issues) },
          { actions: null, regex: DEFAULT_REGEX_LIMITS },
        );
        expect(result === null).toBe(issues.some(({ severity }) => severity === "error"));
        if (result === null) return;
        compiled++;
        const matcher = evaluator(result);
        for (const payload of payloads) {
          const event: Event = { id: "e", type: "t", created_ms: 0, payload, metadata: {}, trace_id: null };
          expect(matcher.match(event)).toEqual(matcher.trace(event).matches);
        }
      },
    ),
    { numRuns: 800 },
  );
  expect(compiled).toBeGreaterThan(300);
});

test("no document makes the loader throw", () => {
  const words = fc.constantFrom(
    "type",
    "name",
    "nodes",
    "rules",
    "filter",
    "ruleset",
    "iterator",
    "target",
    "constraint",
    "WHERE",
    "WITH",
    "actions",
    "payload",
    "id",
    "first",
    "regex",
    "from",
    "active",
  );
  const { document } = fc.letrec<{ document: Json }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 6 },
      scalar,
      words,
      fc.array(tie("document"), { maxLength: 3 }),
      fc.dictionary(words, tie("document"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(document, (value) => {
      const issues: Issue[] = [];
      const result = compileSingleTree(
        { file: "t", stem: "t", value, issues: issueSink(issues) },
        { actions: {}, regex: DEFAULT_REGEX_LIMITS },
      );
      expect(result === null).toBe(issues.some(({ severity }) => severity === "error"));
    }),
    { numRuns: 1000 },
  );
});
