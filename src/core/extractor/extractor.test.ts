import { describe, expect, test } from "vitest";
import { issueSink, type Issue } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import { DEFAULT_REGEX_LIMITS } from "../regex/regex.ts";
import { compileExtractor } from "./compile-extractor.ts";
import { regexForms } from "./list.ts";

function compile(document: Json) {
  const issues: Issue[] = [];
  const options = { roots: ["event", "_variables"], regex: DEFAULT_REGEX_LIMITS };
  return { extractor: compileExtractor("v", document, options, issueSink(issues)), issues };
}

function extract(regex: JsonObject, source: Json | undefined, modifiers: readonly JsonObject[] = []): unknown {
  const { extractor } = compile({ from: "${event.s}", regex, modifiers_post: modifiers });
  const got = extractor!.extract({ event: source === undefined ? {} : { s: source }, _variables: {} });
  return got.ok ? got.value : { fails: got.error };
}

describe("tornado.md 5.1 to 5.3 and 16.20: WITH", () => {
  /** tornado.md 5.2 */
  describe("results", () => {
    test.each<[JsonObject, Json | undefined, unknown]>([
      [{ match: "(\\d+)-(\\w+)", group_match_idx: 1 }, "a 12-b 34-c", "12"],
      [{ match: "(\\d+)-(\\w+)", group_match_idx: 0 }, "a 12-b 34-c", "12-b"],
      [{ match: "(\\d+)-(\\w+)", group_match_idx: 2, all_matches: true }, "12-b 34-c", ["b", "c"]],
      [{ match: "(\\d+)-(\\w+)" }, "12-b 34-c", ["12-b", "12", "b"]],
      [{ match: "(\\d+)-(\\w+)", group_match_idx: null, all_matches: null }, "12-b", ["12-b", "12", "b"]],
      [
        { match: "(\\d+)-(\\w+)", all_matches: true },
        "12-b 34-c",
        [
          ["12-b", "12", "b"],
          ["34-c", "34", "c"],
        ],
      ],
      [{ match: "(a)?b", group_match_idx: 0 }, "b", "b"],
      [{ match: "a*", group_match_idx: 0, all_matches: true }, "baac", ["", "aa", ""]],
      [{ match: "", group_match_idx: 0 }, "", ""],
      [{ named_match: "(?P<n>\\d+)-(\\w)(?<w>\\w*)" }, "12-bc", { n: "12", w: "c" }],
      [{ named_match: "(?P<n>\\d+)", all_matches: true }, "1 2", [{ n: "1" }, { n: "2" }]],
      [{ single_key_match: "^if\\d+$" }, { if1: [5, null], other: 1 }, [5, null]],
      [{ single_key_match: "x" }, { x: null }, null],
      // failures
      [{ match: "z", group_match_idx: 0 }, undefined, { fails: "${event.s} is missing" }],
      [{ match: "5", group_match_idx: 0 }, 5, { fails: "a pattern searches strings only, found the number 5" }],
      [{ match: "z", group_match_idx: 0 }, "abc", { fails: 'the pattern z does not match the string "abc"' }],
      [{ match: "z", all_matches: true }, "abc", { fails: 'the pattern z does not match the string "abc"' }],
      [{ match: "(a)?b", group_match_idx: 1 }, "b", { fails: "group 1 took no part in the match" }],
      [{ match: "(a)?b" }, "b", { fails: "group 1 took no part in the match" }],
      [
        { match: "(a)?b", group_match_idx: 1, all_matches: true },
        "ab b",
        { fails: "group 1 took no part in the match" },
      ],
      [{ named_match: "(?P<n>a)?b" }, "b", { fails: "the group n took no part in the match" }],
      [{ single_key_match: "^if" }, { if1: 1, if2: 2 }, { fails: "the pattern ^if matches 2 keys instead of one" }],
      [{ single_key_match: "^if" }, {}, { fails: "the pattern ^if matches no keys instead of one" }],
      [{ single_key_match: "^if" }, "if1", { fails: 'single_key_match searches objects only, found the string "if1"' }],
      [{ single_key_match: "^if" }, ["if1"], { fails: "single_key_match searches objects only, found an array" }],
    ])("%j on %j", (regex, source, expected) => {
      expect(extract(regex, source)).toEqual(expected);
    });

    test("modifiers apply in order; the first failure fails", () => {
      const modifiers = [{ type: "Trim" }, { type: "ToNumber" }];
      expect(extract({ match: ".*", group_match_idx: 0 }, " 5 ", modifiers)).toBe(5);
      expect(extract({ match: ".*", group_match_idx: 0 }, " 5 ", modifiers.toReversed())).toMatchObject({
        fails: expect.stringContaining("ToNumber") as unknown,
      });
      expect(extract({ match: "(.)" }, "a", [{ type: "Lowercase" }])).toEqual({
        fails: "Lowercase takes a string, found an array",
      });
    });

    test("names of groups may be __proto__", () => {
      const groups = extract({ named_match: "(?P<__proto__>a)" }, "a");
      expect(Object.keys(groups as object)).toEqual(["__proto__"]);
    });

    test("from is any text, and one that belongs to foreach is searched as it is", () => {
      for (const [from, expected] of [
        ["const 5", "5"],
        ["${item.5}", "5"],
        ["<${event.type}-7>", "7"],
      ] as const) {
        const { extractor } = compile({ from, regex: { match: "\\d+", group_match_idx: 0 } });
        expect(extractor!.extract({ event: { type: "t" } })).toEqual({ ok: true, value: expected });
      }
    });
  });

  describe("refused", () => {
    const from = "${event.s}";
    test.each<[Json, string, string]>([
      [{ from, regex: { match: "[a" } }, "regex.match", "bad-regex"],
      [{ from, regex: { named_match: "(a)" } }, "regex.named_match", "no-named-group"],
      [{ from, regex: { match: "a", named_match: "a" } }, "regex", "too-many-keys"],
      [{ from, regex: { match: "a", group_match_idx: -1 } }, "regex.group_match_idx", "wrong-type"],
      [{ from, regex: { match: "a", group_match_idx: "1" } }, "regex.group_match_idx", "wrong-type"],
      [{ from, regex: { match: "a", all_matches: 1 } }, "regex.all_matches", "wrong-type"],
      [{ from, regex: { match: 5 } }, "regex.match", "wrong-type"],
      [{ from, regex: { type: "Regex", match: "a" } }, "regex.type", "unknown-key"],
      [{ from, regex: { single_key_match: "a", all_matches: true } }, "regex.all_matches", "unknown-key"],
      [{ from, regex: {} }, "regex", "missing-key"],
      [{ from, regex: { mach: "a" } }, "regex", "missing-key"],
      [{ from, regex: "a" }, "regex", "wrong-type"],
      [{ from }, "", "missing-key"],
      [{ regex: { match: "a" } }, "", "missing-key"],
      [{ from: 5, regex: { match: "a" } }, "from", "wrong-type"],
      [{ from: "${evnt.s}", regex: { match: "a" } }, "from", "unknown-root"],
      [{ from, regex: { match: "a" }, modifiers_post: null }, "modifiers_post", "wrong-type"],
      [{ from, regex: { match: "a" }, modifiers_post: [{ type: "Trm" }] }, "modifiers_post.0.type", "unknown-modifier"],
      [{ from, regex: { match: "a" }, modifier: [] }, "modifier", "unknown-key"],
      [[from, { match: "a" }], "", "wrong-type"],
    ])("%j", (document, path, code) => {
      const { issues } = compile(document);
      expect(issues[0]).toMatchObject({ severity: "error", code });
      expect(issues[0]!.path.join(".")).toBe(path);
    });

    test.each<[JsonObject, string]>([
      [{ match: "(a)", group_match_idx: 2 }, "no-such-group"],
      [{ match: "(?P<n>a)", group_match_idx: 1 }, "named-groups"],
    ])("%j only warns", (regex, code) => {
      const { extractor, issues } = compile({ from, regex });
      expect(extractor).not.toBeNull();
      expect(issues).toMatchObject([{ severity: "warning", code }]);
    });
  });

  test.each(regexForms)("the example of $key compiles", ({ example, summary }) => {
    expect(compile({ from: "${event.s}", regex: example })).toMatchObject({ issues: [] });
    expect(summary).toMatch(/^[A-Z].*\.$/s);
  });
});
