/** What the examples of the language give: shown in the reference, run by worked-examples.test.ts. */
import type { Json, JsonObject } from "../../core/json.ts";

/** Events (their payload, unless `event` says otherwise) and what the operator's own example says of them. */
export const operatorExamples: Readonly<Record<string, readonly (readonly [JsonObject, boolean])[]>> = {
  AND: [
    [{ event: { type: "eventlog" } }, true],
    [{ event: { type: "syslog" } }, false],
  ],
  OR: [
    [{ event: { type: "eventlog" } }, true],
    [{ event: { type: "syslog" } }, false],
  ],
  NOT: [
    [{ event: { type: "eventlog" } }, false],
    [{ event: { type: "syslog" } }, true],
  ],
  equals: [
    [{ event: { type: "eventlog" } }, true],
    [{ event: { type: "Eventlog" } }, false],
  ],
  ne: [
    [{ event: { type: "eventlog" } }, false],
    [{ event: { type: "Eventlog" } }, true],
  ],
  equalsIgnoreCase: [
    [{ state: "Stopped" }, true],
    [{ state: "stopping" }, false],
    [{}, false],
  ],
  contains: [
    [{ tags: ["production", "web"] }, true],
    [{ tags: "not in production" }, true],
    [{ tags: { production: "yes" } }, true],
    [{ tags: ["production-2"] }, false],
    [{}, false],
  ],
  containsIgnoreCase: [
    [{ message: "Error 5" }, true],
    [{ message: ["ERROR"] }, true],
    [{ message: ["ERROR 5"] }, false],
  ],
  ge: [
    [{ used_percent: 90 }, true],
    [{ used_percent: 90.5 }, true],
    [{ used_percent: "95" }, false],
  ],
  gt: [
    [{ used_percent: 90 }, false],
    [{ used_percent: 90.5 }, true],
    [{}, false],
  ],
  le: [
    [{ used_percent: 90 }, true],
    [{ used_percent: 90.5 }, false],
    [{ used_percent: null }, false],
  ],
  lt: [
    [{ used_percent: 90 }, false],
    [{ used_percent: -1 }, true],
    [{}, false],
  ],
  regex: [
    [{ host: "web-12" }, true],
    [{ host: "Web-12" }, false],
    [{ host: 12 }, false],
  ],
  containsAny: [
    [{ message: "login failed" }, true],
    [{ message: "login Failed" }, false],
  ],
  containsAnyIgnoreCase: [
    [{ message: "login FAILED" }, true],
    [{ message: "login" }, false],
  ],
  containsAll: [
    [{ message: "failed to login" }, true],
    [{ message: "login" }, false],
  ],
  containsAllIgnoreCase: [
    [{ message: "Failed to LOGIN" }, true],
    [{ message: "Failed" }, false],
  ],
  startsWith: [
    [{ host: "db-1" }, true],
    [{ host: "DB-1" }, false],
  ],
  startsWithIgnoreCase: [
    [{ host: "DB-1" }, true],
    [{ host: "1-db-" }, false],
  ],
  endsWith: [
    [{ host: "web-1.example.org" }, true],
    [{ host: "web-1.Example.org" }, false],
  ],
  endsWithIgnoreCase: [
    [{ host: "WEB-1.EXAMPLE.ORG" }, true],
    [{ host: "example.org" }, false],
  ],
  wildcard: [
    [{ path: "/var/opt/app/logs" }, true],
    [{ path: "/var/log" }, false],
    [{ path: "/VAR/opt/logs" }, false],
  ],
  wildcardIgnoreCase: [
    [{ path: "/VAR/opt/LOGS" }, true],
    [{ path: "/var/opt/log" }, false],
  ],
  in: [
    [{ environment: "staging" }, true],
    [{ environment: "Staging" }, false],
    [{}, false],
  ],
  inIgnoreCase: [
    [{ environment: "Staging" }, true],
    [{ environment: "test" }, false],
  ],
  notIn: [
    [{ environment: "test" }, true],
    [{ environment: "staging" }, false],
    [{}, true],
  ],
  notInIgnoreCase: [
    [{ environment: "Staging" }, false],
    [{}, true],
  ],
  exists: [
    [{ user: "" }, true],
    [{ user: null }, false],
    [{}, false],
  ],
  cidr: [
    [{ source_ip: "10.1.2.3" }, true],
    [{ source_ip: "fd00::1" }, true],
    [{ source_ip: "192.0.2.1" }, false],
    [{ source_ip: "a host" }, false],
  ],
  between: [
    [{ used_percent: 80 }, true],
    [{ used_percent: 90 }, true],
    [{ used_percent: 90.1 }, false],
  ],
  time: [
    // Monday 3 June 2024, 09:00 and 20:00 in Rome; Sunday the 2nd, 09:00.
    [{ event: { created_ms: 1717398000000 } }, true],
    [{ event: { created_ms: 1717437600000 } }, false],
    [{ event: { created_ms: 1717311600000 } }, false],
  ],
  anyOf: [
    [{ disks: [{ used_percent: 10 }, { used_percent: 95 }] }, true],
    [{ disks: [{ used_percent: 10 }] }, false],
    [{ disks: [] }, false],
  ],
  allOf: [
    [{ disks: [{ used_percent: 91 }, { used_percent: 95 }] }, true],
    [{ disks: [{ used_percent: 10 }, { used_percent: 95 }] }, false],
    [{ disks: [] }, true],
  ],
  jsonLogic: [
    [{ size: 1001 }, true],
    [{ size: 1000 }, false],
    [{}, false],
  ],
};

/** What a form's own example takes out of a value; null: nothing, so that the rule matches in part. */
export const extractorExamples: Readonly<Record<string, readonly (readonly [Json, Json])[]>> = {
  match: [
    ["The Print Spooler service entered the stopped state.", "Print Spooler"],
    ["The system time has changed.", null],
  ],
  named_match: [
    ["root@web-1", { user: "root", host: "web-1" }],
    ["root", null],
  ],
  single_key_match: [
    [{ "ifDescr.3": "eth0", "ifIndex.3": 3 }, "eth0"],
    [{ "ifDescr.3": "eth0", "ifDescr.4": "eth1" }, null],
  ],
};

/** What a modifier's own example makes of a value; null: it fails, so that the rule matches in part. */
export const modifierExamples: Readonly<Record<string, readonly (readonly [Json, Json])[]>> = {
  Lowercase: [
    ["WEB-1", "web-1"],
    [5, null],
  ],
  Trim: [["  web-1\n", "web-1"]],
  ToNumber: [
    ["42", 42],
    ["-7.5", -7.5],
    [" 42", null],
  ],
  Map: [
    ["0", "emergency"],
    ["7", "unknown"],
  ],
  ReplaceAll: [["a  b\t c", "a b c"]],
  DateAndTime: [
    [1698915872, "2023-11-02 10:04:32+01:00"],
    ["1698915872", null],
  ],
};

/** The filter as it is written behind `${event.payload.x`, `x`, and the result; undefined: missing. */
export const filterExamples: Readonly<Record<string, readonly (readonly [string, Json, Json | undefined])[]>> = {
  lower: [["lower", "WEB-1", "web-1"]],
  upper: [["upper", "web-1", "WEB-1"]],
  trim: [["trim", "  web-1 ", "web-1"]],
  truncate: [["truncate(6)", "a long text", "a lon…"]],
  replace: [["replace('-', '_')", "web-1-a", "web_1_a"]],
  number: [
    ["number", "42", 42],
    ["number", "many", undefined],
  ],
  round: [
    ["round", 2.5, 3],
    ["round(1)", 2.25, 2.3],
  ],
  json: [["json", { a: [1, null] }, '{"a":[1,null]}']],
  urlencode: [["urlencode", "a b/c", "a%20b%2Fc"]],
  first: [["first", ["a", "b"], "a"]],
  last: [["last", ["a", "b"], "b"]],
  join: [["join(', ')", ["a", 5], "a, 5"]],
  length: [["length", "Zürich", 6]],
  date: [
    ["date", 1714641362511, "2024-05-02T09:16:02.511Z"],
    ["date('%Y-%m-%d %H:%M', 'Europe/Rome')", 1714641362511, "2024-05-02 11:16"],
  ],
  duration: [["duration", 5405000, "1h30m"]],
  basename: [["basename", "C:\\Windows\\cmd.exe", "cmd.exe"]],
  severity: [
    ["severity('victorops')", "error", "CRITICAL"],
    ["severity('icinga')", "error", 2],
  ],
};
