import { describe, expect, test } from "vitest";
import { describeFilter } from "../../../../test/kit/describe-filter.ts";
import { basename } from "./basename.ts";
import { date } from "./date.ts";
import { duration } from "./duration.ts";
import { first } from "./first.ts";
import { join } from "./join.ts";
import { json } from "./json.ts";
import { last } from "./last.ts";
import { length } from "./length.ts";
import { filters } from "./list.ts";
import { lower } from "./lower.ts";
import { number } from "./number.ts";
import { replace } from "./replace.ts";
import { round } from "./round.ts";
import { severity } from "./severity.ts";
import { trim } from "./trim.ts";
import { truncate } from "./truncate.ts";
import { upper } from "./upper.ts";
import { urlencode } from "./urlencode.ts";

describe("rule-language.md, Accessors and templates: filters", () => {
  test("filters have distinct names", () => {
    expect(new Set(filters.map(({ name }) => name)).size).toBe(filters.length);
  });

  describeFilter(
    lower,
    [
      [[], "ÀB", "àb"],
      [[], 5, undefined],
      [[], null, undefined],
    ],
    [[["x"], "takes no arguments, found 1"]],
  );
  describeFilter(upper, [[[], "straße", "STRASSE"]], []);
  describeFilter(
    trim,
    [
      [[], " \u0085a b\n", "a b"],
      [[], "\ufeffa", "\ufeffa"],
      [[], "   ", ""],
      [[], [" a "], undefined],
    ],
    [],
  );
  describeFilter(
    truncate,
    [
      [[3], "abc", "abc"],
      [[3], "abcd", "ab…"],
      [[1], "abcd", "…"],
      [[2], "😀😀", "😀😀"],
      [[2], "😀😀😀", "😀…"],
      [[3], 12345, undefined],
    ],
    [
      [[], "takes one argument, found 0"],
      [[0], "takes a whole number from 1 to 1000000"],
      [["3"], "takes a whole number from 1 to 1000000"],
    ],
  );
  describeFilter(
    replace,
    [
      [["a", "b"], "banana", "bbnbnb"],
      [[".", "$&"], "a.b", "a$&b"],
      [["a", "b"], 5, undefined],
    ],
    [
      [["a"], "takes 2 arguments, found 1"],
      [["", "b"], "takes a text to find, found an empty one"],
      [["a", 5], "takes quoted texts only"],
    ],
  );
  describeFilter(
    number,
    [
      [[], "42", 42],
      [[], "-7.50", -7.5],
      [[], "9007199254740993", 9007199254740993n],
      [[], "1e3", 1000],
      [[], 5, 5],
      [[], " 5", undefined],
      [[], "NaN", undefined],
      [[], "0x10", undefined],
      [[], true, undefined],
    ],
    [],
  );
  describeFilter(
    round,
    [
      [[], 2.5, 3],
      [[], -2.5, -3],
      [[], 2.4, 2],
      [[2], 2.675, 2.68],
      [[2], 1, 1],
      [[1], 0.05, 0.1],
      [[1], -0.04, 0],
      [[0], 12345678901234567890n, 12345678901234567890n],
      [[3], 1e-9, 0],
      [[], "2.5", undefined],
    ],
    [[[-1], "takes a whole number from 0 to 20"]],
  );
  describeFilter(
    json,
    [
      [[], { a: [1, "x", null] }, '{"a":[1,"x",null]}'],
      [[], 'a"b', '"a\\"b"'],
      [[], null, "null"],
      [[], 9007199254740993n, "9007199254740993"],
    ],
    [],
  );
  describeFilter(
    urlencode,
    [
      [[], "a b/ü?&'()*!~", "a%20b%2F%C3%BC%3F%26%27%28%29%2A%21~"],
      [[], 5, "5"],
      [[], "\ud83d", "%EF%BF%BD"],
      [[], ["a"], undefined],
    ],
    [],
  );
  describeFilter(
    first,
    [
      [[], [1, 2], 1],
      [[], [], undefined],
      [[], "ab", undefined],
    ],
    [],
  );
  describeFilter(
    last,
    [
      [[], [1, [2]], [2]],
      [[], [], undefined],
    ],
    [],
  );
  describeFilter(
    join,
    [
      [[", "], ["a", 1, true, null, 9007199254740993n], "a, 1, true, null, 9007199254740993"],
      [["-"], [], ""],
      [["-"], [["a"]], undefined],
      [["-"], "ab", undefined],
    ],
    [[[], "takes 1 argument, found 0"]],
  );
  describeFilter(
    length,
    [
      [[], "a😀", 2],
      [[], [1, 2, 3], 3],
      [[], { a: 1, b: 2 }, 2],
      [[], 5, undefined],
      [[], null, undefined],
    ],
    [],
  );
  describeFilter(
    date,
    [
      [[], 0, "1970-01-01T00:00:00.000Z"],
      [[], 1714641362511, "2024-05-02T09:16:02.511Z"],
      [[], "2024-05-02T11:16:02.511+02:00", "2024-05-02T09:16:02.511Z"],
      [
        ["%Y-%m-%d %H:%M:%S.%L %j %a %b %z %s %%", "Europe/Rome"],
        1714641362511,
        "2024-05-02 11:16:02.511 123 Thu May +0200 1714641362 %",
      ],
      [["%H:%M"], 1714641362511, "09:16"],
      [["%Y-%m-%dT%H:%M:%S%z", "America/New_York"], 1714641362511, "2024-05-02T05:16:02-0400"],
      [[], "yesterday", undefined],
      [[], 1.5, undefined],
      [[], null, undefined],
      [[], 1e300, undefined],
    ],
    [
      [["%q"], "knows no directive %q; accepted: %Y %m %d %H %M %S %L %j %a %b %z %s %%"],
      [["%"], "knows no directive %; accepted: %Y %m %d %H %M %S %L %j %a %b %z %s %%"],
      [["%Y", "europe/rome"], 'knows no time zone "europe/rome"; accepted: an IANA name such as Europe/Rome'],
      [[1], "takes quoted texts only"],
      [["a", "b", "c"], "takes at most two arguments, found 3"],
    ],
  );
  describeFilter(
    duration,
    [
      [[], 5_405_000, "1h30m"],
      [[], 250, "250ms"],
      [[], 0, "0ms"],
      [[], -61_000, "-1m1s"],
      [[], "5", undefined],
    ],
    [],
  );
  describeFilter(
    basename,
    [
      [[], "C:\\Windows\\System32\\cmd.exe", "cmd.exe"],
      [[], "/usr/bin/env", "env"],
      [[], "/usr/bin/", "bin"],
      [[], "plain", "plain"],
      [[], "/", ""],
      [[], 5, undefined],
    ],
    [],
  );
  describeFilter(
    severity,
    [
      [["victorops"], "critical", "CRITICAL"],
      [["victorops"], "warning", "WARNING"],
      [["pagerduty"], "notice", "info"],
      [["opsgenie"], "info", "P5"],
      [["icinga"], "error", 2],
      [["syslog"], "critical", 2],
      [["syslog"], "Critical", undefined],
      [["syslog"], 2, undefined],
    ],
    [[["victorop"], 'knows no target "victorop", did you mean "victorops"']],
  );
});
