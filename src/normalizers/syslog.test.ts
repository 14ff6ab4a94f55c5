import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InputContext } from "../component/define-normalizer.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { timeZone } from "../core/template/time-zone.ts";
import { syslog } from "./syslog.ts";

const RECEIVED = Date.UTC(2024, 4, 2, 9, 0, 0);
const received: InputContext = { collector: "c", receivedMs: RECEIVED };
const drafts = (document: Json, context: InputContext = received) => {
  const result = syslog.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const read = (text: string, context?: InputContext): { createdMs: number | undefined; fields: JsonObject } => {
  const [draft, ...more] = drafts(text, context);
  expect(more).toEqual([]);
  expect(draft!.type).toBe("syslog");
  // What follows from the priority has a test of its own.
  const {
    priority: _p,
    facility: _f,
    facility_name: _fn,
    severity: _s,
    severity_name: _sn,
    severity_level: _l,
    ...fields
  } = draft!.payload;
  return { createdMs: draft!.created_ms, fields };
};

describe("priority", () => {
  test.each<[string, number, number, string, number, string, string]>([
    ["<0>", 0, 0, "kern", 0, "emerg", "critical"],
    ["<1>", 1, 0, "kern", 1, "alert", "critical"],
    ["<34>", 34, 4, "auth", 2, "crit", "critical"],
    ["<27>", 27, 3, "daemon", 3, "err", "error"],
    ["<84>", 84, 10, "authpriv", 4, "warning", "warning"],
    ["<165>", 165, 20, "local4", 5, "notice", "notice"],
    ["<110>", 110, 13, "audit", 6, "info", "info"],
    ["<191>", 191, 23, "local7", 7, "debug", "info"],
    ["", 13, 1, "user", 5, "notice", "notice"],
  ])("%s", (pri, priority, facility, facility_name, severity, severity_name, severity_level) => {
    const names = { priority, facility, facility_name, severity, severity_name, severity_level };
    expect(drafts(`${pri}Oct 11 22:14:15 h a: m`)[0]!.payload).toMatchObject({ ...names, message: "m" });
    expect(drafts(`${pri}m`)[0]!.payload).toEqual({ ...names, message: "m" });
  });

  test.each(["<192>m", "<1000>m", "<01>m", "<00>m", "<>m", "<-1>m", "<1m", "< 1>m", "<1.5>m", "<a>m"])(
    "%s has none, and is text as a whole",
    (text) => expect(drafts(text)[0]!.payload).toMatchObject({ priority: 13, message: text }),
  );
});

describe("RFC 5424", () => {
  const head = { version: 1, timestamp: "2003-10-11T22:14:15.003Z", hostname: "mymachine.example.com" };
  const entry = { ...head, app_name: "evntslog", message_id: "ID47" };
  const example = { iut: "3", eventSource: "Application", eventID: "1011" };

  test.each<[string, string, number | undefined, JsonObject]>([
    [
      "its example 1: no structured data, UTF-8",
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
      1065910455003,
      { ...head, app_name: "su", message_id: "ID47", message: "'su root' failed for lonvick on /dev/pts/8" },
    ],
    [
      "its example 2: microseconds, a zone, no byte order mark",
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
      1061727255000,
      {
        version: 1,
        timestamp: "2003-08-24T05:14:15.000003-07:00",
        hostname: "192.0.2.1",
        app_name: "myproc",
        process_id: "8710",
        message: "%% It's time to make the do-nuts.",
      },
    ],
    [
      "its example 3: structured data",
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] \ufeffAn application event log entry...',
      1065910455003,
      { ...entry, structured_data: { "exampleSDID@32473": example }, message: "An application event log entry..." },
    ],
    [
      "its example 4: structured data only",
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]',
      1065910455003,
      {
        ...entry,
        structured_data: { "exampleSDID@32473": example, "examplePriority@32473": { class: "high" } },
        message: "",
      },
    ],
    ["nothing but nil", "<13>1 - - - - - -", undefined, { version: 1, message: "" }],
    ["nil and a text", "<13>1 - - - - - - -", undefined, { version: 1, message: "-" }],
    [
      "the end after the message id",
      "<13>1 - h a p m",
      undefined,
      {
        version: 1,
        hostname: "h",
        app_name: "a",
        process_id: "p",
        message_id: "m",
        message: "",
      },
    ],
    ["a text of several lines", "<13>1 - - - - - - a\n<14>b", undefined, { version: 1, message: "a\n<14>b" }],
    ["the space of rsyslog before the text", "<13>1 - - - - - -  a", undefined, { version: 1, message: "a" }],
    ["more spaces", "<13>1 - - - - - -   a", undefined, { version: 1, message: " a" }],
    [
      "a day that is none",
      "<13>1 2003-02-30T25:00:00Z h - - - - m",
      undefined,
      {
        version: 1,
        timestamp: "2003-02-30T25:00:00Z",
        hostname: "h",
        message: "m",
      },
    ],
  ])("%s", (_title, text, createdMs, fields) => expect(read(text)).toEqual({ createdMs, fields }));

  test.each<[string, number]>([
    ["1985-04-12T23:20:50.52Z", 482196050520],
    ["1985-04-12T19:20:50.52-04:00", 482196050520],
    ["2003-08-24T05:14:15.000003-07:00", 1061727255000],
    ["2003-08-24T05:14:15.000000003-07:00", 1061727255000],
  ])("time %s", (timestamp, createdMs) => {
    expect(read(`<1>1 ${timestamp} h a p m - x`).createdMs).toBe(createdMs);
  });

  test.each<[string, JsonObject, string]>([
    ["[a]", { a: {} }, ""],
    ["[a][b]", { a: {}, b: {} }, ""],
    ["[a] [b]", { a: {} }, "[b]"],
    ['[a k="v" l="w"] m', { a: { k: "v", l: "w" } }, "m"],
    ['[a k=""]', { a: { k: "" } }, ""],
    ['[a k="\\"\\\\\\]"]', { a: { k: '"\\]' } }, ""],
    ['[a k="C:\\\\x\\n"]', { a: { k: "C:\\x\\n" } }, ""],
    ['[a k="]"] m', { a: { k: "]" } }, "m"],
    ['[a k="1" k="2" k="3"]', { a: { k: ["1", "2", "3"] } }, ""],
    ['[a k="1"][a l="2"]', { a: { k: "1", l: "2" } }, ""],
    ['[__proto__ k="1"]', { ["__proto__"]: { k: "1" } }, ""],
    ['[a __proto__="1"]', { a: { ["__proto__"]: "1" } }, ""],
    ['[a k="ä €"]', { a: { k: "ä €" } }, ""],
  ])("structured data %s", (text, structured_data, message) =>
    expect(read(`<1>1 - - - - - ${text}`).fields).toEqual({ version: 1, structured_data, message }),
  );

  test.each(["[", "[]", "[ a]", "[a", "[a k]", "[a k=v]", '[a k="v', '[a k="v\\"]', '[a  k="v"]', "[a]x", "x", "[a ]"])(
    "structured data %s is none, and text",
    (text) => expect(read(`<1>1 - - - - - ${text}`).fields).toEqual({ version: 1, message: text }),
  );

  test.each(["<13>1 yesterday h a p m - x", "<13>0 - h a p m - x", "<13>1 - h a p", "<13>1  - h a p m -"])(
    "%s has not its form, and is text",
    (text) => expect(read(text).fields).toEqual({ message: text.slice(4) }),
  );
});

describe("RFC 3164", () => {
  const time = { timestamp: "Oct 11 22:14:15" };
  const at = Date.UTC(2023, 9, 11, 22, 14, 15); // the October before May 2024

  test.each<[string, string, number | undefined, JsonObject]>([
    [
      "its example 1",
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
      at,
      { ...time, hostname: "mymachine", app_name: "su", message: "'su root' failed for lonvick on /dev/pts/8" },
    ],
    ["its example 2: nothing but text", "Use the BFG!", undefined, { message: "Use the BFG!" }],
    [
      "its example 3: a zone and a year where the host is",
      "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts.",
      Date.UTC(2023, 7, 24, 5, 34),
      {
        timestamp: "Aug 24 05:34:00",
        hostname: "CST",
        message: "1987 mymachine myproc[10]: %% It's time to make the do-nuts.",
      },
    ],
    [
      "its example 4: a time of another form",
      "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
      undefined,
      { message: "1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!" },
    ],
    [
      "a process id",
      "<13>Oct 11 22:14:15 h postfix/smtpd[99]: m",
      at,
      {
        ...time,
        hostname: "h",
        app_name: "postfix/smtpd",
        process_id: "99",
        message: "m",
      },
    ],
    ["no host", "<13>Oct 11 22:14:15 su[7]: m", at, { ...time, app_name: "su", process_id: "7", message: "m" }],
    ["no host, in capitals", "<13>Oct 11 22:14:15 CRON: m", at, { ...time, app_name: "CRON", message: "m" }],
    ["no host and no process id", "<13>Oct 11 22:14:15 su: m", at, { ...time, app_name: "su", message: "m" }],
    ["no tag", "<13>Oct 11 22:14:15 h some text", at, { ...time, hostname: "h", message: "some text" }],
    ["one word", "<13>Oct 11 22:14:15 word", at, { ...time, message: "word" }],
    ["nothing behind the time", "<13>Oct 11 22:14:15", at, { ...time, message: "" }],
    ["no time", "<13>su[7]: m", undefined, { app_name: "su", process_id: "7", message: "m" }],
    [
      "a day with a blank",
      "<13>May  2 08:59:59 h a: m",
      RECEIVED - 1000,
      {
        timestamp: "May  2 08:59:59",
        hostname: "h",
        app_name: "a",
        message: "m",
      },
    ],
    [
      "an address as host",
      "<13>Oct 11 22:14:15 fe80::1 a: m",
      at,
      {
        ...time,
        hostname: "fe80::1",
        app_name: "a",
        message: "m",
      },
    ],
    [
      "a colon in the text",
      "<13>Oct 11 22:14:15 h kernel: [1.2] eth0: up",
      at,
      {
        ...time,
        hostname: "h",
        app_name: "kernel",
        message: "[1.2] eth0: up",
      },
    ],
    [
      "rsyslog's forward format",
      "<13>2024-05-02T10:59:59.5+02:00 h a[1]: m",
      RECEIVED - 500,
      { timestamp: "2024-05-02T10:59:59.5+02:00", hostname: "h", app_name: "a", process_id: "1", message: "m" },
    ],
    [
      "Cisco IOS, number and milliseconds",
      "<187>45: *Mar  1 18:46:11.123: %LINK-3-UPDOWN: Interface Port-channel1, changed state to up",
      Date.UTC(2024, 2, 1, 18, 46, 11, 123),
      {
        timestamp: "Mar  1 18:46:11.123",
        sequence: 45,
        message_id: "LINK-3-UPDOWN",
        message: "Interface Port-channel1, changed state to up",
      },
    ],
    [
      "Cisco IOS, host and zone",
      "<189>29: router-1: .Mar  1 18:46:11 CET: %SYS-5-CONFIG_I: Configured from console",
      Date.UTC(2024, 2, 1, 17, 46, 11),
      {
        timestamp: "Mar  1 18:46:11 CET",
        sequence: 29,
        hostname: "router-1",
        message_id: "SYS-5-CONFIG_I",
        message: "Configured from console",
      },
    ],
    [
      "Cisco IOS, a zone that is not known",
      "<189>Mar  1 2024 18:46:11 WAT: %SYS-5-RESTART: System restarted",
      Date.UTC(2024, 2, 1, 18, 46, 11),
      { timestamp: "Mar  1 2024 18:46:11 WAT", message_id: "SYS-5-RESTART", message: "System restarted" },
    ],
    [
      "Cisco IOS, no time",
      "<189>29: %SYS-5-CONFIG_I: Configured from console",
      undefined,
      { sequence: 29, message_id: "SYS-5-CONFIG_I", message: "Configured from console" },
    ],
    [
      "Cisco ASA",
      "<166>Oct 11 2018 22:14:15 fw-1 : %ASA-6-302016: Teardown UDP connection 40 for outside",
      Date.UTC(2018, 9, 11, 22, 14, 15),
      {
        timestamp: "Oct 11 2018 22:14:15",
        hostname: "fw-1",
        message_id: "ASA-6-302016",
        message: "Teardown UDP connection 40 for outside",
      },
    ],
    [
      "Cisco ASA without its name",
      "<166>Oct 11 2018 22:14:15: %ASA-6-302016: Teardown",
      Date.UTC(2018, 9, 11, 22, 14, 15),
      { timestamp: "Oct 11 2018 22:14:15", message_id: "ASA-6-302016", message: "Teardown" },
    ],
    ["a number that is text", "<13>12: monkeys", undefined, { app_name: "12", message: "monkeys" }],
    [
      "a day that is none",
      "<13>Feb 30 22:14:15 h a: m",
      undefined,
      {
        timestamp: "Feb 30 22:14:15",
        hostname: "h",
        app_name: "a",
        message: "m",
      },
    ],
    ["ends of lines and NUL behind it", "<13>su: m\r\n\0", undefined, { app_name: "su", message: "m" }],
    [
      "a second message in the text",
      "<13>su: m\n<0>su: forged",
      undefined,
      {
        app_name: "su",
        message: "m\n<0>su: forged",
      },
    ],
  ])("%s", (_title, text, createdMs, fields) => expect(read(text)).toEqual({ createdMs, fields }));

  const rome = timeZone("Europe/Rome")!;
  const york = timeZone("America/New_York")!;
  test.each<[string, string, number, typeof rome | undefined, string | undefined]>([
    ["Dec 31 23:59:59", "2024-01-01T00:00:05Z", 2023, undefined, "2023-12-31T23:59:59.000Z"],
    ["Jan  1 00:00:03", "2023-12-31T23:59:58Z", 2024, undefined, "2024-01-01T00:00:03.000Z"],
    ["Jan  1 00:30:00", "2023-12-31T23:30:05Z", 2023, rome, "2023-12-31T23:30:00.000Z"],
    ["Dec 31 19:00:00", "2024-01-01T00:00:01Z", 2024, york, "2024-01-01T00:00:00.000Z"],
    ["Feb 29 12:00:00", "2024-03-01T00:00:00Z", 2024, undefined, "2024-02-29T12:00:00.000Z"],
    ["Feb 29 12:00:00", "2026-03-01T00:00:00Z", 2026, undefined, undefined],
    ["Jul  1 12:00:00", "2024-07-01T10:00:00Z", 2024, rome, "2024-07-01T10:00:00.000Z"],
    ["Jan 15 12:00:00", "2024-01-15T11:00:00Z", 2024, rome, "2024-01-15T11:00:00.000Z"],
    ["Mar 31 03:00:00", "2024-03-31T01:00:00Z", 2024, rome, "2024-03-31T01:00:00.000Z"],
    ["Mar 31 01:59:59", "2024-03-31T01:00:00Z", 2024, rome, "2024-03-31T00:59:59.000Z"],
    ["2024-07-01T12:00:00", "2024-07-01T10:00:00Z", 2024, rome, "2024-07-01T10:00:00.000Z"],
    ["2024-07-01T12:00:00.5", "2024-07-01T10:00:00Z", 2024, undefined, "2024-07-01T12:00:00.500Z"],
    ["2024-07-01T12:00:00,25Z", "2024-07-01T10:00:00Z", 2024, rome, "2024-07-01T12:00:00.250Z"],
    ["Oct 11 24:00:00", "2024-10-11T10:00:00Z", 2024, undefined, undefined],
  ])("%s, received %s, is of %i", (time, receivedAt, _year, zone, expected) => {
    const context = { collector: "c", receivedMs: Date.parse(receivedAt), ...(zone ? { zone } : {}) };
    const { createdMs } = read(`<13>${time} h a: m`, context);
    expect(createdMs === undefined ? undefined : new Date(createdMs).toISOString()).toBe(expected);
  });
});

describe("who sent it", () => {
  const sent = { ...received, remoteAddress: "192.0.2.7" };
  test.each<[string, InputContext, string | undefined]>([
    ["<13>Oct 11 22:14:15 su: m", sent, "192.0.2.7"],
    ["<13>1 - - su - - - m", sent, "192.0.2.7"],
    ["<13>Oct 11 22:14:15 h su: m", sent, "h"],
    ["<13>1 - h su - - - m", sent, "h"],
    ["<13>su: m", { ...sent, method: "POST" }, undefined],
  ])("%s", (text, context, hostname) => expect(drafts(text, context)[0]!.payload["hostname"]).toBe(hostname));
});

describe("bodies of requests", () => {
  const request = { ...received, method: "POST" };
  test("are read at one go, so not too many", () => {
    expect(drafts("<13>a: m\n".repeat(5000), request)).toHaveLength(5000);
    expect(syslog.normalize("<13>a: m\n".repeat(5001), request)).toEqual({
      ok: false,
      error: "a body holds up to 5000 syslog messages, this one 5001",
    });
  });
  test.each<[string, string[]]>([
    ["<13>a: 1\n<14>b: 2\r\n", ["1", "2"]],
    ["<13>a: 1\n  at line 2\n\n<14>b: 2", ["1\n  at line 2", "2"]],
    ["one\ntwo\n\nthree", ["one", "two", "three"]],
    ["<13>a: 1", ["1"]],
  ])("%j", (text, messages) =>
    expect(drafts(text, request).map(({ payload }) => payload["message"])).toEqual(messages),
  );
});

test.each<[Json, string]>([
  [{ message: "m" }, "a syslog message is a text, this is an object"],
  [5, "a syslog message is a text, this is a number"],
  ["", "a syslog message is a text, this is an empty one"],
  ["\n\0", "a syslog message is a text, this is an empty one"],
])("%j cannot be read", (document, error) =>
  expect(syslog.normalize(document, received)).toEqual({ ok: false, error }),
);

describe("whatever comes", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom("<13>", "<191>", "1 ", "- ", "[a ", 'k="', '"]', "\\", "] ", "[", "\ufeff", "\n", "\0", ": ", "*"),
    fc.constantFrom(
      "Oct 11 22:14:15 ",
      "Feb 29 00:00:60",
      "2024-05-02T09:14:07Z ",
      "h ",
      "su[1]: ",
      "%A-1-B: ",
      "12: ",
      " CET:",
    ),
  );
  test("it never throws and loses no text", () =>
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), fc.boolean(), (pieces, isRequest) => {
        const text = pieces.join("");
        const result = syslog.normalize(text, isRequest ? { ...received, method: "POST" } : received);
        if (!result.ok) expect(text).toMatch(/^[\r\n\0]*$/);
        for (const { payload, created_ms } of result.ok ? result.value : []) {
          expect(payload["message"]).toBeTypeOf("string");
          expect(created_ms === undefined || Number.isSafeInteger(created_ms)).toBe(true);
        }
      }),
      { numRuns: 500 },
    ));

  test.each([
    ["[", 300_000],
    ["<13>1 - - - - - [a ", 100_000],
    ["a", 500_000],
    ["<13>Oct 11 22:14:15 ", 50_000],
    ["\\", 500_000],
    ["-1-", 200_000],
    ["\n<13>x", 20_000],
    [" ", 500_000],
  ])("%j many times takes no time to speak of", (text, count) => {
    for (const head of ["", "<13>1 - - - - - ", '<13>1 - - - - - [a k="', "<13>Oct 11 22:14:15 ", "<13>%A"])
      syslog.normalize(head + text.repeat(count), { ...received, method: "POST" });
  });
});
