import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../core/json.ts";
import { cloudevents } from "./cloudevents.ts";

const base = { specversion: "1.0", id: "1", source: "/s", type: "t" };
const read = (document: Json, headers?: Record<string, string>) => {
  const context = { collector: "c", receivedMs: 1, ...(headers ? { headers } : {}) };
  const result = cloudevents.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("data", () => {
  test.each<[JsonObject, JsonObject]>([
    [{ data: { a: 1 } }, { a: 1 }],
    [{ data: [1, 2] }, { value: [1, 2] }],
    [{ data: null }, { value: null }],
    [{ data: "x" }, { value: "x" }],
    [{}, {}],
    [{ data_base64: base64('{"a":9007199254740993}') }, { a: 9007199254740993n }],
    [{ data_base64: base64('{"a":1}'), datacontenttype: "application/vnd.x+json; charset=utf-8" }, { a: 1 }],
    [{ data_base64: base64("hello"), datacontenttype: "text/plain" }, { value: "hello" }],
    [{ data_base64: base64("<a/>"), datacontenttype: "application/xml" }, { value: "<a/>" }],
    [{ data_base64: "AAEC", datacontenttype: "image/png" }, { data_base64: "AAEC" }],
    [{ data_base64: base64("{bad"), datacontenttype: "application/json" }, { data_base64: base64("{bad") }],
    [{ specversion: "0.3", data: base64('{"a":1}'), datacontentencoding: "base64" }, { a: 1 }],
  ])("%j", (event, payload) => expect(read({ ...base, ...event })[0]!.payload).toEqual(payload));
});

test("attributes and extensions are metadata; traceparent is the trace", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const event = {
    ...base,
    subject: "x",
    partitionkey: "p",
    traceparent,
    time: "2024-05-02T09:14:07.5+02:00",
    data: {},
  };
  const { data: _, ...attributes } = event;
  expect(read(event)).toEqual([
    {
      id: '["/s","1"]',
      type: "t",
      created_ms: 1714634047500,
      payload: {},
      metadata: { cloudevents: attributes },
      trace_id: "0af7651916cd43dd8448eb211c80319c",
    },
  ]);
});

describe("binary", () => {
  const headers = {
    "ce-specversion": "1.0",
    "ce-id": "7",
    "ce-source": "/caf%C3%A9",
    "ce-type": "t",
    "ce-time": "2024-05-02T09:14:07Z",
    "ce-rank": "50%",
    "content-type": "application/json",
    "user-agent": "x",
  };
  test("attributes from the headers, data from the body", () => {
    const [draft] = read({ id: "of the data", a: 1 }, headers);
    expect(draft).toMatchObject({
      type: "t",
      created_ms: 1714641247000,
      payload: { id: "of the data", a: 1 },
      metadata: {
        cloudevents: {
          specversion: "1.0",
          id: "7",
          source: "/café",
          type: "t",
          time: "2024-05-02T09:14:07Z",
          rank: "50%",
          datacontenttype: "application/json",
        },
      },
    });
    expect(draft!.id).toMatch(/^\["\/café","7",".{43}"\]$/);
    expect(read({ id: "of the data", a: 1 }, headers)[0]!.id).toBe(draft!.id);
  });
  test("elements of data that a collector split are events of their own", () =>
    expect(read({ a: 1 }, headers)[0]!.id).not.toBe(read({ a: 2 }, headers)[0]!.id));
  test("as Kafka's binding writes it", () => {
    const kafka = { ce_specversion: "1.0", ce_id: "7", ce_source: "/s", ce_type: "t" };
    expect(read("text", kafka)[0]).toMatchObject({ type: "t", payload: { value: "text" } });
  });
  test("what is missing is said", () =>
    expect(cloudevents.normalize({}, { collector: "c", receivedMs: 1, headers: { "ce-specversion": "1.0" } })).toEqual({
      ok: false,
      error: "a CloudEvent has a text `id`; it is missing",
    }));
});

test.each<[Json, string]>([
  [[], "a batch of CloudEvents has at least one event, this one has none"],
  [[base, 5], "a CloudEvent is an object, this is a number"],
  [{ ...base, specversion: 1 }, "a CloudEvent has a text `specversion`, such as 1.0; this is a number"],
  [{ ...base, source: "" }, "a CloudEvent has a text `source`; it is empty"],
  [{ ...base, type: null }, "a CloudEvent has a text `type`; this is null"],
])("%j: %s", (document, error) =>
  expect(cloudevents.normalize(document, { collector: "c", receivedMs: 1 })).toEqual({ ok: false, error }),
);

test.each<[JsonObject, boolean]>([
  [base, true],
  [{ ...base, specversion: "0.3" }, true],
  [{ ...base, "@version": "1", "@timestamp": "2024-05-02T09:14:07Z" }, false],
  [{ id: "1", source: "s", type: "t" }, false],
  [{ ...base, id: 5 }, false],
])("%j is recognized: %s", (document, expected) => expect(cloudevents.recognizes(document)).toBe(expected));
