import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnostic } from "../core/diagnostic.ts";
import { masked, secretRanges } from "./mask-source.ts";
import { printCounts, printDiagnostics, printDiagnosticsJson } from "./print-diagnostics.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "squall-print-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const print = (text: string, place: Partial<Diagnostic>, colour = false): string => {
  const file = place.file ?? "rules/a/1.yaml";
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
  const whole = { severity: "error", code: "c", path: [], message: "m", line: 1, column: 1, ...place, file } as const;
  return printDiagnostics([whole], { dir, colour });
};

describe("the line", () => {
  test.each<[string, string, Partial<Diagnostic>, string]>([
    ["caret under a column", "a: b\nc: d\n", { line: 2, column: 4 }, "  2 | c: d\n    |    ^\n"],
    ["tabs are one space", "\t\ta: b", { column: 3 }, "  1 |   a: b\n    |   ^\n"],
    ["Windows line ends", "a: b\r\nc: d\r\n", { line: 2, column: 1 }, "  2 | c: d\n    | ^\n"],
    ["nothing a terminal acts upon", "a: \u001B[2Jb", { column: 1 }, "  1 | a: \uFFFD[2Jb\n    | ^\n"],
    ["empty lines are not shown", "a: b\n\n", { line: 2 }, ""],
    ["beyond the end of the file", "a: b", { line: 9 }, ""],
    ["a byte order mark is no column", "\uFEFFa: b", { column: 4 }, "  1 | a: b\n    |    ^\n"],
  ])("%s", (_, text, place, expected) => {
    const at = `rules/a/1.yaml:${place.line ?? 1}:${place.column ?? 1}`;
    expect(print(text, place)).toBe(`${at} error c: m\n${expected}`);
  });

  test("long ones are cut around the caret", () => {
    const text = `${"x".repeat(300)}HERE${"y".repeat(300)}`;
    const [, line, caret] = print(text, { column: 301 }).split("\n");
    expect(line!.length).toBeLessThan(140);
    expect(line).toMatch(/^ {2}1 \| …x+HEREy+…$/);
    expect(caret!.indexOf("^")).toBe(line!.indexOf("HERE"));
  });

  test("what is no file is printed without one", () => {
    const text = printDiagnostics(
      [
        {
          severity: "warning",
          code: "c",
          path: [],
          message: "m",
          file: "--set a",
          line: 1,
          column: 7,
          accepted: "x, y",
          suggestion: "x",
        },
      ],
      { dir, colour: false },
    );
    expect(text).toBe('--set a:1:7 warning c: m\n  accepted: x, y\n  did you mean "x"?\n');
  });

  test("colour only when asked for", () => {
    expect(print("a: b", {}, false)).not.toContain("\u001B");
    expect(print("a: b", {}, true)).toContain("\u001B[31;1merror c\u001B[0m: m");
  });
});

test("counts, and JSON for programs", () => {
  const error: Diagnostic = {
    severity: "error",
    code: "c",
    path: ["a", 0],
    message: "m",
    file: "f",
    line: 1,
    column: 2,
  };
  const warning: Diagnostic = { ...error, severity: "warning" };
  expect(printCounts([])).toBe("");
  expect(printCounts([error])).toBe("1 error");
  expect(printCounts([warning, error, error])).toBe("2 errors, 1 warning");
  expect(JSON.parse(printDiagnosticsJson([warning, error]))).toEqual({
    errors: 1,
    warnings: 1,
    diagnostics: [warning, error],
  });
});

describe("secrets in lines are masked", () => {
  const settings = "config/squall.yaml";
  const collector = "collectors/a.yaml";
  test.each<[string, string, string]>([
    [
      settings,
      "executors: {icinga2: {options: {password: hunter2, username: u}}}",
      "executors: {icinga2: {options: {password: ***, username: u}}}",
    ],
    [settings, "executors: {slack: {options: {url: hunter2}}}", "executors: {slack: {options: {url: ***}}}"],
    [settings, "executors: {icinga2: {options: {url: seen}}}", "executors: {icinga2: {options: {url: seen}}}"],
    [
      settings,
      "executors: {a: {type: slack, options: {url: hunter2}}}",
      "executors: {a: {type: slack, options: {url: ***}}}",
    ],
    [settings, "executors: {a: {secrets: {any: hunter2}}}", "executors: {a: {secrets: {any: ***}}}"],
    [settings, "executors: {a: {options: {passwrd: hunter2}}}", "executors: {a: {options: {passwrd: ***}}}"],
    [
      settings,
      "executors: {webhook: {options: {secret_headers: {X-Any: hunter2}}}}",
      "executors: {webhook: {options: {secret_headers: {X-Any: ***}}}}",
    ],
    [settings, "metrics: {token: hunter2}", "metrics: {token: ***}"],
    [settings, "admin: {token_hash_file: seen}", "admin: {token_hash_file: seen}"],
    [settings, 'metrics: {token: "${env:SEEN}"}', 'metrics: {token: "${env:SEEN}"}'],
    [settings, 'metrics: {token: "a${env:X}"}', "metrics: {token: ***}"],
    [collector, "servers: [nats://u:hunter2@h, nats://h]", "servers: [***, nats://h]"],
    [settings, "outbound: {proxy: 'http://u:hunter2@h:3128'}", "outbound: {proxy: ***}"],
    [collector, "tokens: [hunter2, 'hunter2']", "tokens: [***, ***]"],
    [collector, "tokens:\n  - hunter2\n  - x: hunter2\n", "tokens:\n  - ***\n  - x: ***\n"],
    [collector, "token: |\n  hunter2\n  hunter2\nid: a", "token: ***id: a"],
    [collector, "auth: {basic: [{username: u, password: hunter2}]}", "auth: {basic: [{username: u, password: ***}]}"],
    [collector, "auth: {header: x-api-key}", "auth: {header: x-api-key}"],
    ["rules/a/1.yaml", "password: seen", "password: seen"],
    // What cannot be parsed whole is masked by the look of it.
    [collector, 'token: "hunter2\nid: a', "token: ***"],
    [collector, "tokens: [\n  hunter2,\n  hunter2", "tokens: ***\n  ***\n  ***"],
    [collector, "{token: hunter2, id: [}", "{token: ***"],
  ])("%s: %j", (file, text, expected) => {
    expect(masked(text, 0, text.length, secretRanges(file, text))).toBe(expected);
  });

  test("what lies deeper than files are read is not shown", () => {
    const text = Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
    expect(masked(text, 0, text.length, secretRanges(settings, text))).toMatch(/a:\n +\*\*\*$/);
  });

  test("and the caret stands where it belongs", () => {
    const text = print("{token: hunter2hunter2, id: 5}", { file: collector, column: 29 });
    expect(text).toContain("  1 | {token: ***, id: 5}\n    |                  ^\n");
  });
});
