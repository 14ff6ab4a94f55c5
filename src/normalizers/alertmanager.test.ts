import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJson, type Json } from "../core/json.ts";
import { alertmanager } from "./alertmanager.ts";

const END = "2024-05-02T09:30:00.500Z";
const END_MS = 1_714_642_200_500;
const context = { collector: "c", receivedMs: END_MS + 1000 };
const drafts = (document: Json) => {
  const result = alertmanager.normalize(document, context);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const alert = { labels: { alertname: "A" }, startsAt: "2024-05-02T09:14:07Z", fingerprint: "f1" };

describe("alertmanager", () => {
  test("a notification of version 4: labels and annotations of the group are merged", () => {
    const parsed = parseJson(readFileSync("test/fixtures/alertmanager/webhook.ndjson", "utf8"));
    const [draft, ...more] = drafts(parsed.ok ? parsed.value : null);
    expect(more).toEqual([]);
    expect(draft).toEqual({
      type: "alertmanager",
      payload: {
        version: "4",
        groupKey: '{}:{alertname="high_memory_load"}',
        status: "firing",
        receiver: "teams_proxy",
        groupLabels: { alertname: "high_memory_load" },
        externalURL: "http://docker.for.mac.host.internal:9093",
        labels: {
          alertname: "high_memory_load",
          instance: "instance-with-hyphen_and_underscore",
          job: "docker_nodes",
          monitor: "master",
          severity: "warning",
        },
        annotations: {
          description: "10.80.40.11 reported high memory usage with 23.28%.",
          summary: "Server High Memory usage",
          runbook: "https://github.com/bzon/prometheus-msteams",
        },
        startsAt: "2018-03-07T06:33:21.873077559-05:00",
        endsAt: "0001-01-01T00:00:00Z",
        severity_level: "warning",
      },
    });
  });

  test("each alert has its own status, whatever the notification's", () => {
    const both = drafts({
      status: "firing",
      receiver: "r",
      commonLabels: {},
      alerts: [
        { ...alert, status: "firing", endsAt: "0001-01-01T00:00:00Z" },
        { ...alert, status: "resolved", endsAt: END },
      ],
    });
    expect(both.map(({ id, created_ms, payload }) => [id, created_ms, payload["status"]])).toEqual([
      [undefined, undefined, "firing"],
      ["f1|2024-05-02T09:14:07Z", END_MS, "resolved"],
    ]);
  });

  test.each<[string, object, string, number | undefined]>([
    ["zero time", { endsAt: "0001-01-01T00:00:00Z" }, "firing", undefined],
    ["zero time of another zone", { endsAt: "0001-01-01T01:00:00+01:00" }, "firing", undefined],
    ["no end", {}, "firing", undefined],
    ["an end to come", { endsAt: "2024-05-02T09:40:00Z" }, "firing", undefined],
    ["an end that has passed", { endsAt: END }, "resolved", END_MS],
    ["an end that cannot be read", { endsAt: "soon" }, "firing", undefined],
    ["resolved with the zero time", { status: "resolved", endsAt: "0001-01-01T00:00:00Z" }, "resolved", undefined],
    ["firing although the end has passed", { status: "firing", endsAt: END }, "firing", undefined],
  ])("an alert by itself: %s", (_, more, status, createdMs) => {
    const [draft] = drafts({ ...alert, ...more });
    expect(draft).toMatchObject({ payload: { status } });
    expect(draft!.created_ms).toBe(createdMs);
  });

  test("without a fingerprint a resolved alert has no id", () =>
    expect(drafts({ labels: {}, startsAt: "x", endsAt: END })[0]!.id).toBeUndefined());

  test("an array of alerts, as Prometheus posts it", () =>
    expect(drafts([alert, { ...alert, labels: { alertname: "B" } }]).map(({ payload }) => payload["labels"])).toEqual([
      { alertname: "A" },
      { alertname: "B" },
    ]));

  test.each<[Json, string]>([
    [{ alerts: [] }, "a notification of Alertmanager has at least one alert, this one has none"],
    [{ alerts: [alert, 5] }, "an alert is an object, alerts[1] is a number"],
    [{ alerts: [{}] }, "an alert has an object `labels`; it is missing in alerts[0]"],
    [
      { status: "firing" },
      "a notification of Alertmanager has an array `alerts`, an alert has an object `labels`; both are missing",
    ],
    ["x", "alerts of Prometheus are an object or an array, this is a string"],
  ])("%j cannot be read", (document, error) =>
    expect(alertmanager.normalize(document, context)).toEqual({ ok: false, error }),
  );
});
