import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../component/secret.ts";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink } from "../../test/kit/http-sink.ts";
import { pagerduty } from "./pagerduty.ts";

const alert = { summary: "disk full", source: "h1", severity: "error" };
const trigger = { event_action: "trigger", dedup_key: "h1/disk", payload: alert };

describeExecutor(pagerduty, {
  options: (url) => ({ url: `${url}/v2/enqueue`, routing_key: "0123456789abcdef0123456789abcdef" }),
  payload: () => trigger,
  badPayloads: {
    "no action": { payload: alert },
    "unknown action": { ...trigger, event_action: "close" },
    "trigger without payload": { event_action: "trigger", dedup_key: "x" },
    "trigger without source": { event_action: "trigger", payload: { summary: "x", severity: "info" } },
    "unknown severity": { event_action: "trigger", payload: { ...alert, severity: "fatal" } },
    "resolve of nothing": { event_action: "resolve" },
    "acknowledge of nothing": { event_action: "acknowledge", dedup_key: "" },
    "key that is no text": { ...trigger, dedup_key: 7 },
  },
  http: {
    secrets: ["0123456789abcdef0123456789abcdef"],
    // What the API answers, https://developer.pagerduty.com/docs/send-alert-event
    answer: (status) => ({
      status,
      body:
        status === 400
          ? '{"status":"invalid event","message":"Event object is invalid","errors":["Length of \'routing_key\' is incorrect (should be 32 characters)"]}'
          : '{"status":"success","message":"Event processed","dedup_key":"h1/disk"}',
    }),
    statuses: { 202: "delivered", 206: "delivered" },
  },
});

describe("requests", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
    sink.respond({ status: 202, body: '{"status":"success","message":"Event processed"}' });
  });
  afterAll(() => sink.close());

  const bodyOf = async (payload: JsonObject, more: { readonly secrets?: readonly Secret[] } = {}): Promise<unknown> => {
    const { run, executor } = createTestExecutor(pagerduty, { url: sink.url, routing_key: "own-key" }, more);
    expect(await run(payload)).toEqual({ kind: "delivered" });
    await executor.close?.();
    return JSON.parse(sink.requests.at(-1)!.body);
  };

  test("every field of the documented trigger arrives as it was given", async () => {
    const event = {
      event_action: "trigger",
      dedup_key: "db/1",
      client: "Monitoring",
      client_url: "https://monitoring.example.com",
      links: [{ href: "https://example.com/runbook", text: "runbook" }],
      images: [{ src: "https://example.com/graph.png", href: "https://example.com/", alt: "graph" }],
      payload: {
        summary: "Example alert on host1.example.com",
        timestamp: "2015-07-17T08:42:58.315+0000",
        source: "cluster/api-stats-prod-003",
        severity: "info",
        component: "postgres",
        group: "prod",
        class: "deploy",
        custom_details: { "ping time": "1500ms", "load avg": 0.75 },
      },
    };
    expect(await bodyOf(event)).toEqual({ ...event, routing_key: "own-key" });
  });

  test.each([
    ["critical", "critical"],
    ["error", "error"],
    ["warning", "warning"],
    ["notice", "info"],
    ["info", "info"],
  ])("severity %s is sent as %s", async (severity, expected) => {
    expect(await bodyOf({ ...trigger, payload: { ...alert, severity } })).toMatchObject({
      payload: { severity: expected, timestamp: "2023-11-14T22:13:20.500Z" },
    });
  });

  test("a trigger without a key has its delivery key", async () => {
    expect(await bodyOf({ event_action: "trigger", payload: alert })).toMatchObject({ dedup_key: EXAMPLE_KEY });
  });

  test("what is too long is cut; a key is cut in the same way by trigger and resolve", async () => {
    const key = "k".repeat(400);
    const opened = await bodyOf({ ...trigger, dedup_key: key, payload: { ...alert, summary: "s".repeat(2000) } });
    const closed = await bodyOf({ event_action: "resolve", dedup_key: key });
    expect(opened).toMatchObject({ payload: { summary: `${"s".repeat(1023)}…` } });
    const { dedup_key: cut } = closed as { dedup_key: string };
    expect(cut).toHaveLength(255);
    expect(opened).toMatchObject({ dedup_key: cut });
  });

  test("acknowledge and resolve carry the key alone", async () => {
    expect(await bodyOf({ event_action: "acknowledge", dedup_key: "x" })).toEqual({
      client: "squall",
      routing_key: "own-key",
      event_action: "acknowledge",
      dedup_key: "x",
    });
  });

  test("another service's key can come with the payload, as a secret", async () => {
    const secrets = [new Secret("team-key")];
    expect(await bodyOf({ ...trigger, routing_key: "team-key" }, { secrets })).toMatchObject({
      routing_key: "team-key",
    });
  });
});
