/**
 * Alerts of Prometheus, in the three forms in which they travel, one event per alert:
 *
 *     {version: "4", groupKey, receiver, commonLabels, alerts: [alert …]}   what Alertmanager and Grafana post to a webhook
 *     [alert …], and one alert of it when the collector splits              what Prometheus and falcosidekick post to an Alertmanager
 *
 * An alert is `{status?, labels, annotations?, startsAt?, endsAt?, fingerprint?}`. The second form has no `status`, and the
 * `endsAt` of a firing alert is the zero time, absent, or in the future.
 *
 * A firing alert is repeated as long as it fires: each repeat is an event of its own. A resolved one is repeated too,
 * and is known by fingerprint and start.
 */
import { defineNormalizer, type InputContext } from "../component/define-normalizer.ts";
import type { EventDraft } from "../core/event/event.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { isArray, isObject, type Json, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { levelOfName } from "./level-of-name.ts";
import { arrayAt, at, kindOf, objectAt, textAt, without } from "./support.ts";

/** `0001-01-01T00:00:00Z`, Go's zero time: not ended. */
const ZERO_TIME_MS = -62_135_596_800_000;

export const alertmanager = defineNormalizer({
  format: "alertmanager",
  summary: "Alerts of Prometheus Alertmanager (webhook and v2 API) and Grafana; one event per alert, labels merged.",
  recognizes: (document) => isNotification(document) || isAlert(document),
  normalize(document, context) {
    if (isArray(document)) return draftsOf({}, document, context);
    if (!isObject(document)) return err(`alerts of Prometheus are an object or an array, this is ${kindOf(document)}`);
    const alerts = arrayAt(document, "alerts");
    if (alerts) return draftsOf(document, alerts, context);
    if (objectAt(document, "labels")) return draftsOf({}, [document], context);
    return err(
      "a notification of Alertmanager has an array `alerts`, an alert has an object `labels`; both are missing",
    );
  },
  examples: [
    {
      title: "one alert that fires",
      document: {
        version: "4",
        status: "firing",
        receiver: "squall",
        groupKey: '{}:{alertname="DiskFull"}',
        commonLabels: { alertname: "DiskFull", severity: "warning" },
        commonAnnotations: { summary: "disk nearly full" },
        alerts: [
          {
            status: "firing",
            labels: { instance: "web-1" },
            annotations: {},
            startsAt: "2024-05-02T09:14:07.123Z",
            endsAt: "0001-01-01T00:00:00Z",
            fingerprint: "f25476b813847103",
          },
        ],
      },
      events: [
        {
          type: "alertmanager",
          payload: {
            version: "4",
            receiver: "squall",
            groupKey: '{}:{alertname="DiskFull"}',
            startsAt: "2024-05-02T09:14:07.123Z",
            endsAt: "0001-01-01T00:00:00Z",
            fingerprint: "f25476b813847103",
            labels: { alertname: "DiskFull", severity: "warning", instance: "web-1" },
            annotations: { summary: "disk nearly full" },
            status: "firing",
            severity_level: "warning",
          },
        },
      ],
    },
  ],
});

const isNotification = (document: JsonObject): boolean =>
  objectAt(document, "commonLabels") !== undefined &&
  (textAt(document, "receiver") !== undefined || textAt(document, "groupKey") !== undefined) &&
  (arrayAt(document, "alerts") ?? []).some((alert) => objectAt(alert, "labels") !== undefined);

const isAlert = (document: JsonObject): boolean =>
  textAt(document, "labels", "alertname") !== undefined &&
  (textAt(document, "startsAt") !== undefined ||
    textAt(document, "endsAt") !== undefined ||
    objectAt(document, "annotations") !== undefined);

function draftsOf(group: JsonObject, alerts: readonly Json[], context: InputContext) {
  if (alerts.length === 0) return err("a notification of Alertmanager has at least one alert, this one has none");
  const drafts: EventDraft[] = [];
  for (const [index, alert] of alerts.entries()) {
    if (!isObject(alert)) return err(`an alert is an object, alerts[${index}] is ${kindOf(alert)}`);
    const labels = objectAt(alert, "labels");
    if (!labels) return err(`an alert has an object \`labels\`; it is missing in alerts[${index}]`);
    drafts.push(draftOf(group, alert, labels, context));
  }
  return ok(drafts);
}

function draftOf(group: JsonObject, alert: JsonObject, own: JsonObject, context: InputContext): EventDraft {
  const labels = { ...objectAt(group, "commonLabels"), ...own };
  const endedMs = endOf(alert);
  const resolved =
    textAt(alert, "status") === undefined
      ? endedMs !== undefined && endedMs <= context.receivedMs
      : textAt(alert, "status") === "resolved";
  const id = resolved ? episodeOf(alert) : undefined;
  const level = levelOfName(textAt(labels, "severity"));
  return {
    ...(id === undefined ? {} : { id }),
    type: "alertmanager",
    ...(resolved && endedMs !== undefined ? { created_ms: endedMs } : {}),
    payload: {
      ...without(group, "alerts", "commonLabels", "commonAnnotations"),
      ...alert,
      labels,
      annotations: { ...objectAt(group, "commonAnnotations"), ...objectAt(alert, "annotations") },
      status: resolved ? "resolved" : "firing",
      ...(level === undefined ? {} : { severity_level: level }),
    },
  };
}

function endOf(alert: JsonObject): number | undefined {
  const endedMs = timestampMs(at(alert, "endsAt"));
  return endedMs === ZERO_TIME_MS ? undefined : endedMs;
}

function episodeOf(alert: JsonObject): string | undefined {
  const fingerprint = textAt(alert, "fingerprint");
  const start = textAt(alert, "startsAt");
  return fingerprint === undefined || start === undefined ? undefined : `${fingerprint}|${start}`;
}
