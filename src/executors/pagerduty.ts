/** PagerDuty Events API v2, https://developer.pagerduty.com/docs/events-api-v2-overview */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret, type Secret } from "../component/secret.ts";
import { isObject, member, type JsonObject, type MutableJsonObject } from "../core/json.ts";
import { boundedKey, cutText } from "./support/bounded-text.ts";
import { httpUrl, readHttpUrl } from "./support/http-options.ts";
import { createJsonPost } from "./support/json-post.ts";

const MAX_SUMMARY = 1024;
const MAX_DEDUP_KEY = 255;

const details = z.looseObject({
  summary: z.string().min(1).describe("One line that says what is wrong; cut to 1024 characters."),
  source: z.string().min(1).describe("What it is wrong with, such as a host name."),
  severity: z
    .enum(["critical", "error", "warning", "notice", "info"])
    .describe("PagerDuty's severity; `notice`, which it does not have, is sent as `info`."),
  timestamp: z.string().optional().describe("When it began, RFC 3339; the event's time without it."),
  component: z.string().optional().describe("Part of the source."),
  group: z.string().optional().describe("Group of components."),
  class: z.string().optional().describe("Kind of the problem."),
  custom_details: z.unknown().optional().describe("Anything else worth knowing."),
});

const payload = z
  .looseObject({
    event_action: z.enum(["trigger", "acknowledge", "resolve"]).describe("What to do with the alert."),
    dedup_key: z
      .string()
      .min(1)
      .optional()
      .describe(
        "What ties trigger, acknowledge and resolve of one alert together; a `trigger` without it has its delivery key. Longer than 255 characters, its end becomes a hash.",
      ),
    routing_key: z
      .string()
      .min(1)
      .optional()
      .describe("Integration key of another service than that of the options; best as `{secret: name}`."),
    payload: details.optional().describe("The alert itself; a `trigger` needs it."),
    client: z.string().optional().describe("Name of the sender; `squall` without it."),
    client_url: z.string().optional().describe("Address of the sender."),
    links: z.array(z.looseObject({})).optional().describe("Links, `{href, text}`."),
    images: z.array(z.looseObject({})).optional().describe("Images, `{src, href, alt}`."),
  })
  .refine((event) => event.event_action !== "trigger" || event.payload !== undefined, {
    error: "a trigger needs a payload with summary, source and severity",
    path: ["payload"],
  })
  .refine((event) => event.event_action === "trigger" || event.dedup_key !== undefined, {
    error: "to acknowledge or resolve, the dedup_key of the trigger is needed",
    path: ["dedup_key"],
  });

export const pagerduty = defineExecutor({
  type: "pagerduty",
  summary: "Triggers, acknowledges and resolves alerts through the PagerDuty Events API v2.",
  options: z.strictObject({
    url: httpUrl()
      .default("https://events.pagerduty.com/v2/enqueue")
      .describe("Address of the API; `https://events.eu.pagerduty.com/v2/enqueue` in the EU service region."),
    routing_key: secret().describe("Integration key of the service."),
  }),
  payload: payload.describe("Other keys are sent as they are."),
  code: {},
  guarantees:
    "At least once; a repeat carries the same `dedup_key`, which PagerDuty folds into the alert that is open. A trigger repeated after its alert was resolved opens a new one.",
  examples: [
    {
      title: "Trigger an alert",
      options: { routing_key: "change-me" },
      payload: {
        event_action: "trigger",
        dedup_key: "h1/eventlog",
        payload: { summary: "Print Spooler stopped", source: "h1", severity: "critical", component: "eventlog" },
      },
      request: {
        method: "POST",
        url: "https://events.pagerduty.com/v2/enqueue",
        headers: { "content-type": "application/json", "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: {
          client: "squall",
          event_action: "trigger",
          routing_key: "***",
          dedup_key: "h1/eventlog",
          payload: {
            timestamp: "2023-11-14T22:13:20.500Z",
            summary: "Print Spooler stopped",
            source: "h1",
            severity: "critical",
            component: "eventlog",
          },
        },
      },
    },
    {
      title: "Resolve it",
      options: { routing_key: "change-me" },
      payload: { event_action: "resolve", dedup_key: "h1/eventlog" },
      request: {
        method: "POST",
        url: "https://events.pagerduty.com/v2/enqueue",
        headers: { "content-type": "application/json", "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: { client: "squall", event_action: "resolve", routing_key: "***", dedup_key: "h1/eventlog" },
      },
    },
  ],
  create({ url, routing_key: key }, deps) {
    return createJsonPost(
      {
        url: readHttpUrl(url)!,
        secrets: [key],
        payload,
        body: (document, item) => eventOf(document, item, key),
      },
      deps,
    );
  },
});

function eventOf(document: JsonObject, item: ExecutorItem, key: Secret): JsonObject {
  const dedupKey = member(document, "dedup_key") ?? item.idempotencyKey;
  const alert = member(document, "payload");
  return {
    client: "squall",
    ...document,
    routing_key: member(document, "routing_key") ?? key.reveal(),
    dedup_key: typeof dedupKey === "string" ? boundedKey(dedupKey, MAX_DEDUP_KEY) : dedupKey,
    ...(isObject(alert) ? { payload: alertOf(alert, item) } : {}),
  };
}

function alertOf(alert: JsonObject, item: ExecutorItem): JsonObject {
  const sent: MutableJsonObject = { timestamp: new Date(item.eventMs).toISOString(), ...alert };
  const { summary, severity } = sent;
  if (typeof summary === "string") sent["summary"] = cutText(summary, MAX_SUMMARY);
  if (severity === "notice") sent["severity"] = "info";
  return sent;
}
