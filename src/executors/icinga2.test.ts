import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink } from "../../test/kit/http-sink.ts";
import { addressedObject, icinga2 } from "./icinga2.ts";

const login = { username: "squall", password: "p@ss/wörd" };
const payload = (
  parameters: JsonObject = { service: "h1!eventlog", exit_status: 2, plugin_output: "x" },
): JsonObject => ({
  icinga2_action_name: "process-check-result",
  icinga2_action_payload: parameters,
});
const results = (...codes: readonly (readonly [number, string])[]): string =>
  JSON.stringify({ results: codes.map(([code, status]) => ({ code, status })) });

describeExecutor(icinga2, {
  options: (url) => ({ url, ...login }),
  payload: () => payload(),
  badPayloads: {
    "no name": { icinga2_action_payload: {} },
    "name that leaves the path": { icinga2_action_name: "../objects/hosts/h1" },
    "name that is no text": { icinga2_action_name: 1 },
    "payload that is no object": { icinga2_action_name: "process-check-result", icinga2_action_payload: [] },
  },
  http: {
    secrets: [login.password],
    answer: (status) =>
      status < 300
        ? { status, body: results([200, "Successfully processed check result."]) }
        : { status, body: "<html>" },
  },
});

describe("request and answer", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());
  const create = (options: object = {}) => createTestExecutor(icinga2, { url: sink.url, ...login, ...options });

  test.each(["", "/", "/v1/actions", "/v1/actions/"])(
    "the request is Tornado's, for an url that ends in %j",
    async (end) => {
      sink.respond({ status: 200, body: results([200.0, "ok"]) });
      const { run, executor } = create({ url: `${sink.url}/prefix${end}` });
      expect(await run(payload())).toEqual({ kind: "delivered" });
      expect(sink.requests.at(-1)).toMatchObject({
        method: "POST",
        path: "/prefix/v1/actions/process-check-result",
        headers: {
          accept: "application/json",
          authorization: `Basic ${Buffer.from("squall:p@ss/wörd").toString("base64")}`,
          "content-type": "application/json",
        },
        body: '{"service":"h1!eventlog","exit_status":2,"plugin_output":"x"}',
      });
      await executor.close?.();
    },
  );

  const retry = { kind: "retry" };
  const missing = { kind: "retry", giveUp: { code: "object_missing", forMs: 600_000 } };
  const reject = { kind: "reject" };
  const superseded = { kind: "superseded" };
  const rows: readonly (readonly [string, number, string, object])[] = [
    ["results in floats", 200, '{"results":[{"code":200.0,"status":"ok"}]}', { kind: "delivered" }],
    ["no results", 200, '{"results":[]}', { kind: "delivered" }],
    [
      "ignored result",
      200,
      results([200, "Ignoring passive check result for unreachable object 'h1'."]),
      { kind: "delivered", note: "Ignoring passive check result for unreachable object 'h1'." },
    ],
    [
      "one of two ignored",
      200,
      results([200, "ok"], [200, "Ignoring passive check result"]),
      { kind: "delivered", note: expect.stringMatching(/^1 of 2 results: Ignoring/) },
    ],
    ["no object, new", 404, '{"error":404.0,"status":"No objects found."}', missing],
    ["no object, 2.13", 500, '{"results":[]}', missing],
    ["another 404", 404, '{"error":404,"status":"The requested path could not be found"}', reject],
    [
      "newer result",
      409,
      results([409, "Newer check result already present. Check result was discarded."]),
      superseded,
    ],
    [
      "newer result among successes",
      409,
      results([200, "ok"], [409, "Newer check result already present."]),
      superseded,
    ],
    ["already acknowledged", 409, results([409, "Host h1 is already acknowledged."]), superseded],
    ["another conflict", 409, results([409, "Expiry time in the past"]), reject],
    [
      "newer, and one refused",
      500,
      results([409, "Newer check result already present."], [403, "Passive checks are disabled"]),
      reject,
    ],
    ["newer, and one failed", 500, results([409, "Newer check result already present."], [500, "boom"]), retry],
    ["refused for one object", 403, results([403, "Passive checks are disabled for object 'h1'."]), reject],
    ["parameter missing", 400, results([400, "Parameter 'exit_status' is required."]), reject],
    ["shutting down", 503, '{"error":503,"status":"Shutting down."}', { kind: "unavailable" }],
    ["shutting down, per object", 503, results([503, "Icinga is shutting down"]), { kind: "unavailable" }],
    ["reloading", 503, results([503, "Icinga is reloading."]), retry],
    [
      "unauthorized",
      401,
      '{"error":401,"status":"Unauthorized. Please check your user credentials."}',
      { kind: "unavailable" },
    ],
    ["a page instead of JSON", 200, "<html>hello</html>", retry],
    ["JSON of something else", 200, "[1]", retry],
    ["result without a code", 200, '{"results":[{}]}', retry],
    ["error in a success", 200, '{"error":503,"status":"busy"}', retry],
  ];
  test.each(rows)("%s (%i)", async (_, status, body, expected) => {
    sink.respond({ status, body });
    const { run, executor } = create();
    expect(await run(payload())).toMatchObject(expected);
    await executor.close?.();
  });

  test("missing_for is the option's", async () => {
    sink.respond({ status: 404, body: '{"error":404,"status":"No objects found."}' });
    const { run, executor } = create({ missing_for: "1m" });
    expect(await run(payload())).toMatchObject({ giveUp: { code: "object_missing", forMs: 60_000 } });
    await executor.close?.();
  });

  test("the event's time is sent for check results only, and not over the payload's", async () => {
    sink.respond({ status: 200, body: results([200, "ok"]) });
    const { run, executor } = create({ execution_time: "event" });
    await run(payload({ host: "h1" }));
    expect(JSON.parse(sink.requests.at(-1)!.body)).toEqual({
      host: "h1",
      execution_start: 1_700_000_000.5,
      execution_end: 1_700_000_000.5,
    });
    await run(payload({ host: "h1", execution_end: 5 }));
    expect(JSON.parse(sink.requests.at(-1)!.body)).toMatchObject({ execution_end: 5 });
    await run({ icinga2_action_name: "reschedule-check", icinga2_action_payload: { host: "h1" } });
    expect(JSON.parse(sink.requests.at(-1)!.body)).toEqual({ host: "h1" });
    await executor.close?.();
  });

  test("an action without a payload has no body", async () => {
    sink.respond({ status: 200, body: results([200, "ok"]) });
    const { run, executor } = create();
    expect(await run({ icinga2_action_name: "shutdown-process", icinga2_action_payload: null })).toEqual({
      kind: "delivered",
    });
    expect(sink.requests.at(-1)).toMatchObject({ body: "", headers: { "content-length": "0" } });
    await executor.close?.();
  });

  describe("coalesce: newest", () => {
    const item = (service: string, eventMs: number, more: JsonObject = {}) =>
      executorItem(payload({ service, at: eventMs }), { eventMs, ...more });
    const sent = (from: number): unknown[] =>
      sink.requests.slice(from).map(({ body }) => {
        const { service, at } = JSON.parse(body) as { service: string; at: number };
        return `${service} ${at}`;
      });

    test("only the newest per object is sent", async () => {
      sink.respond({ status: 200, body: results([200, "ok"]) });
      const { runBatch, executor } = create({ coalesce: "newest" });
      const from = sink.requests.length;
      const outcomes = await runBatch([item("a", 1), item("b", 9), item("a", 3), item("a", 2)]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["superseded", "delivered", "delivered", "superseded"]);
      expect(sent(from).sort()).toEqual(["a 3", "b 9"]);
      await executor.close?.();
    });

    test("of equal times the later one is the newest", async () => {
      sink.respond({ status: 200, body: results([200, "ok"]) });
      const { runBatch, executor } = create({ coalesce: "newest" });
      expect((await runBatch([item("a", 1), item("a", 1)])).map(({ kind }) => kind)).toEqual([
        "superseded",
        "delivered",
      ]);
      await executor.close?.();
    });

    test("a rejected newest gives way to the next", async () => {
      sink.respond(({ body }) => ({
        status: body.includes('"at":3') ? 400 : 200,
        body: body.includes('"at":3') ? "" : results([200, "ok"]),
      }));
      const { runBatch, executor } = create({ coalesce: "newest" });
      const outcomes = await runBatch([item("a", 1), item("a", 3), item("a", 2)]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["superseded", "reject", "delivered"]);
      await executor.close?.();
    });

    test("a target that is away keeps all waiting", async () => {
      sink.respond({ status: 503, body: '{"error":503,"status":"Shutting down."}' });
      const { runBatch, executor } = create({ coalesce: "newest" });
      const from = sink.requests.length;
      expect((await runBatch([item("a", 1), item("a", 2)])).map(({ kind }) => kind)).toEqual([
        "unavailable",
        "unavailable",
      ]);
      expect(sent(from)).toEqual(["a 2"]);
      await executor.close?.();
    });

    test("other actions are all sent", async () => {
      sink.respond({ status: 200, body: results([200, "ok"]) });
      const { runBatch, executor } = create({ coalesce: "newest" });
      const comment = executorItem({ icinga2_action_name: "add-comment", icinga2_action_payload: { host: "h1" } });
      expect((await runBatch([comment, { ...comment }])).map(({ kind }) => kind)).toEqual(["delivered", "delivered"]);
      await executor.close?.();
    });
  });
});

test.each([
  [{ service: "h1!disk", host: "h1" }, "h1!disk"],
  [{ host: "h1", filter: "true" }, "h1"],
  [{ filter: 'host.name=="h1"' }, 'host.name=="h1"'],
  [{ filter: "host.name==h", filter_vars: { h: "h1" } }, 'host.name==h {"h":"h1"}'],
  [{ exit_status: 1 }, null],
])("order key of %o is %j", (parameters, expected) => {
  expect(addressedObject(payload(parameters))).toBe(expected);
});
