import { describe, expect, test } from "vitest";
import { describeOperator, MISSING, refusal, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { containsAny, containsAnyIgnoreCase } from "./contains-any.ts";

describe("rule-language.md, Operators: containsAny", () => {
  /** rule-language.md, Operators: containsAny (+ IgnoreCase). */
  describeOperator(containsAny);
  describeOperator(containsAnyIgnoreCase);
  truthOfWritten(containsAny, [
    ["login failed", ["error", "failed"], true],
    ["login failed", ["FAILED"], false],
    ["login", ["error", "failed"], false],
    ["login", [""], true],
    ["login", [], false],
    ["${event.type}", ["${event.type}"], true],
    [5, ["5"], false],
    [null, ["null"], false],
    [["failed"], ["failed"], false],
    [{ failed: 1 }, ["failed"], false],
    [MISSING, ["a"], false],
  ]);
  truthOf(containsAny, [
    ["abc", "b", false],
    ["abc", ["b", 5], false],
    ["abc", MISSING, false],
    [MISSING, MISSING, false],
  ]);
  truthOfWritten(containsAnyIgnoreCase, [
    ["Login FAILED", ["error", "Failed"], true],
    ["ÉTÉ", ["té"], true],
    ["STRASSE", ["ß"], false],
    ["login", ["error"], false],
    [["failed"], ["FAILED"], false],
    [MISSING, ["a"], false],
  ]);

  test.each([
    ["abc", [["second", "wrong-type", 'the string "abc" where a list is expected']]],
    [{ file: "x" }, [["second", "wrong-type", "an object where a list is expected"]]],
    [["a", 5, null], [["second.1", "wrong-type", "the number 5 where a string is expected"], ["second.2", "wrong-type", "null where a string is expected"]]], // prettier-ignore
  ])("a list of %j is refused", (second, expected) => {
    expect(refusal({ type: "containsAny", first: "${event.a}", second })).toEqual(expected);
  });
});
