/**
 * Opsgenie Alert API, https://docs.opsgenie.com/docs/alert-api. Requests are worked off later: 202 only says that one
 * was taken. The alias is what alerts are known by; an open alert of the same alias counts up instead of being doubled.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { isObject, member, printJson, type Json, type JsonObject, type MutableJsonObject } from "../core/json.ts";
import { boundedKey, cutText } from "./support/bounded-text.ts";
import { httpUrl, readHttpUrl } from "./support/http-options.ts";
import { createJsonPost } from "./support/json-post.ts";

/** Characters that the API takes. */
const MAX = { message: 130, alias: 512, description: 15_000, note: 25_000 };
const PRIORITIES = { critical: "P1", error: "P2", warning: "P3", notice: "P4", info: "P5" } as const;

const party = z.looseObject({ type: z.string().describe("`team`, `user`, `escalation` or `schedule`.") });

const payload = z
  .looseObject({
    action: z
      .enum(["create", "acknowledge", "note", "close"])
      .default("create")
      .describe("What to do with the alert of the `alias`."),
    alias: z
      .string()
      .min(1)
      .optional()
      .describe(
        "What the alert is known by; a `create` without it has its delivery key. Longer than 512 characters, its end becomes a hash.",
      ),
    message: z.string().min(1).optional().describe("Title of the alert, which `create` needs; cut to 130 characters."),
    description: z.string().optional().describe("Long text; cut to 15,000 characters."),
    priority: z
      .enum(["P1", "P2", "P3", "P4", "P5", "critical", "error", "warning", "notice", "info"])
      .optional()
      .describe("`P1` to `P5`, or a level (`critical` is P1, `info` is P5); Opsgenie's default without it is P3."),
    responders: z.array(party).optional().describe("Who is notified."),
    visibleTo: z.array(party).optional().describe("Who else may see it."),
    tags: z.array(z.string()).optional().describe("Tags."),
    actions: z.array(z.string()).optional().describe("Custom actions."),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Properties of the alert; values that are no text are sent as JSON text."),
    entity: z.string().optional().describe("What it is about, such as a host."),
    source: z.string().optional().describe("Name of the sender; `squall` without it."),
    user: z.string().optional().describe("In whose name."),
    note: z.string().optional().describe("Note to add; `note` needs it."),
  })
  .refine((request) => request.action !== "create" || request.message !== undefined, {
    error: "to create an alert, a message is needed",
    path: ["message"],
  })
  .refine((request) => request.action === "create" || request.alias !== undefined, {
    error: "the alias of the alert that was created is needed",
    path: ["alias"],
  })
  .refine((request) => request.action !== "note" || request.note !== undefined, {
    error: "a note is needed",
    path: ["note"],
  });

const PATHS: Readonly<Record<string, string>> = { acknowledge: "acknowledge", note: "notes", close: "close" };

export const opsgenie = defineExecutor({
  type: "opsgenie",
  summary: "Creates, acknowledges and closes alerts through the Opsgenie Alert API.",
  options: z.strictObject({
    url: httpUrl()
      .default("https://api.opsgenie.com")
      .describe("Address of the API; `https://api.eu.opsgenie.com` for accounts in the EU."),
    api_key: secret().describe("API key of the integration."),
  }),
  payload: payload.describe("Other keys are sent as they are."),
  code: {},
  guarantees:
    "At least once; a repeat carries the same `alias`, which Opsgenie counts up in the alert that is open. Delivered means that Opsgenie took the request, which it works off later.",
  examples: [
    {
      title: "Create an alert",
      options: { api_key: "change-me" },
      payload: { alias: "h1/eventlog", message: "Print Spooler stopped", priority: "critical", entity: "h1" },
      request: {
        method: "POST",
        url: "https://api.opsgenie.com/v2/alerts",
        headers: {
          authorization: "GenieKey ***",
          "content-type": "application/json",
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
        },
        body: {
          source: "squall",
          alias: "h1/eventlog",
          message: "Print Spooler stopped",
          priority: "P1",
          entity: "h1",
        },
      },
    },
    {
      title: "Close it",
      options: { api_key: "change-me", url: "https://api.eu.opsgenie.com" },
      payload: { action: "close", alias: "h1/eventlog", note: "the service runs again" },
      request: {
        method: "POST",
        url: "https://api.eu.opsgenie.com/v2/alerts/h1%2Feventlog/close?identifierType=alias",
        headers: {
          authorization: "GenieKey ***",
          "content-type": "application/json",
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
        },
        body: { source: "squall", note: "the service runs again" },
      },
    },
  ],
  create({ url, api_key: key }, deps) {
    const base = readHttpUrl(url)!;
    const alerts = `${base.pathname.replace(/\/+$/, "")}/v2/alerts`;
    return createJsonPost(
      {
        url(document) {
          const action = PATHS[String(member(document, "action") ?? "create")];
          if (action === undefined) return new URL(alerts, base);
          const alias = encodeURIComponent(aliasOf(document, "").toWellFormed());
          // A segment of dots would be taken for a step upwards.
          const segment = /^\.{1,2}$/.test(alias) ? alias.replaceAll(".", "%252E") : alias;
          return new URL(`${alerts}/${segment}/${action}?identifierType=alias`, base);
        },
        headers: { authorization: `GenieKey ${key.reveal()}` },
        secrets: [key],
        payload,
        body: bodyOf,
      },
      deps,
    );
  },
});

const aliasOf = (document: JsonObject, standard: string): string => {
  const alias = member(document, "alias");
  return boundedKey(typeof alias === "string" ? alias : standard, MAX.alias);
};

function bodyOf(document: JsonObject, item: ExecutorItem): JsonObject {
  const { action, alias: _, ...rest } = document;
  const sent: MutableJsonObject = { source: "squall", ...rest };
  const { priority, details } = sent;
  if (action === undefined || action === "create") sent["alias"] = aliasOf(document, item.idempotencyKey);
  for (const key of ["message", "description", "note"] as const) {
    const text = sent[key];
    if (typeof text === "string") sent[key] = cutText(text, MAX[key]);
  }
  if (typeof priority === "string" && Object.hasOwn(PRIORITIES, priority))
    sent["priority"] = PRIORITIES[priority as keyof typeof PRIORITIES]; // hasOwn does not narrow
  if (isObject(details))
    sent["details"] = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, textOf(value)]));
  return sent;
}

const textOf = (value: Json): string => (typeof value === "string" ? value : printJson(value));
