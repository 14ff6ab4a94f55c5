import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createIntake } from "../component/intake.ts";
import { parseJson, type Json } from "../core/json.ts";
import { tornado } from "./tornado.ts";

const context = { collector: "c", receivedMs: 1 };
const event = { type: "t", created_ms: 5, payload: { a: 1 } };
const draft = (document: Json) => {
  const result = tornado.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  return result.value[0];
};

describe("tornado", () => {
  test("a recorded event", () => {
    const parsed = parseJson(readFileSync("test/fixtures/tornado/openshift-event.json", "utf8"));
    expect(draft(parsed.ok ? parsed.value : null)).toMatchObject({
      type: "prometheus_alertmanager",
      created_ms: 1712218875257,
      metadata: { tenant_id: "master" },
      trace_id: "6728a51b76579c03989692c1d700a4eb",
    });
  });
  test.each<[Json, object]>([
    [event, event],
    [
      { ...event, type: "", payload: {} },
      { type: "", created_ms: 5, payload: {} },
    ],
    [{ ...event, other: 1, iterator: {} }, event],
    [{ ...event, trace_id: null }, event],
    [
      { ...event, trace_id: "own" },
      { ...event, trace_id: "own" },
    ],
    [
      { ...event, id: "e-1", metadata: { m: 1 } },
      { ...event, id: "e-1", metadata: { m: 1 } },
    ],
  ])("%j", (document, expected) => expect(draft(document)).toEqual(expected));
  const time = "an event has `created_ms`, a whole number of milliseconds since 1970;";
  test.each<[string, Json]>([
    ["an event has a text `type`; it is missing", { created_ms: 5, payload: {} }],
    ["an event has a text `type`; this is a number", { ...event, type: 5 }],
    [`${time} it is missing`, { type: "t", payload: {} }],
    [`${time} this is -1`, { ...event, created_ms: -1 }],
    [`${time} this is 1.5`, { ...event, created_ms: 1.5 }],
    [`${time} this is "5"`, { ...event, created_ms: "5" }],
    [`${time} this is 18446744073709551615`, { ...event, created_ms: 18446744073709551615n }],
    ["an event has an object `payload`; this is null", { ...event, payload: null }],
    ["`metadata` of an event is an object; this is null", { ...event, metadata: null }],
    ["`trace_id` of an event is a text or null; this is a number", { ...event, trace_id: 7 }],
  ])("%s", (error, document) => expect(tornado.normalize(document, context)).toEqual({ ok: false, error }));

  test("type, time, metadata and trace reach the event; the sender's tenant does not", () => {
    const intake = createIntake(
      { collectorId: "c", normalizer: tornado, mapping: null, trustMetadata: false, metadataFrom: {} },
      { uuid: () => "made-up" },
    );
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const arrivals = intake(
      { ...event, trace_id: "own", metadata: { tenant_id: "x", m: 1 } },
      { ...context, traceparent },
    );
    expect(arrivals).toMatchObject({
      ok: true,
      value: [{ event: { id: "made-up", type: "t", created_ms: 5, metadata: { m: 1 }, trace_id: "own" } }],
    });
    expect(intake(event, { ...context, traceparent })).toMatchObject({
      value: [{ event: { trace_id: "0af7651916cd43dd8448eb211c80319c" } }],
    });
  });
});
