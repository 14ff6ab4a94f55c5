/** Every form of extractor, and every modifier, on every kind of value: tornado.md 5.2 and 5.4 in full. */
import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import { compileModifier } from "../modifier/compile-modifier.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileExtractor } from "./compile-extractor.ts";

const FAILS = Symbol("fails");
type Outcome = Json | typeof FAILS;

const KINDS: readonly (readonly [string, Json | undefined])[] = [
  ["missing", undefined],
  ["null", null],
  ["a boolean", true],
  ["a number", 5],
  ["a string", "a5 b6"],
  ["a string without a match", "none"],
  ["the empty string", ""],
  ["an array", ["a5"]],
  ["an object", { a5: [1] }],
  ["an object with two such keys", { a5: 1, b6: 2 }],
];

const options = { roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS };

/** What each form takes out of a string, and out of an object; it fails on everything else. */
const FORMS: readonly (readonly [string, JsonObject, Outcome, Outcome])[] = [
  ["a group of the first match", { match: "([ab])(\\d)", group_match_idx: 2 }, "5", FAILS],
  ["the whole first match", { match: "([ab])(\\d)", group_match_idx: 0 }, "a5", FAILS],
  ["a group that is not there", { match: "([ab])(\\d)", group_match_idx: 3 }, FAILS, FAILS],
  ["every group of the first match", { match: "([ab])(\\d)" }, ["a5", "a", "5"], FAILS],
  ["a group of every match", { match: "([ab])(\\d)", group_match_idx: 1, all_matches: true }, ["a", "b"], FAILS],
  [
    "every group of every match",
    { match: "([ab])\\d", all_matches: true },
    [
      ["a5", "a"],
      ["b6", "b"],
    ],
    FAILS,
  ],
  ["the named groups", { named_match: "(?P<l>[ab])(?P<n>\\d)" }, { l: "a", n: "5" }, FAILS],
  [
    "the named groups of every match",
    { named_match: "(?P<n>\\d)", all_matches: true },
    [{ n: "5" }, { n: "6" }],
    FAILS,
  ],
  ["the value under a key", { single_key_match: "^[ab]\\d$" }, FAILS, [1]],
];

describe("tornado.md 5.2: forms of extractors", () => {
  describe.each(FORMS)("%s", (_form, regex, ofString, ofObject) => {
    test.each(KINDS)("of %s", (kind, source) => {
      const issues: Issue[] = [];
      const document: JsonObject = { from: "${event.payload.x}", regex };
      const extractor = compileExtractor("v", document, options, issueSink(issues));
      expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
      const expected = kind === "a string" ? ofString : kind === "an object" ? ofObject : FAILS;
      const payload = source === undefined ? {} : { x: source };
      const taken = extractor!.extract({ event: { payload } });
      expect(taken.ok ? taken.value : FAILS).toEqual(expected);
    });
  });
});

/** What each modifier makes of a string, the empty string and a number; it fails on everything else. */
const MODIFIERS: readonly (readonly [JsonObject, Outcome, Outcome, Outcome])[] = [
  [{ type: "Lowercase" }, "a5 b6", "", FAILS],
  [{ type: "Trim" }, "a5 b6", "", FAILS],
  [{ type: "ToNumber" }, FAILS, FAILS, 5],
  [{ type: "Map", mapping: { "a5 b6": "m" } }, "m", FAILS, FAILS],
  [{ type: "Map", mapping: {}, default_value: "d" }, "d", "d", FAILS],
  [{ type: "ReplaceAll", find: "5", replace: "x" }, "ax b6", "", FAILS],
  [{ type: "ReplaceAll", find: "\\d", replace: "<$0>", is_regex: true }, "a<5> b<6>", "", FAILS],
  [{ type: "DateAndTime", timezone: "UTC" }, FAILS, FAILS, "1970-01-01 00:00:05+00:00"],
];

describe("tornado.md 5.4: modifiers", () => {
  const kinds = KINDS.filter(([kind]) => kind !== "missing" && !/without|two/.test(kind)) as readonly (readonly [
    string,
    Json,
  ])[]; // the missing one is left out
  describe.each(MODIFIERS)("%j", (document, ofString, ofEmpty, ofNumber) => {
    test.each(kinds)("of %s", (kind, value) => {
      const modifier = compileModifier(document, { ...options, issues: issueSink([]) });
      const known: Readonly<Record<string, Outcome>> = {
        "a string": ofString,
        "the empty string": ofEmpty,
        "a number": ofNumber,
      };
      const made = modifier!.apply(value, { event: {} });
      expect(made.ok ? made.value : FAILS).toEqual(Object.hasOwn(known, kind) ? known[kind] : FAILS);
    });
  });
});
