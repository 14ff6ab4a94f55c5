import { describe, expect, test } from "vitest";
import { compileModifierForTest, describeModifier, type ModifierRow } from "../../../test/kit/describe-modifier.ts";
import { dateAndTime } from "./date-and-time.ts";
import { lowercase } from "./lowercase.ts";
import { map } from "./map.ts";
import { replaceAll } from "./replace-all.ts";
import { toNumber } from "./to-number.ts";
import { trim } from "./trim.ts";

describe("tornado.md 5.4, 16.2 and 16.16 to 16.19: modifiers", () => {
  /** tornado.md 5.4 and 16.1, 16.2, 16.16 to 16.19. */
  describeModifier(
    lowercase,
    [
      [{}, "ÀB", "àb"],
      [{}, 5, { fails: "Lowercase takes a string, found the number 5" }],
      [{}, ["A"], { fails: "Lowercase takes a string, found an array" }],
    ],
    [],
  );
  describeModifier(
    trim,
    [
      [{}, "\u0085\t a b \n", "a b"],
      [{}, "\ufeffa", "\ufeffa"],
      [{}, null, { fails: "Trim takes a string, found null" }],
    ],
    [],
  );

  const notANumber = (text: string): { fails: string } => ({
    fails: `ToNumber takes a number or a string that is one, found the string ${JSON.stringify(text)}`,
  });
  describeModifier(
    toNumber,
    [
      [{}, "42", 42],
      [{}, "-42", -42],
      [{}, "+42", 42],
      [{}, "007", 7],
      [{}, "1e3", 1000],
      [{}, "1E3", 1000],
      [{}, ".5", 0.5],
      [{}, "5.", 5],
      [{}, "+1.5", 1.5],
      [{}, "-0", -0],
      [{}, "18446744073709551615", 18446744073709551615n],
      [{}, "-9223372036854775808", -9223372036854775808n],
      [{}, "18446744073709551617", 18446744073709551617n],
      [{}, "NaN", null],
      [{}, "Infinity", null],
      [{}, "-inf", null],
      [{}, "1e400", null],
      [{}, 5.5, 5.5],
      [{}, 9007199254740993n, 9007199254740993n],
      ...[" 5", "5\n", "0x10", "1_000", "1,5", "٤٢", "", ".", "e5", "1e", "+-5"].map((text): ModifierRow => [
        {},
        text,
        notANumber(text),
      ]),
      [{}, true, { fails: "ToNumber takes a number or a string that is one, found the boolean true" }],
    ],
    [],
  );
  describeModifier(
    map,
    [
      [{ mapping: { a: "b" } }, "a", "b"],
      [{ mapping: { a: "b" }, default_value: "c" }, "x", "c"],
      [{ mapping: { a: "${event.type}" }, default_value: "${event.type}" }, "a", "${event.type}"],
      [{ mapping: { a: "b" } }, "x", { fails: 'Map has no entry for the string "x" and no default_value' }],
      [
        { mapping: { a: "b" }, default_value: null },
        "A",
        { fails: 'Map has no entry for the string "A" and no default_value' },
      ],
      [{ mapping: {} }, "toString", { fails: 'Map has no entry for the string "toString" and no default_value' }],
      [{ mapping: { "5": "b" } }, 5, { fails: "Map takes a string, found the number 5" }],
    ],
    [
      [{ mapping: { a: 1 } }, "mapping.a", "the number 1 where a string is expected"],
      [{ mapping: [] }, "mapping", "an array where an object of strings is expected"],
      [{}, "", 'the key "mapping" is missing'],
      [{ mapping: {}, default_value: 5 }, "default_value", "the number 5 where a string is expected"],
    ],
  );
  describeModifier(
    replaceAll,
    [
      [{ find: "a", replace: "x" }, "banana", "bxnxnx"],
      [{ find: ".", replace: "$&" }, "a.b", "a$&b"],
      [{ find: "a", replace: "${event.type}" }, "bab", "btrapb"],
      [{ find: "zzz", replace: "${event.none}" }, "bab", "bab"],
      [{ find: "a", replace: "${event.none}" }, "bab", { fails: "the replacement ${event.none} is missing" }],
      [{ find: "a", replace: "${event.n}" }, "bab", { fails: "the replacement is no string but the number 5" }],
      [{ find: "", replace: "-" }, "C😀T", "-C-😀-T-"],
      [{ find: "", replace: "-" }, "", "-"],
      [{ find: "${event.type}", replace: "x" }, "${event.type}", "x"],
      [{ find: "a+", replace: "<$0>", is_regex: true }, "baab", "b<aa>b"],
      [{ find: "a*", replace: "-", is_regex: true }, "baac", "-b-c-"],
      [{ find: "(?P<x>a)(b)", replace: "$2$x$$", is_regex: true }, "ab", "ba$"],
      [{ find: "(a)", replace: "$1a|$9|$nope", is_regex: true }, "a", "||"],
      [{ find: "(a)", replace: "$ 1 $& $<x> \\1 $", is_regex: true }, "a", "$ 1 $& $<x> \\1 $"],
      [{ find: "(a)|(b)", replace: "[$1$2]", is_regex: true }, "ab", "[a][b]"],
      [{ find: "(a)", replace: "${event.group}", is_regex: true }, "a", "<a>"],
      [
        { find: "z", replace: "${event.none}", is_regex: true },
        "a",
        { fails: "the replacement ${event.none} is missing" },
      ],
      [{ find: "a", replace: "x" }, 5, { fails: "ReplaceAll takes a string, found the number 5" }],
    ],
    [
      [
        { find: "[a", replace: "x", is_regex: true },
        "find",
        expect.stringContaining("at character") as unknown as string,
      ],
      [{ find: "a", replace: "${1}" }, "replace", 'unknown root "1" in ${1}'],
      [{ find: "a" }, "", 'the key "replace" is missing'],
      [{ find: "a", replace: "b", is_regex: "yes" }, "is_regex", 'the string "yes" where true or false is expected'],
    ],
  );

  const wrongTime = (shown: string): { fails: string } => ({
    fails: `DateAndTime takes an integer of 64 bits, found ${shown}`,
  });
  describeModifier(
    dateAndTime,
    [
      [{ timezone: "Europe/London" }, 1698915872, "2023-11-02 09:04:32+00:00"],
      [{ timezone: "Europe/Rome" }, 1698915872, "2023-11-02 10:04:32+01:00"],
      [{ timezone: "America/New_York" }, 1698915872, "2023-11-02 05:04:32-04:00"],
      [{ timezone: " Europe/Rome " }, 1698933188760, "2023-11-02 14:53:08+01:00"],
      [{ timezone: "Europe/Rome" }, 1698938840816144404n, "2023-11-02 16:27:20+01:00"],
      [{ timezone: "UTC" }, 1698938840816144, "2023-11-02 15:27:20+00:00"],
      [{ timezone: "UTC" }, 0, "1970-01-01 00:00:00+00:00"],
      [{ timezone: "UTC" }, -1, "1969-12-31 23:59:59+00:00"],
      [{ timezone: "UTC" }, 100_000_000_000, "5138-11-16 09:46:40+00:00"],
      [{ timezone: "UTC" }, 100_000_000_001, "1973-03-03 09:46:40+00:00"],
      [{ timezone: "UTC" }, -100_000_000_001, "1966-10-31 14:13:19+00:00"],
      [{ timezone: "UTC" }, 100_000_000_000_001, "1973-03-03 09:46:40+00:00"],
      [{ timezone: "UTC" }, 9300000000000000, "1680-02-24 21:45:26+00:00"],
      [{ timezone: "UTC" }, 9223372036854775807n, "2262-04-11 23:47:16+00:00"],
      [{ timezone: "UTC" }, -9223372036854775808n, "1677-09-21 00:12:43+00:00"],
      [{ timezone: "UTC" }, -100_000_000_000, "-1199-02-15 14:13:20+00:00"],
      [{ timezone: "America/New_York" }, -3786825600, "1849-12-31 19:03:58-04:56"],
      [{ timezone: "Europe/London" }, -4733596800, "1819-12-31 23:58:45-00:01"],
      [{ timezone: "Europe/Rome" }, 4087584000, "2099-07-13 02:00:00+02:00"],
      [{ timezone: "Europe/Rome" }, 4150742400, "2101-07-14 01:00:00+01:00"],
      [{ timezone: "Asia/Kolkata" }, 0, "1970-01-01 05:30:00+05:30"],
      [{ timezone: "US/Eastern" }, 0, "1969-12-31 19:00:00-05:00"],
      [{ timezone: "UTC" }, 18446744073709551615n, wrongTime("the number 18446744073709551615")],
      [{ timezone: "UTC" }, 1.5, wrongTime("the number 1.5")],
      [{ timezone: "UTC" }, "5", wrongTime('the string "5"')],
    ],
    [
      [{ timezone: "europe/rome" }, "timezone", 'unknown time zone "europe/rome"'],
      [{ timezone: "+02:00" }, "timezone", 'unknown time zone "+02:00"'],
      [{ timezone: 5 }, "timezone", "the number 5 where a string is expected"],
      [{}, "", 'the key "timezone" is missing'],
    ],
  );

  test.each([
    [{ type: "lowercase" }, "type", 'unknown modifier "lowercase"', "Lowercase"],
    [{ type: 5 }, "type", "unknown modifier the number 5", undefined],
    [{}, "", 'the key "type" is missing', undefined],
    [["Trim"], "", "an array where a modifier is expected", undefined],
  ])("%j is no modifier", (document, path, message, suggestion) => {
    const { modifier, issues } = compileModifierForTest(document);
    expect(modifier).toBeNull();
    expect(issues.map((issue) => [issue.path.join("."), issue.message, issue.suggestion])).toEqual([
      [path, message, suggestion],
    ]);
  });
});
