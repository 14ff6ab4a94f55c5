import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJson, type Json, type JsonObject } from "../core/json.ts";
import { beats } from "./beats.ts";
import { expandDottedKeys } from "./dotted-keys.ts";
import { findNormalizer } from "./find-normalizer.ts";
import { normalizers } from "./all.ts";
import { logstash } from "./logstash.ts";
import { at } from "./support.ts";
import { sysdig } from "./sysdig.ts";

const context = { collector: "c", receivedMs: 1 };
const fixture = (name: string): Json => {
  const parsed = parseJson(readFileSync(`test/fixtures/${name}`, "utf8"));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};
const documents = (name: string): JsonObject[] =>
  readFileSync(`test/fixtures/beats/${name}`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject);
const drafts = (normalizer: (typeof normalizers)[number], document: Json) => {
  const result = normalizer.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe.each(normalizers)("$format", (normalizer) => {
  test.each([...normalizer.examples])("example: $title", ({ document, events }) =>
    expect(drafts(normalizer, document)).toEqual(events),
  );
  test.each([null, 5, "x", [], [1]])("%j never throws", (document) => {
    const result = normalizer.normalize(document, context);
    expect(result.ok).toBe(normalizer.format === "json" || (normalizer.format === "syslog" && document === "x"));
  });
});

describe("beats", () => {
  test("Elastic's own documents: type from the dataset, time where there is one", () => {
    for (const document of documents("elastic-beats.ndjson")) {
      const [draft] = drafts(beats, document);
      const named = [
        at(document, "event", "dataset"),
        at(document, "@metadata", "beat"),
        at(document, "agent", "type"),
      ];
      expect(draft!.type).toBe(named.find((name) => name !== undefined));
      expect(draft!.created_ms === undefined).toBe(document["@timestamp"] === undefined);
    }
  });
  test("Winlogbeat 6: identity from computer, log, record and time", () => {
    const [first, second] = documents("winlogbeat-6.ndjson").map((document) => drafts(beats, document)[0]!);
    expect(first).toMatchObject({
      id: "15:HR001.shire.com|6:System|4:2183|24:2019-03-19T17:00:00.611Z",
      type: "winlogbeat",
      created_ms: 1553014800611,
      metadata: { beats: { beat: "winlogbeat" } },
    });
    expect(first!.payload["@metadata"]).toBeUndefined();
    expect(second!.id).not.toBe(first!.id);
  });
  test("Winlogbeat 7", () =>
    expect(drafts(beats, fixture("neteye/winlogbeat-7036.json"))[0]).toMatchObject({
      id: "21:WIN-LAB1.example.test|6:System|5:55120|24:2024-05-02T09:16:02.511Z",
      type: "winlogbeat",
    }));
  test("Filebeat lines are known for an hour by their place and text", () => {
    const line = (message: string) => ({
      agent: { id: "a1" },
      log: { file: { path: "/var/log/x" }, offset: 7 },
      message,
    });
    const [one] = drafts(beats, line("x"));
    expect(one!.knownForMs).toBe(3_600_000);
    expect(drafts(beats, line("x"))[0]!.id).toBe(one!.id);
    expect(drafts(beats, line("y"))[0]!.id).not.toBe(one!.id);
  });
  test.each([
    [{ metricset: { module: "system", name: "cpu" } }, "system.cpu"],
    [{ fileset: { name: "auth" }, event: { module: "system" } }, "system.auth"],
    [{ metricset: { name: "cpu" } }, "cpu"],
    [{ agent: { type: "heartbeat" } }, "heartbeat"],
    [{}, undefined],
  ])("the type of %j is %s", (document, type) => expect(drafts(beats, document)[0]!.type).toBe(type));
});

describe("dotted keys", () => {
  test.each<[JsonObject, JsonObject]>([
    [{ "a.b": 1, "a.c": 2 }, { a: { b: 1, c: 2 } }],
    [{ a: { x: 1 }, "a.b": 2 }, { a: { x: 1, b: 2 } }],
    [
      { a: 5, "a.b": 2 },
      { a: 5, "a.b": 2 },
    ],
    [
      { a: { b: 1 }, "a.b": 2 },
      { a: { b: 1 }, "a.b": 2 },
    ],
    [{ a: { b: { x: 1 } }, "a.b": { y: 2 } }, { a: { b: { x: 1, y: 2 } } }],
    [{ l: [{ "p.q": 1 }] }, { l: [{ p: { q: 1 } }] }],
    [
      { ".": 1, "a.": 2, "b..c": 3 },
      { ".": 1, "a.": 2, "b..c": 3 },
    ],
    [{ "__proto__.x": 1 }, { ["__proto__"]: { x: 1 } }],
  ])("%j", (from, to) => expect(expandDottedKeys(from)).toEqual(to));
  test("a document without any is returned as it is", () => {
    const document = { a: { b: [1, { c: 2 }] } };
    expect(expandDottedKeys(document)).toBe(document);
  });
});

test.each([
  [{ type: "syslog", tags: ["t"] }, "syslog"],
  [{ tags: ["t", "u"] }, "t"],
  [{ tags: [] }, undefined],
])("logstash: the type of %j is %s", (document, type) => expect(drafts(logstash, document)[0]!.type).toBe(type));

describe("sysdig", () => {
  test("the Secure policy event", () => {
    const [draft, ...more] = drafts(sysdig, fixture("sysdig/secure-policy-event.json"));
    expect(more).toEqual([]);
    expect(draft).toMatchObject({
      id: "513051281863028736",
      type: "sysdig.secure",
      created_ms: 1518849360000,
      payload: {
        timestamp: 1518849360000000,
        status: "firing",
        severity_level: "warning",
        entity: { policies: [{ id: 59 }] },
      },
    });
    expect(draft!.payload["entities"]).toBeUndefined();
  });
  test("ACTIVE and OK of one Monitor alert are two events of one entity", () => {
    const [active] = drafts(sysdig, fixture("sysdig/monitor-alert-active.json"));
    const [resolved] = drafts(sysdig, fixture("sysdig/monitor-alert-ok.json"));
    expect(active).toMatchObject({
      type: "sysdig.monitor",
      created_ms: 1714641490000,
      payload: { status: "firing", severity_level: "warning" },
    });
    expect(resolved).toMatchObject({ created_ms: 1714641850000, payload: { status: "resolved" } });
    expect(active!.id).not.toBe(resolved!.id);
  });
  test("resolved by a person while still ACTIVE; one event per entity", () => {
    const document = {
      timestamp: 1,
      alert: { id: 1, severity: 0 },
      state: "ACTIVE",
      resolved: true,
      entities: [{ entity: "a" }, { entity: "b" }],
    };
    const both = drafts(sysdig, document);
    expect(both.map((draft) => [draft.payload["status"], draft.payload["severity_level"]])).toEqual([
      ["resolved", "critical"],
      ["resolved", "critical"],
    ]);
    expect(both[0]!.id).not.toBe(both[1]!.id);
  });
});

test.each([
  ["sysdig/monitor-alert-ok.json", "sysdig.monitor"],
  ["neteye/winlogbeat-7036.json", "winlogbeat"],
])("auto reads %s as %s", (name, type) => {
  const result = findNormalizer("auto", normalizers)!.normalize(fixture(name), context);
  expect(result.ok && result.value[0]!.type).toBe(type);
});
