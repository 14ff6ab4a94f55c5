import { describe, expect, test } from "vitest";
import { compileForTest, describeOperator, refusal } from "../../../test/kit/describe-operator.ts";
import type { Json, JsonObject } from "../json.ts";
import { time } from "./time.ts";

describe("rule-language.md, Operators: time", () => {
  /** rule-language.md, Operators: time. */
  describeOperator(time, ["days", "from", "to", "timezone"]);

  const OFFICE = { days: ["mon-fri"], from: "08:00", to: "18:00" };
  const NIGHT = { days: ["fri"], from: "22:00", to: "06:00" };

  describe("time", () => {
    // 2 March 2026 was a Monday.
    test.each<[JsonObject, string, boolean]>([
      [OFFICE, "2026-03-02T08:00:00.000Z", true],
      [OFFICE, "2026-03-02T07:59:59.999Z", false],
      [OFFICE, "2026-03-02T17:59:59.999Z", true],
      [OFFICE, "2026-03-02T18:00:00.000Z", false],
      [OFFICE, "2026-03-06T12:00:00Z", true],
      [OFFICE, "2026-03-07T12:00:00Z", false],
      [OFFICE, "2026-03-08T12:00:00Z", false],
      [{ ...OFFICE, timezone: "Europe/Rome" }, "2026-03-02T07:00:00Z", true],
      [{ ...OFFICE, timezone: "Europe/Rome" }, "2026-03-02T17:00:00Z", false],
      [{ ...OFFICE, timezone: "Europe/Rome" }, "2026-07-06T06:00:00Z", true],
      [{ ...OFFICE, timezone: "Europe/Rome" }, "2026-07-06T16:00:00Z", false],
      [{ days: ["mon"], timezone: "Pacific/Auckland" }, "2026-03-01T12:00:00Z", true],
      [{ days: ["sun"], timezone: "America/New_York" }, "2026-03-02T04:59:00Z", true],
      [NIGHT, "2026-03-06T21:59:00Z", false],
      [NIGHT, "2026-03-06T22:00:00Z", true],
      [NIGHT, "2026-03-07T05:59:59Z", true],
      [NIGHT, "2026-03-07T06:00:00Z", false],
      [NIGHT, "2026-03-06T05:00:00Z", false],
      [NIGHT, "2026-03-07T23:00:00Z", false],
      [{ days: ["sat"], from: "22:00", to: "06:00" }, "2026-03-08T05:00:00Z", true],
      [{ days: ["fri-mon"] }, "2026-03-05T23:59:59Z", false],
      [{ days: ["fri-mon"] }, "2026-03-06T00:00:00Z", true],
      [{ days: ["fri-mon"] }, "2026-03-02T23:59:59Z", true],
      [{ days: ["fri-mon"] }, "2026-03-03T00:00:00Z", false],
      [{ days: ["Tue", "sat - sun"] }, "2026-03-03T00:00:00Z", true],
      [{ from: "12:00" }, "2026-03-08T23:59:59Z", true],
      [{ from: "12:00" }, "2026-03-08T11:59:59Z", false],
      [{ to: "12:00" }, "2026-03-08T00:00:00Z", true],
      [{ from: "12:00", to: "24:00" }, "2026-03-08T23:59:59Z", true],
      [{ from: "12:00", to: "00:00" }, "2026-03-08T23:59:59Z", true],
      [{ from: "12:00", to: "00:00" }, "2026-03-08T00:00:00Z", false],
      [{ days: ["wed"] }, "1969-12-31T23:59:59Z", true],
      [{}, "2026-03-08T03:00:00Z", true],
    ])("%j at %s: %s", (range, at, expected) => {
      const { operator, issues } = compileForTest({ type: "time", ...range });
      expect(issues).toEqual([]);
      expect(operator!.evaluate({ event: { created_ms: Date.parse(at) } })).toBe(expected);
    });

    test.each<Json>([{}, { created_ms: "2026" }, { created_ms: 1e300 }, { created_ms: 9007199254740993n }, 5])(
      "an event without a time, %o, is outside",
      (event) => {
        const { operator } = compileForTest({ type: "time", timezone: "Europe/Rome" });
        expect(operator!.evaluate({ event })).toBe(false);
      },
    );

    test.each<[JsonObject, string, string]>([
      [{ days: ["monday"] }, "days.0", 'the string "monday" is no day of the week'],
      [{ days: ["mon", 5] }, "days.1", "the number 5 is no day of the week"],
      [{ days: ["mon-tue-wed"] }, "days.0", 'the string "mon-tue-wed" is no day of the week'],
      [{ days: [] }, "days", "the list of days is empty"],
      [{ days: "mon-fri" }, "days", 'the string "mon-fri" where an array is expected'],
      [{ from: "8" }, "from", 'the string "8" is no time of day'],
      [{ from: 480 }, "from", "the number 480 where a string is expected"],
      [{ to: "24:01" }, "to", 'the string "24:01" is no time of day'],
      [{ to: "12:60" }, "to", 'the string "12:60" is no time of day'],
      [{ from: "08:00", to: "8:00" }, "", "from and to are the same time"],
      [{ from: "24:00", to: "08:00" }, "", "from is the end of the day"],
      [{ timezone: "Europe/Roma" }, "timezone", 'unknown time zone "Europe/Roma"'],
      [{ timezone: null }, "timezone", "null where a string is expected"],
    ])("%j is refused", (range, path, message) => {
      expect(refusal({ type: "time", ...range })).toEqual([[path, expect.any(String), message]]);
    });
  });
});
