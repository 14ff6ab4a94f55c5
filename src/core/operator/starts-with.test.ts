import { describe, expect, test } from "vitest";
import { describeOperator, MISSING, refusal, truthOf, truthOfWritten } from "../../../test/kit/describe-operator.ts";
import { startsWith, startsWithIgnoreCase } from "./starts-with.ts";

describe("rule-language.md, Operators: startsWith", () => {
  /** rule-language.md, Operators: startsWith (+ IgnoreCase), of strings only. */
  describeOperator(startsWith);
  describeOperator(startsWithIgnoreCase);
  truthOfWritten(startsWith, [
    ["web-01", "web-", true],
    ["web-01", "eb", false],
    ["web-01", "WEB", false],
    ["web-01", "", true],
    ["web-01", ["db-", "web-"], true],
    ["web-01", ["db-"], false],
    ["web-01", [], false],
    ["${x}", "${x", true],
    [12, "1", false],
    [["web-"], "web-", false],
    [{ "web-": 1 }, "web-", false],
    [MISSING, "", false],
  ]);
  truthOf(startsWith, [
    ["5", 5, false],
    ["a", MISSING, false],
    ["null", null, false],
  ]);
  truthOfWritten(startsWithIgnoreCase, [
    ["WEB-01", "web-", true],
    ["web-01", ["DB-", "WEB-"], true],
    ["Übung", "ÜB", true],
    ["web", "db", false],
    [MISSING, "a", false],
  ]);

  test.each([5, null, true, {}])("%j is no prefix", (second) => {
    expect(refusal({ type: "startsWith", first: "${event.a}", second })).toEqual([
      ["second", "wrong-type", expect.stringMatching(/ where a string or a list is expected$/)],
    ]);
  });
});
