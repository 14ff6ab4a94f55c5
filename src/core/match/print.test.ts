import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileSingleTree } from "../tree/compile-tree.ts";
import { isExpensive } from "./placement.ts";
import { planOf } from "./plan.ts";
import { printPlan } from "./print.ts";

const a = "${event.payload.a}";
const equals = (first: string, second: Json): Json => ({ type: "equals", first, second });
const contains = (second: string): Json => ({ type: "contains", first: a, second });
const regex = (pattern: string): Json => ({ type: "regex", regex: pattern, target: a });
const both = (...operators: readonly Json[]): Json => ({ type: "AND", operators });

function plan(wheres: readonly Json[]) {
  const issues: Issue[] = [];
  const rules = wheres.map((WHERE, at) => ({ name: `r${at}`, constraint: { WHERE }, actions: [] }));
  const value = { type: "ruleset", name: "rs", rules };
  const tree = compileSingleTree(
    { file: "t.json", stem: "t", value, issues: issueSink(issues) },
    { actions: null, regex: DEFAULT_REGEX_LIMITS },
  );
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  return planOf(tree!);
}

const printed = (wheres: readonly Json[]): readonly string[] => printPlan(plan(wheres)).trimEnd().split("\n");

test("rules are told by the keys that lead to them, what every event meets first", () => {
  const id = "${event.payload.id}";
  const lines = printed([
    both(equals(id, 1), contains("x")),
    both(equals(id, 1), { type: "equalsIgnoreCase", first: "${event.type}", second: "T" }),
    equals(id, "a"),
    { type: "in", first: id, second: ["a", 2] },
    { type: "NOT", operator: contains("y") },
  ]);
  expect(lines).toEqual([
    "ruleset rs: 5 rules",
    "  for every event",
    "    r4: tested always, about 40 ns: a negation names nothing that must be there",
    "  event.payload.id = 1",
    "    r0: tested always, about 40 ns: so few rules are tested one by one",
    "    r1: tested always, about 12 ns: so few rules are tested one by one",
    '  event.payload.id = "a"',
    "    r2: tested always, about 0 ns: nothing else is asked",
    "    r3: tested always, about 0 ns: nothing else is asked",
    "  event.payload.id = 2",
    "    r3: tested always, about 0 ns: nothing else is asked",
  ]);
});

/** So many that texts are looked for all at once. */
const crowd = Array.from({ length: 60 }, (_, at) => contains(`needle${at}`));

test.each<[string, Json, string]>([
  ["contains", contains("somewhere"), 'event.payload.a contains "somewhere"'],
  [
    "lower case",
    { type: "endsWithIgnoreCase", first: a, second: "\\CMD.exe" },
    'event.payload.a ends with "\\\\cmd.exe"',
  ],
  ["beyond ASCII", contains("日本"), "event.payload.a holds a character beyond ASCII"],
  [
    "one of many",
    { type: "containsAny", first: a, second: ["alphabetic", "bravissimo", "charlatans", "delightful", "echolocate"] },
    'event.payload.a contains "alphabetic" or event.payload.a contains "bravissimo" or event.payload.a contains "charlatans" or event.payload.a contains "delightful" or 1 more',
  ],
  ["a regex by what it holds", regex("\\d+error-\\d"), 'event.payload.a contains "error-"'],
  ["a regex without", regex("\\d+"), "tested always, about 400 ns: no text is in all that the regex \\d+ matches"],
  [
    "an OR with one branch without",
    {
      type: "OR",
      operators: [contains("somewhere"), { type: "exists", target: "${event.payload.b}" }, regex("[a-z]")],
    },
    "tested always, about 445 ns: a branch of an OR has no text: an operator that names no text",
  ],
  [
    "an operator without text",
    { type: "jsonLogic", logic: { var: "event.type" } },
    "tested always, about 200 ns: an operator that names no text",
  ],
  [
    "a variable",
    { type: "contains", first: "${_variables.r0.v ?? 'x'}", second: "somewhere" },
    "tested always, about 40 ns: variables are not known before",
  ],
])("among many: %s", (_, where, expected) => {
  expect(printed([...crowd, where])).toContain(`    r60: ${expected}`);
});

describe("expensive is", () => {
  test.each<[string, Json, boolean]>([
    ["a regex without a text", regex("\\d+"), true],
    ["JsonLogic", { type: "jsonLogic", logic: { var: "event.type" } }, true],
    ["one behind a cheap test", both({ type: "exists", target: a }, regex("\\d+")), false],
    ["a regex with a text", regex("error \\d+"), false],
    ["a negation", { type: "NOT", operator: contains("y") }, false],
  ])("%s", (_, where, expected) => {
    const places = plan([where, ...crowd]).flatMap((one) => one.places);
    expect(places.filter(isExpensive).map(({ rule }) => rule.name)).toEqual(expected ? ["r0"] : []);
  });

  test("not what a key leads to", () => {
    const wheres = Array.from({ length: 8 }, (_, at) => both(equals("${event.type}", `t${at}`), regex("\\d+")));
    expect(
      plan(wheres)
        .flatMap((one) => one.places)
        .filter(isExpensive),
    ).toEqual([]);
  });
});
