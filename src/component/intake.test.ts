import { expect, test } from "vitest";
import { issueSink } from "../core/diagnostic.ts";
import { compileMapping } from "../core/mapping/compile-mapping.ts";
import { ok } from "../core/result.ts";
import { createIntake, transportSource, type IntakeOptions } from "./intake.ts";

const context = { collector: "c", receivedMs: 9_000, headers: { "x-tenant": "acme-7" } };
const intake = (options: Partial<IntakeOptions>) =>
  createIntake(
    {
      collectorId: "c",
      normalizer: { normalize: (document) => ok([{ payload: { document } }]) },
      mapping: null,
      trustMetadata: false,
      metadataFrom: {},
      ...options,
    },
    { uuid: (nowMs) => `uuid-${nowMs}` },
  );

test("what nobody gives is filled in", () =>
  expect(intake({})(5, context)).toEqual(
    ok([
      {
        event: { id: "uuid-9000", type: "c", created_ms: 9000, payload: { document: 5 }, metadata: {}, trace_id: null },
        identity: "generated",
      },
    ]),
  ));

test("an event is nothing but its own members, as JSON is", () => {
  const result = intake({})(5, context);
  const { event } = result.ok ? result.value[0]! : expect.fail();
  expect(Object.keys({ ...event })).toEqual(["id", "type", "created_ms", "payload", "metadata", "trace_id"]);
  const seen: string[] = [];
  for (const key in event) seen.push(key); // as the matcher goes over objects
  expect(seen).toEqual(Object.keys(event));
});

test("ids: of the input with position, of the normalizer with its own time", () => {
  const two = { normalize: () => ok([{ id: "a", knownForMs: 60, payload: {} }, { payload: {} }]) };
  const ids = (inputId?: string) => {
    const result = intake({ normalizer: two })(null, { ...context, ...(inputId === undefined ? {} : { inputId }) });
    return result.ok && result.value.map((arrival) => [arrival.event.id, arrival.identity, arrival.knownForMs]);
  };
  expect(ids("key")).toEqual([
    ["key#0", "given", undefined],
    ["key#1", "given", undefined],
  ]);
  expect(ids()).toEqual([
    ["a", "given", 60],
    ["uuid-9000", "generated", undefined],
  ]);
});

test("a record of a partition: its place is its id, its time the cause, its trace its own", () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const place = { ...context, positionId: "logs/0/7/5000", timestampMs: 5000 };
  const two = { normalize: () => ok([{ id: "a", knownForMs: 60, payload: {} }, { payload: {} }]) };
  const taken = intake({ normalizer: two })(null, { ...place, traceparent });
  expect(taken.ok && taken.value).toMatchObject([
    { event: { id: "a" }, identity: "given", knownForMs: 60, causeMs: 5000, traceparent },
    { event: { id: "logs/0/7/5000#1" }, identity: "given", traceparent },
  ]);
  const request = intake({ normalizer: two })(null, { ...context, traceparent });
  for (const arrival of request.ok ? request.value : []) {
    expect(arrival).not.toHaveProperty("causeMs");
    expect(arrival).not.toHaveProperty("traceparent");
  }
});

test.each([
  [false, undefined],
  [true, "evil"],
])("trust_metadata %s: the sender's tenant_id is %s", (trustMetadata, tenant) => {
  const normalizer = { normalize: () => ok([{ payload: {}, metadata: { tenant_id: "evil", site: "x" } }]) };
  const result = intake({ normalizer, trustMetadata })(null, context);
  expect(result.ok && result.value[0]!.event.metadata["tenant_id"]).toBe(tenant);
  expect(result.ok && result.value[0]!.event.metadata["site"]).toBe("x");
});

test("the configuration may set the tenant, from a literal or the transport", () => {
  const mapping = compileMapping({ metadata: { tenant_id: "fixed" } }, issueSink([]));
  const literal = intake({ mapping })(null, context);
  expect(literal.ok && literal.value[0]!.event.metadata).toEqual({ tenant_id: "fixed" });
  const header = intake({ metadataFrom: { tenant_id: { from: "header:X-Tenant", regex: null } } })(null, context);
  expect(header.ok && header.value[0]!.event.metadata).toEqual({ tenant_id: "acme-7" });
});

test("a mapping that cannot be applied refuses the document", () => {
  const mapping = compileMapping({ event_type: "${document}" }, issueSink([]));
  expect(intake({ mapping })(5, context)).toMatchObject({ ok: false });
});

test("the trace id comes from traceparent", () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const result = intake({})(null, { ...context, traceparent });
  expect(result.ok && result.value[0]!.event.trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
});

test("sources of metadata_from", () => {
  expect(transportSource("header:X-Tenant").ok).toBe(true);
  expect(transportSource("cookie")).toMatchObject({ ok: false });
});
