/** Every document of the fixtures against every format: none may be taken for another's. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isObject, parseJson, type JsonObject } from "../core/json.ts";
import { normalizers } from "./all.ts";

const documentsOf = (file: string): JsonObject[] => {
  const text = readFileSync(`test/fixtures/${file}`, "utf8").trim();
  return (file.endsWith(".ndjson") ? text.split("\n") : [text]).map((line) => {
    const parsed = parseJson(line);
    if (!parsed.ok || !isObject(parsed.value)) throw new Error(`${file}: not an object: ${line.slice(0, 60)}`);
    return parsed.value;
  });
};
/** All but `json`, which reads anything. */
const recognizers = (document: JsonObject): string[] =>
  normalizers.filter(({ format, recognizes }) => format !== "json" && recognizes(document)).map(({ format }) => format);

describe("recognized by its own format alone", () => {
  test.each([
    ["beats/winlogbeat-6.ndjson", "beats"],
    ["neteye/winlogbeat-7036.json", "beats"],
    ["sysdig/secure-policy-event.json", "sysdig"],
    ["sysdig/monitor-alert-active.json", "sysdig"],
    ["sysdig/monitor-alert-ok.json", "sysdig"],
    ["falco/falco.ndjson", "falco"],
    ["alertmanager/webhook.ndjson", "alertmanager"],
    ["tornado/openshift-event.json", "tornado"],
  ])("%s: %s", (file, format) => {
    for (const document of documentsOf(file)) expect(recognizers(document)).toEqual([format]);
  });

  test("beats/elastic-beats.ndjson: beats, or nobody where the document does not name its Beat", () => {
    const found = documentsOf("beats/elastic-beats.ndjson").map((document) => recognizers(document).join());
    expect([...new Set(found)].sort()).toEqual(["", "beats"]);
  });

  test.each(normalizers.flatMap(({ format, examples }) => examples.map((example) => [format, example] as const)))(
    "example of %s: $title",
    (format, { document }) => {
      if (isObject(document)) expect(recognizers(document)).toEqual(format === "json" ? [] : [format]);
    },
  );

  test.each<[string, JsonObject]>([
    ["half an alert of Falco", { rule: "r", priority: "Error", output: "o" }],
    ["a log line with a rule and a priority", { rule: "r", priority: "high", output: "o", output_fields: {} }],
    ["labels without a name", { labels: { env: "prod" }, startsAt: "x" }],
    ["a list of alerts of something else", { alerts: [{ id: 1 }], commonLabels: {}, receiver: "r" }],
    ["a job with a type and a payload", { type: "job", payload: { a: 1 } }],
    ["a job with its time as text", { type: "job", payload: { a: 1 }, created_ms: "5" }],
  ])("recognized by nobody: %s", (_, document) => expect(recognizers(document)).toEqual([]));
});
