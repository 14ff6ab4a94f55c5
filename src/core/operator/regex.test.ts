import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator } from "../../../test/kit/describe-operator.ts";
import type { Json } from "../json.ts";
import { regex } from "./regex.ts";

describe("tornado.md 3.3 and 3.4: regex", () => {
  describeOperator(regex);

  describe("regex", () => {
    test.each<[string, Json | undefined, boolean]>([
      ["b+", "abbc", true],
      ["^b", "ab", false],
      ["5", 5, false],
      ["null", null, false],
      ["a", ["a"], false],
      ["a", undefined, false],
      ["", "", true],
      ["^a.c$", "a\rc", true],
      ["c$", "abc\n", false],
    ])("%s in %j is %s", (pattern, value, expected) => {
      const { operator } = compileForTest({ type: "regex", regex: pattern, target: "${event.a}" });
      expect(operator!.evaluate({ event: value === undefined ? {} : { a: value } })).toBe(expected);
    });

    test.each<[Json, string]>([
      [{ type: "regex", regex: "[a", target: "${event.type}" }, "bad-regex"],
      [{ type: "regex", regex: "${event.type}", target: "${event.type}" }, "bad-regex"],
      [{ type: "regex", regex: "a", target: "${events.type}" }, "unknown-root"],
      [{ type: "regex", regex: "a", target: 5 }, "wrong-type"],
      [{ type: "regex", regex: null, target: "a" }, "wrong-type"],
    ])("%j is refused: %s", (document, code) => {
      const { operator, issues } = compileForTest(document);
      expect(operator).toBeNull();
      expect(issues.map((issue) => issue.code)).toEqual([code]);
    });
  });
});
