import { describe, expect, test } from "vitest";
import {
  compileForTest,
  describeOperator,
  MISSING,
  refusal,
  truthOf,
  truthOfWritten,
} from "../../../test/kit/describe-operator.ts";
import { isIn, isInIgnoreCase } from "./in.ts";

describe("rule-language.md, Operators: in", () => {
  /** rule-language.md, Operators: in (+ IgnoreCase). */
  describeOperator(isIn);
  describeOperator(isInIgnoreCase);
  truthOfWritten(isIn, [
    ["staging", ["production", "staging"], true],
    ["Staging", ["production", "staging"], false],
    ["stag", ["staging"], false],
    [4624, [4624, 4625], true],
    [1, [1.0], true],
    [-0, [0], true],
    [9007199254740993n, [9007199254740992, 9007199254740993n], true],
    [9007199254740993n, [9007199254740992], false],
    ["4624", [4624], false],
    [4624, ["4624"], false],
    [true, [true], true],
    [true, ["true", 1], false],
    [null, [null], true],
    [null, [0, "", false], false],
    [[1, "a"], [[1, "a"]], true],
    [{ a: 1, b: 2 }, [{ b: 2, a: 1 }], true],
    [{ a: 1 }, [{ a: 1, b: 2 }], false],
    ["a", [], false],
    [MISSING, [null, ""], false],
    [MISSING, [], false],
  ]);
  truthOf(isIn, [
    ["a", "abc", false],
    ["a", { a: 1 }, false],
    ["a", MISSING, false],
    [MISSING, MISSING, false],
  ]);
  truthOfWritten(isInIgnoreCase, [
    ["Staging", ["PRODUCTION", "STAGING"], true],
    ["ÉTÉ", ["été"], true],
    ["a", ["b"], false],
    [1, ["A", 1], true],
    [["A"], [["a"]], false],
    [MISSING, ["a"], false],
  ]);

  describe("in, with a list in a file", () => {
    const document = { type: "in", first: "${event.a}", second: { file: "lists/hosts.txt" } };

    test("asks for its lines and takes them as strings", () => {
      const { operator, issues } = compileForTest(document, { readList: (path) => [path, "web", "5"] });
      expect(issues).toEqual([]);
      expect(operator!.operands["second"]).toEqual({ kind: "literal", value: ["lists/hosts.txt", "web", "5"] });
      expect(["web", "5", 5, "db"].map((a) => operator!.evaluate({ event: { a } }))).toEqual([
        true,
        true,
        false,
        false,
      ]);
    });

    test("reports at the file what keeps it from being read", () => {
      const { operator, issues } = compileForTest(document, {
        readList: (path, at) => {
          at.error("list-file", `${path} is gone`);
          return null;
        },
      });
      expect(operator).toBeNull();
      expect(issues).toMatchObject([{ path: ["second", "file"], message: "lists/hosts.txt is gone" }]);
    });

    test.each([
      [{ file: "a.txt" }, [["second.file", "list-file", 'the file "a.txt" cannot be read here']]],
      [{ file: 5 }, [["second.file", "wrong-type", "the number 5 where a string is expected"]]],
      [{}, [["second", "missing-key", 'the key "file" is missing']]],
      ["abc", [["second", "wrong-type", 'the string "abc" where a list is expected']]],
      [null, [["second", "wrong-type", "null where a list is expected"]]],
    ])("%j is refused where no files are read", (second, expected) => {
      expect(refusal({ type: "in", first: "${event.a}", second })).toEqual(expected);
    });
  });
});
