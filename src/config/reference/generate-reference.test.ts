import { describe, expect, test } from "vitest";
import { collectorTypes } from "../../collectors/all.ts";
import { ERROR_CODES } from "../../component/app-error.ts";
import { regexForms } from "../../core/extractor/list.ts";
import { modifierTypes } from "../../core/modifier/list.ts";
import { operatorTypes } from "../../core/operator/list.ts";
import { filters } from "../../core/template/filter/list.ts";
import { executorTypes } from "../../executors/all.ts";
import { normalizers } from "../../normalizers/all.ts";
import { executorEntry } from "../executor-entry.ts";
import { settingsSchema } from "../settings.ts";
import { generateReference } from "./generate-reference.ts";
import { metricsIn } from "./metrics.ts";
import { optionRows } from "./option-rows.ts";

const reference = generateReference();
const text = (file: string): string => reference.get(file)!;
const schema = (name: string): Record<string, unknown> =>
  JSON.parse(text(`docs/schemas/${name}.schema.json`)) as Record<string, unknown>;

test("the same code gives the same files", () => {
  expect([...generateReference()]).toEqual([...reference]);
});

test("every file ends in one line break and names no place of this machine", () => {
  for (const [file, content] of reference) {
    expect(content, file).toMatch(/[^\n]\n$/);
    expect(content, file).not.toContain(process.cwd());
  }
});

describe("every member of every family has its place", () => {
  test.each<[string, readonly string[]]>([
    ["collectors", collectorTypes.map(({ type }) => `\n## ${type}\n`)],
    ["formats", normalizers.map(({ format }) => `\n## ${format}\n`)],
    ["executors", executorTypes.map(({ type }) => `\n## ${type}\n`)],
    ["actions", ["\n## foreach\n", "\n## mustache\n", "`body` of `webhook` is JSON, unless"]],
    ["operators", operatorTypes.map(({ name }) => `\n## ${name}\n`)],
    ["extractors", regexForms.map(({ key }) => `\n## ${key}\n`)],
    ["modifiers", modifierTypes.map(({ name }) => `\n## ${name}\n`)],
    ["filters", filters.map(({ name }) => `\n| \`${name}\` |`)],
    ["error-codes", Object.keys(ERROR_CODES).map((code) => `\n| \`${code}\` |`)],
    ["settings", ["| `store.retention` | duration | `1d` |", "| `ingest.max_body` | size | `32mb` |"]],
    ["metrics", ["| `squall_events_received_total` | counter | `collector` |"]],
  ])("%s", (page, parts) => {
    for (const part of parts) expect(text(`docs/reference/${page}.md`)).toContain(part);
  });
});

describe("every key has a description", () => {
  const all = [
    ["settings", settingsSchema],
    ["executors", executorEntry],
    ...collectorTypes.map(({ type, options }) => [`collector ${type}`, options] as const),
    ...executorTypes.map(({ type, options }) => [`executor ${type}`, options] as const),
  ] as const;
  test.each(all)("%s", (_, options) => {
    // The form of a list or alternative is told by what holds it.
    const silent = optionRows(options).filter(({ path, description }) => description === "" && !/[.[]/.test(path));
    expect(silent).toEqual([]);
  });
});

describe("schemas", () => {
  test("are of JSON Schema 2020-12, without marks of our own", () => {
    for (const name of ["settings", "collector", "rule", "processing-tree"]) {
      expect(schema(name)["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
      expect(text(`docs/schemas/${name}.schema.json`)).not.toMatch(/"(unit|secret|form)": ("|true)/);
    }
  });

  test("numbers may come from variables, sizes show their default", () => {
    const ingest = (schema("settings")["properties"] as { ingest: { anyOf: { properties: object }[] } }).ingest;
    expect(ingest.anyOf[0]!.properties).toMatchObject({
      port: { default: 8080, anyOf: [{ type: "integer", maximum: 65_535 }, { type: "string" }] },
      max_body: { default: "32mb", type: ["string", "number"] },
    });
  });
});

test("metrics are read from their declarations", () => {
  const source = `
    const a = metrics.counter("squall_a_total", "Says \\"a\\".", ["x", "y"]);
    deps.metrics?.gauge(
      "squall_b",
      "B.",
    );
    m.histogram<"z">("squall_c_seconds", "C.", ["z"], [0.1, 1]);
    other.counter("foreign_total", "Not ours.");`;
  expect(metricsIn(source)).toEqual([
    { kind: "counter", name: "squall_a_total", meaning: 'Says "a".', labels: ["x", "y"] },
    { kind: "gauge", name: "squall_b", meaning: "B.", labels: [] },
    { kind: "histogram", name: "squall_c_seconds", meaning: "C.", labels: ["z"] },
  ]);
});
