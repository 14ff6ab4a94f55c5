/**
 * `auto` as a confusion matrix: the documents of every sender against every format's `recognizes`. A row is a set of
 * documents, a column a format; what is off the row's own column is a document that could be taken for another's. Beyond
 * the fixtures thousands of real documents are asked where they are there: SQUALL_DATA and SQUALL_SAMPLES name the folders.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isObject, member, parseJson, printJson, type Json, type JsonObject } from "../../src/core/json.ts";
import { AUTO, findNormalizer } from "../../src/normalizers/find-normalizer.ts";
import { normalizers } from "../../src/normalizers/all.ts";

interface SampleSet {
  readonly name: string;
  readonly documents: readonly Json[];
  /** The format that `auto` must read a document by; `json` where the document names no sender. */
  readonly formatOf: (document: Json) => string;
  /** Formats, later in `auto`'s order, that may recognize its documents too. */
  readonly also?: readonly string[];
}

const formats = normalizers.map(({ format }) => format);
const recognizers = (document: Json): string[] =>
  isObject(document)
    ? normalizers
        .filter(({ format, recognizes }) => format !== "json" && recognizes(document))
        .map(({ format }) => format)
    : [];

const parse = (text: string): Json => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${text.slice(0, 80)}: ${parsed.error.message}`);
  return parsed.value;
};
function documentsOf(file: string): readonly Json[] {
  const text = readFileSync(file, "utf8").trim();
  return (/\.(ndjson|jsonl)$/.test(file) ? text.split("\n") : [text]).map(parse);
}

/** Rows of counts: how many documents of a set each format recognizes; the last column: how many nobody does. */
function matrixOf(sets: readonly SampleSet[]): string {
  const columns = [...formats.filter((format) => format !== "json"), "nobody"];
  const rows = sets.map(({ name, documents }) => {
    const found = documents.map(recognizers);
    const counts = columns.map((column) =>
      column === "nobody" ? found.filter((each) => each.length === 0) : found.filter((each) => each.includes(column)),
    );
    return [name, ...counts.map(({ length }) => (length === 0 ? "." : String(length)))];
  });
  const table = [["", ...columns], ...rows];
  const widths = table[0]!.map((_, at) => Math.max(...table.map((row) => row[at]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join("  ");
  return table.map((row) => line(row).trimEnd()).join("\n");
}

/** Documents that another format claims, or that `auto` reads otherwise than their own format does. */
function misreadings({ documents, formatOf, also = [] }: SampleSet): string[] {
  const context = { collector: "matrix", receivedMs: 1 };
  const auto = findNormalizer(AUTO, normalizers)!;
  return documents.flatMap((document) => {
    const own = formatOf(document);
    const claims = recognizers(document).filter((format) => format !== own && !also.includes(format));
    const read = auto.normalize(document, context);
    const right = findNormalizer(own, normalizers)!.normalize(document, context);
    const same = read.ok && right.ok && printJson(asJson(read.value)) === printJson(asJson(right.value));
    if (claims.length === 0 && same) return [];
    const why = claims.length > 0 ? `claimed by ${claims.join()}` : "read otherwise";
    return [`${own}, ${why}: ${printJson(document).slice(0, 200)}`];
  });
}

// Drafts are JSON by what they hold; an interface has no index signature.
const asJson = (drafts: unknown): Json => drafts as Json;

const fixture = (file: string, format: string, more: Partial<SampleSet> = {}): SampleSet => ({
  name: file,
  documents: documentsOf(`test/fixtures/${file}`),
  formatOf: () => format,
  ...more,
});
const examplesOf = (format: string): SampleSet => ({
  name: `examples of ${format}`,
  documents: normalizers.find((each) => each.format === format)!.examples.map(({ document }) => document),
  // A list, and a text, is asked about by nobody: a collector splits the one, and the other names no sender.
  formatOf: (document) => (isObject(document) ? format : "json"),
});
/** Many do not say where they are from, such as Filebeat's own test results; no other format may claim them then. */
const orNobody =
  (format: string) =>
  (document: Json): string =>
    recognizers(document).includes(format) ? format : "json";

const FIXTURES: readonly SampleSet[] = [
  ...formats.map(examplesOf),
  fixture("sysdig/monitor-alert-active.json", "sysdig"),
  fixture("sysdig/monitor-alert-ok.json", "sysdig"),
  fixture("sysdig/secure-policy-event.json", "sysdig"),
  fixture("beats/winlogbeat-6.ndjson", "beats"),
  fixture("beats/elastic-beats.ndjson", "beats", { formatOf: orNobody("beats") }),
  fixture("neteye/winlogbeat-7036.json", "beats"),
  fixture("examples/filebeat-auth.ndjson", "beats"),
  fixture("examples/filebeat-system-auth.ndjson", "json"),
  // Logstash adds its `@version` to what a Beat sent: the Beat is asked first, since it knows more of the document.
  fixture("examples/winlogbeat-through-logstash.ndjson", "beats", { also: ["logstash"] }),
  fixture("examples/logstash-windows.ndjson", "logstash"),
  fixture("examples/logstash-syslog.ndjson", "logstash"),
  fixture("tornado/openshift-event.json", "tornado"),
  fixture("falco/falco.ndjson", "falco"),
  fixture("alertmanager/webhook.ndjson", "alertmanager"),
  fixture("icinga2/events.ndjson", "icinga2"),
];

describe("the fixtures", () => {
  test("the matrix", () => {
    expect(matrixOf(FIXTURES)).toMatchInlineSnapshot(`
      "                                             sysdig  beats  logstash  tornado  falco  alertmanager  icinga2  cloudevents  logzio  syslog  nobody
      examples of sysdig                                1      .         .        .      .             .        .            .       .       .       .
      examples of beats                                 .      1         .        .      .             .        .            .       .       .       .
      examples of logstash                              .      .         1        .      .             .        .            .       .       .       .
      examples of tornado                               .      .         .        1      .             .        .            .       .       .       .
      examples of falco                                 .      .         .        .      1             .        .            .       .       .       .
      examples of alertmanager                          .      .         .        .      .             1        .            .       .       .       .
      examples of icinga2                               .      .         .        .      .             .        1            .       .       .       .
      examples of cloudevents                           .      .         .        .      .             .        .            1       .       .       1
      examples of logzio                                .      .         .        .      .             .        .            .       1       .       .
      examples of syslog                                .      .         .        .      .             .        .            .       .       .       2
      examples of json                                  .      .         .        .      .             .        .            .       .       .       2
      sysdig/monitor-alert-active.json                  1      .         .        .      .             .        .            .       .       .       .
      sysdig/monitor-alert-ok.json                      1      .         .        .      .             .        .            .       .       .       .
      sysdig/secure-policy-event.json                   1      .         .        .      .             .        .            .       .       .       .
      beats/winlogbeat-6.ndjson                         .      3         .        .      .             .        .            .       .       .       .
      beats/elastic-beats.ndjson                        .      1         .        .      .             .        .            .       .       .       8
      neteye/winlogbeat-7036.json                       .      1         .        .      .             .        .            .       .       .       .
      examples/filebeat-auth.ndjson                     .      5         .        .      .             .        .            .       .       .       .
      examples/filebeat-system-auth.ndjson              .      .         .        .      .             .        .            .       .       .      16
      examples/winlogbeat-through-logstash.ndjson       .      4         4        .      .             .        .            .       .       .       .
      examples/logstash-windows.ndjson                  .      .         6        .      .             .        .            .       .       .       .
      examples/logstash-syslog.ndjson                   .      .         3        .      .             .        .            .       .       .       .
      tornado/openshift-event.json                      .      .         .        1      .             .        .            .       .       .       .
      falco/falco.ndjson                                .      .         .        .      4             .        .            .       .       .       .
      alertmanager/webhook.ndjson                       .      .         .        .      .             1        .            .       .       .       .
      icinga2/events.ndjson                             .      .         .        .      .             .       13            .       .       .       ."
    `);
  });
  test.each(FIXTURES)("$name: no misreading", (set) => {
    expect(set.documents.length).toBeGreaterThan(0);
    expect(misreadings(set)).toEqual([]);
  });
  test("every format has a set of its own", () => {
    const covered = new Set(FIXTURES.flatMap(({ documents, formatOf }) => documents.map(formatOf)));
    expect(formats.filter((format) => !covered.has(format))).toEqual(["syslog"]); // texts only
  });
});

const data = process.env["SQUALL_DATA"] ?? "../shared/data";
const samples = process.env["SQUALL_SAMPLES"] ?? "../shared/samples";
const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];

const has = (document: Json, key: string): boolean => isObject(document) && Object.hasOwn(document, key);

/** What the documents of a file of the corpus are. */
function corpusFormat(file: string): (document: Json) => string {
  const name = basename(file);
  if (file.includes("sysdig")) return () => "sysdig";
  if (file.includes("elastalert")) return () => "json";
  if (file.includes("tornado")) return orNobody("tornado");
  if (name.startsWith("falco"))
    return (document) =>
      isObject(document) && isObject(member(document, "output_fields")) && has(document, "output") ? "falco" : "json";
  if (name.startsWith("alertmanager")) return (document) => (has(document, "created_ms") ? "tornado" : "alertmanager");
  if (name.startsWith("github")) return () => "json";
  // Some went through Logstash on their way.
  if (name.startsWith("security-datasets")) return (document) => (has(document, "@version") ? "logstash" : "json");
  if (name.startsWith("winlogbeat") || name.startsWith("packetbeat")) return () => "beats";
  return orNobody("beats");
}

/** Documents stand in `payload`, `event` or `events[].doc` where a line says more than the document. */
function unwrap(file: string, line: Json): readonly Json[] {
  const inside = (key: string): Json => (isObject(line) ? (member(line, key) ?? null) : null);
  if (file.includes("webhooks")) return [inside("payload")];
  if (file.includes("regression") || file.includes("tornado")) return [inside("event")];
  if (!file.includes("elastalert")) return [line];
  const events = inside("events");
  return Array.isArray(events) ? (events as readonly JsonObject[]).map((event) => member(event, "doc") ?? null) : [];
}

const corpus: readonly SampleSet[] = [
  ...["beats", "windows", "webhooks"].flatMap((folder) => filesIn(join(data, folder))),
  ...filesIn(join(data, "sigma")).filter((file) => file.includes("regression")),
  ...["sysdig", "tornado", "elastalert"].flatMap((folder) => filesIn(join(samples, folder))),
]
  .filter((file) => /json(nd|l)?$/.test(file))
  .map((file) => ({
    name: file.split("/").slice(-2).join("/"),
    documents: documentsOf(file)
      .flatMap((line) => unwrap(file, line))
      .filter(isObject),
    formatOf: corpusFormat(file),
  }));

describe.skipIf(corpus.length === 0)(`every document of ${data} and ${samples}`, () => {
  test("the matrix", () => {
    console.info(matrixOf(corpus));
    expect(corpus.flatMap(misreadings)).toEqual([]);
    expect(corpus.reduce((sum, { documents }) => sum + documents.length, 0)).toBeGreaterThan(10_000);
  });

  test("Falco's alerts come out as they came in, integers beyond 2^53 included, with the level behind", () => {
    const falco = normalizers.find(({ format }) => format === "falco")!;
    const files = filesIn(join(data, "webhooks")).filter((file) => basename(file).startsWith("falco"));
    for (const line of files.flatMap((file) => readFileSync(file, "utf8").trim().split("\n"))) {
      const alert = member(parse(line) as JsonObject, "payload");
      if (!isObject(alert!) || !falco.recognizes(alert)) continue;
      const read = falco.normalize(alert, { collector: "corpus", receivedMs: 1 });
      if (!read.ok) throw new Error(read.error);
      const sent = line.slice(line.indexOf('"payload"') + 10).replace(/\s+/g, "");
      expect(sent).toContain(printJson(alert).replace(/\s+/g, ""));
      expect(printJson(read.value[0]!.payload).startsWith(printJson(alert).slice(0, -1))).toBe(true);
    }
  });
});
