import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJson, printJson, type Json } from "../core/json.ts";
import { falco } from "./falco.ts";

const context = { collector: "c", receivedMs: 1 };
const alerts = readFileSync("test/fixtures/falco/falco.ndjson", "utf8").trim().split("\n");
const read = (text: string): Json => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};
const draft = (document: Json) => {
  const result = falco.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  expect(result.value).toHaveLength(1);
  return result.value[0]!;
};
const alert = { rule: "r", priority: "Error", output: "o", output_fields: {} };

describe("falco", () => {
  test.each([
    [0, 1558107116746, "error"],
    [1, 1677812583000, "info"],
    [2, 978311400000, "info"],
    [3, 1558107116746, "critical"],
  ])("fixture %i: time and level", (line, createdMs, level) => {
    const document = read(alerts[line]!);
    const { id, type, created_ms, payload } = draft(document);
    expect({ id, type, created_ms }).toEqual({ id: undefined, type: "falco", created_ms: createdMs });
    expect(payload).toEqual({ ...(document as object), severity_level: level });
  });
  test("64-bit integers come out as they came in", () => {
    expect(printJson(draft(read(alerts[0]!)).payload)).toContain('"evt.time":1507591916746609046,');
  });
  test.each([
    ["Emergency", "critical"],
    ["Alert", "critical"],
    ["CRITICAL", "critical"],
    ["Error", "error"],
    ["warning", "warning"],
    ["Notice", "notice"],
    ["Informational", "info"],
    ["Debug", "info"],
    ["loud", undefined],
  ])("priority %s is %s", (priority, level) =>
    expect(draft({ ...alert, priority }).payload["severity_level"]).toBe(level),
  );
  test.each<[Json, number | undefined]>([
    ["2026-11-21T09:46:38Z", 1795254398000],
    ["2019-05-17T17:31:56.746609046+02:00", 1558107116746],
    [1558107116746609046n, 1558107116746],
    ["yesterday", undefined],
    [null, undefined],
  ])("time %s is %s", (time, createdMs) => expect(draft({ ...alert, time }).created_ms).toBe(createdMs));
  test.each<[Json, string]>([
    [{ output_fields: { "fd.rport": 8080 } }, "a Falco alert has a text `rule`; it is missing"],
    [{ rule: "r" }, "a Falco alert has a text `priority`; it is missing"],
    [[alert], "a Falco alert is an object, this is an array"],
  ])("%j cannot be read", (document, error) =>
    expect(falco.normalize(document, context)).toEqual({ ok: false, error }),
  );
});
