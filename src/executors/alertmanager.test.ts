import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer } from "../../test/kit/http-sink.ts";
import { alertmanager } from "./alertmanager.ts";
import { readLabels } from "./support/alert-labels.ts";

const labels = { alertname: "disk_full", host: "h1" };

describeExecutor(alertmanager, {
  options: (url) => ({ url, basic: { username: "squall", password: "p@ss/wörd" } }),
  payload: () => ({ labels }),
  badPayloads: {
    "no labels": { status: "firing" },
    "unknown status": { labels, status: "ok" },
    "label that is an object": { labels: { a: { b: 1 } } },
    "two labels of one name": { labels: { "a.b": "1", a_b: "2" } },
    "annotation without a name": { labels, annotations: { "": "x" } },
    "time that is none": { labels, startsAt: "yesterday" },
    "time out of range": { labels, startsAt: 1e300 },
    "ends before it starts": { labels, startsAt: 2, endsAt: 1 },
  },
  http: { secrets: ["p@ss/wörd"] },
});

const alertOf = (payload: JsonObject, options: object = {}, more: object = {}): unknown => {
  const { executor } = createTestExecutor(alertmanager, { url: "http://x", ...options });
  const { body } = executor.preview(executorItem(payload, more));
  return (body as readonly unknown[])[0];
};
const NOW = "2023-11-14T22:13:20.000Z";
const A_SECOND_AGO = { eventMs: 1_699_999_999_000 };

test.each([
  [
    "firing: from the event's time for a day",
    {},
    {},
    { startsAt: "2023-11-14T22:13:19.000Z", endsAt: "2023-11-15T22:13:20.000Z" },
  ],
  [
    "firing for as long as configured",
    {},
    { ends_after: "1h" },
    { startsAt: "2023-11-14T22:13:19.000Z", endsAt: "2023-11-14T23:13:20.000Z" },
  ],
  ["firing until Alertmanager thinks otherwise", {}, { ends_after: null }, { startsAt: "2023-11-14T22:13:19.000Z" }],
  ["resolved: at the event's time", { status: "resolved" }, {}, { endsAt: "2023-11-14T22:13:19.000Z" }],
  [
    "times of the payload",
    { startsAt: 1_600_000_000_000, endsAt: "2023-11-14T23:00:00+01:00" },
    {},
    { startsAt: "2020-09-13T12:26:40.000Z", endsAt: "2023-11-14T22:00:00.000Z" },
  ],
  [
    "an end before the event",
    { endsAt: "2023-11-14T22:00:00Z" },
    {},
    { startsAt: "2023-11-14T22:00:00.000Z", endsAt: "2023-11-14T22:00:00.000Z" },
  ],
  ["resolved with a start after the event", { status: "resolved", startsAt: NOW }, {}, { startsAt: NOW, endsAt: NOW }],
])("%s", (_, times, options, expected) => {
  expect(alertOf({ labels, ...times }, options, A_SECOND_AGO)).toEqual({ labels, ...expected });
});

test("an event from the future starts, and ends, an alert now", () => {
  const future = { eventMs: 1_700_000_100_000 };
  expect(alertOf({ labels }, {}, future)).toMatchObject({ startsAt: NOW });
  expect(alertOf({ labels, status: "resolved" }, {}, future)).toMatchObject({ endsAt: NOW });
});

test.each([
  ["the rule's name is the alert's", { labels: { a: "b" } }, {}, { alertname: "service_stopped", a: "b" }],
  [
    "labels of the options, and over them",
    { labels: { a: "b" } },
    { labels: { a: "x", c: 1, alertname: "n" } },
    { alertname: "n", a: "b", c: "1" },
  ],
  [
    "names are sanitized, values are texts",
    { labels: { "host.name": "h", "1st": true, n: 2n ** 60n, é: 1.5 } },
    {},
    { alertname: "service_stopped", host_name: "h", _1st: "true", n: "1152921504606846976", _: "1.5" },
  ],
  [
    "empty and null ones are left out",
    { labels: { a: "", b: null, "a.b": "", a_b: "c" } },
    {},
    { alertname: "service_stopped", a_b: "c" },
  ],
  [
    "names as they are",
    { labels: { "host.name": "h" } },
    { label_names: "any" },
    { alertname: "service_stopped", "host.name": "h" },
  ],
])("labels: %s", (_, payload, options, expected) => {
  expect(alertOf(payload as JsonObject, options)).toMatchObject({ labels: expected });
});

test("the rest arrives as it was given", () => {
  const annotations = { summary: "x", runbook: "https://example.com" };
  expect(alertOf({ labels, annotations, generatorURL: "https://squall.example.com" })).toMatchObject({
    annotations,
    generatorURL: "https://squall.example.com",
  });
});

test.each([
  [{ "host.name": "x" }, '"host.name" is no name; accepted: letters, digits and _, no digit first'],
  [{ "1st": "x" }, '"1st" is no name'],
  [{ "": "x" }, "without a name"],
])("refused names: %j", (given, message) => {
  expect(readLabels(given, "refuse")).toMatchObject({ ok: false, error: expect.stringContaining(message) });
});

describe("members of a cluster", () => {
  let sinks: readonly HttpSink[];
  beforeAll(async () => {
    sinks = await Promise.all([httpSink(), httpSink()]);
  });
  afterAll(async () => {
    for (const sink of sinks) await sink.close();
  });

  test.each<readonly [string, SinkAnswer, SinkAnswer, object]>([
    ["both took it", { status: 200 }, { status: 200 }, { kind: "delivered" }],
    ["one is away", { status: 200 }, { status: 503 }, { kind: "delivered", note: expect.stringContaining("503") }],
    ["one refuses", { status: 400 }, { status: 200 }, { kind: "delivered", note: expect.stringContaining("400") }],
    ["both are away", { status: 503 }, "reset", { kind: "retry", reason: expect.stringMatching(/503.*; /) }],
    ["login refused, the other away", { status: 401 }, { status: 500 }, { kind: "retry" }],
    ["refused, and login refused", { status: 400 }, { status: 401 }, { kind: "unavailable" }],
    ["both refuse", { status: 400 }, { status: 400 }, { kind: "reject" }],
  ])("%s", async (_, first, second, expected) => {
    sinks[0]!.respond(first);
    sinks[1]!.respond(second);
    const before = sinks.map(({ requests }) => requests.length);
    const { run, executor } = createTestExecutor(alertmanager, { url: sinks.map(({ url }) => `${url}/am/`) });
    const outcome = await run({ labels });
    expect(outcome).toMatchObject(expected);
    if (_ === "both took it") expect(outcome).toEqual({ kind: "delivered" });
    for (const [i, { requests }] of sinks.entries()) {
      expect(requests.length).toBe(before[i]! + 1);
      expect(requests.at(-1)).toMatchObject({ method: "POST", path: "/am/api/v2/alerts" });
      expect(JSON.parse(requests.at(-1)!.body)).toMatchObject([{ labels }]);
    }
    await executor.close?.();
  });
});

test.each([
  ["no URL", { url: "am:9093" }],
  ["no member", { url: [] }],
  ["basic and bearer", { url: "http://x", basic: { username: "a", password: "b" }, bearer: "c" }],
  ["unknown rule for names", { url: "http://x", label_names: "keep" }],
])("options refused: %s", (_, options) => {
  expect(alertmanager.options.safeParse(options).success).toBe(false);
});
