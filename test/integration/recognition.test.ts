import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isObject, member, parseJson, printJson, type JsonObject } from "../../src/core/json.ts";
import { findNormalizer } from "../../src/normalizers/find-normalizer.ts";
import { normalizers } from "../../src/normalizers/list.ts";

/** Thousands of real documents of many senders: SQUALL_DATA and SQUALL_SAMPLES name the folders. */
const data = process.env["SQUALL_DATA"] ?? "../shared/data";
const samples = process.env["SQUALL_SAMPLES"] ?? "../shared/samples";
const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
const files = [
  ...["beats", "windows", "webhooks"].flatMap((folder) => filesIn(join(data, folder))),
  ...filesIn(join(samples, "sysdig")),
];

/** What a document may be taken for; where two stand, the first of them that recognizes it in `auto`'s order. */
function allowed(file: string, document: JsonObject): readonly string[] {
  if (file.includes("sysdig")) return ["sysdig"];
  if (file.includes("falco"))
    return isObject(member(document, "output_fields")) && "output" in document ? ["falco"] : [""];
  if (file.includes("alertmanager")) return "created_ms" in document ? ["tornado"] : ["alertmanager"];
  if (file.includes("github")) return [""];
  // Some went through Logstash on their way, which left `@version`.
  if (file.includes("security-datasets-flat")) return ["@version" in document ? "logstash" : ""];
  // Filebeat's own test results do not name the Beat.
  return file.includes("winlogbeat") || file.includes("packetbeat") ? ["beats"] : ["beats", ""];
}

describe.skipIf(files.length === 0)(`every document of ${data} and ${samples}`, () => {
  test.each(files)("%s is recognized by its own format alone, and read", (file) => {
    const text = readFileSync(file, "utf8").trim();
    const lines = file.endsWith(".ndjson") ? text.split("\n") : [text];
    const auto = findNormalizer("auto", normalizers)!;
    for (const line of lines) {
      const parsed = parseJson(line);
      if (!parsed.ok || !isObject(parsed.value)) throw new Error(`not an object: ${line.slice(0, 80)}`);
      const wrapped = file.includes("webhooks") ? member(parsed.value, "payload") : parsed.value;
      if (!isObject(wrapped)) continue;
      const recognized = normalizers.filter(({ format, recognizes }) => format !== "json" && recognizes(wrapped));
      expect(allowed(file, wrapped), line.slice(0, 200)).toContain(recognized.map(({ format }) => format).join());
      const read = auto.normalize(wrapped, { collector: "corpus", receivedMs: 1 });
      expect(read).toMatchObject({ ok: true });
      if (file.includes("falco") && read.ok) {
        // Exactly what came in, integers beyond 2^53 included, with the level behind it.
        const sent = line.slice(line.indexOf('"payload"') + 10).replace(/\s+/g, "");
        expect(sent).toContain(printJson(wrapped).replace(/\s+/g, ""));
        expect(printJson(read.value[0]!.payload).startsWith(printJson(wrapped).slice(0, -1))).toBe(true);
      }
    }
    expect(lines.length).toBeGreaterThan(0);
  });
});
