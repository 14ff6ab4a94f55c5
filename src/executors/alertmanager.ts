/**
 * Prometheus Alertmanager, API v2: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml.
 *
 * An alert is its set of labels; what is sent again with equal labels updates it, and it is over when its `endsAt` has
 * passed. Alertmanager expects a sender that repeats itself all the time: without an `endsAt` it takes a silent alert
 * for resolved after some minutes. This executor speaks only when something happens, so it gives an `endsAt` far ahead.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret, Secret } from "../component/secret.ts";
import { duration } from "../component/units.ts";
import { printJson, type JsonObject } from "../core/json.ts";
import { delivered, reject, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readLabels, type LabelNames } from "./support/alert-labels.ts";
import { createHttpClient } from "./support/http-client.ts";
import { basicAuth, deliveryHeaders, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { outcomeOfStatus } from "./support/http-outcome.ts";
import { readPayload } from "./support/read-payload.ts";
import { basic, createRedactor, credentialsOf, redactJson, redactValues } from "./support/redact.ts";

const labels = () => z.record(z.string(), z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null()]));

/** RFC 3339, or epoch milliseconds → epoch milliseconds. */
const instant = () =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const ms = typeof value === "number" ? value : /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    // The range of a four-digit year, which is all that RFC 3339 has.
    if (ms >= 0 && ms < 253_402_300_800_000) return ms;
    context.addIssue({
      code: "custom",
      message: `${JSON.stringify(value)} is no time; accepted: RFC 3339 or milliseconds since 1970`,
    });
    return z.NEVER;
  });

const optionsSchema = z
  .strictObject({
    url: z
      .union([httpUrl(), z.array(httpUrl()).min(1)])
      .describe("Address of Alertmanager, or a list with every member of a cluster: each is sent every alert."),
    basic: basicAuth().optional().describe("Basic authentication."),
    bearer: secret().optional().describe("Token of `Authorization: Bearer`."),
    tls: tlsOptions().optional().describe("Certificates."),
    labels: labels().default({}).describe("Labels of every alert; those of the payload go before them."),
    label_names: z
      .enum(["sanitize", "refuse", "any"])
      .default("sanitize")
      .describe(
        "What to do with names of labels and annotations other than letters, digits and `_`: `sanitize` makes them `_` (`host.name` is `host_name`), `refuse` rejects the alert, `any` sends them as they are, which Alertmanager 0.27 and later takes.",
      ),
    ends_after: duration()
      .nullable()
      .default(86_400_000)
      .describe(
        "How long a firing alert without `endsAt` lasts when nobody resolves it; null: Alertmanager's `resolve_timeout`.",
      ),
  })
  .refine((options) => !(options.basic && options.bearer), {
    error: "basic and bearer exclude each other",
    path: ["bearer"],
  });

const payloadSchema = z
  .strictObject({
    status: z.enum(["firing", "resolved"]).default("firing").describe("`resolved` ends the alert of the same labels."),
    labels: labels().describe(
      "What the alert is known by, the same when it is resolved; `alertname` is the rule's name without it. Empty and null ones are left out.",
    ),
    annotations: labels().optional().describe("What else is told about it."),
    startsAt: instant()
      .optional()
      .describe("When it began, RFC 3339 or milliseconds since 1970; a firing alert has the event's time without it."),
    endsAt: instant()
      .optional()
      .describe("When it ends or ended; without it the option `ends_after`, and the event's time when resolved."),
    generatorURL: z.string().optional().describe("Link to what caused it."),
  })
  .refine((alert) => alert.startsAt === undefined || alert.endsAt === undefined || alert.startsAt <= alert.endsAt, {
    error: "it is before startsAt",
    path: ["endsAt"],
  });

type Options = z.output<typeof optionsSchema>;

const ALERTS_PATH = "/api/v2/alerts";
const HEADERS = { accept: "application/json", "content-type": "application/json" };

export const alertmanager = defineExecutor({
  type: "alertmanager",
  summary: "Sends alerts to Prometheus Alertmanager, and resolves them.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  guarantees:
    "At least once; alerts of equal labels are one alert, so that a repeat changes nothing. Delivered means taken by at least one member. Alertmanager keeps alerts in memory: after a restart it knows only those that are sent again.",
  examples: [
    {
      title: "Fire an alert",
      options: { url: "http://localhost:9093", labels: { team: "windows" } },
      payload: {
        labels: { "host.name": "h1", severity: "critical" },
        annotations: { summary: "Print Spooler stopped" },
      },
      request: {
        method: "POST",
        url: `http://localhost:9093${ALERTS_PATH}`,
        headers: { ...HEADERS, "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: [
          {
            labels: { alertname: "service_stopped", team: "windows", host_name: "h1", severity: "critical" },
            annotations: { summary: "Print Spooler stopped" },
            startsAt: "2023-11-14T22:13:20.000Z",
            endsAt: "2023-11-15T22:13:20.000Z",
          },
        ],
      },
    },
    {
      title: "Resolve it at every member of a cluster",
      options: { url: ["http://am-1:9093", "http://am-2:9093"], bearer: "change-me" },
      payload: {
        status: "resolved",
        labels: { alertname: "service_stopped", host: "h1" },
        endsAt: "2023-11-14T22:00:00Z",
      },
      request: {
        method: "POST",
        url: `http://am-1:9093${ALERTS_PATH}, http://am-2:9093${ALERTS_PATH}`,
        headers: { ...HEADERS, authorization: "Bearer ***", "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: [{ labels: { alertname: "service_stopped", host: "h1" }, endsAt: "2023-11-14T22:00:00.000Z" }],
      },
    },
  ],
  create(options, deps) {
    const { clock } = deps;
    const authorization = authorizationOf(options);
    const redact = createRedactor([
      options.basic?.password,
      options.bearer,
      authorization && credentialsOf(authorization),
      ...(deps.secrets ?? []),
    ]);
    const client = createHttpClient({ tls: loadTls(options.tls) }, { ...deps, redact });
    const members = [options.url].flat().map((text) => {
      const { origin, pathname } = readHttpUrl(text)!;
      // The whole address of the API is accepted too.
      return { origin, path: pathname.replace(/\/+$/, "").replace(ALERTS_PATH, "") + ALERTS_PATH };
    });
    const headersOf = (item: ExecutorItem): Record<string, string> => ({
      ...HEADERS,
      ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
      ...deliveryHeaders(item),
    });

    return {
      async execute(item, { signal }) {
        const alert = alertOf(item, options, clock.nowMs());
        if (!alert.ok) return alert.error;
        const request = { method: "POST", headers: headersOf(item), body: printJson([alert.value]) } as const;
        const outcomes = await Promise.all(
          members.map(async (member) => {
            const answer = await client.send({ ...request, ...member }, signal);
            return answer.ok ? outcomeOfStatus(answer.value, { clock, redact }) : answer.error;
          }),
        );
        return together(outcomes);
      },
      preview(item) {
        const alert = alertOf(item, options, clock.nowMs());
        return {
          method: "POST",
          url: redact(members.map(({ origin, path }) => origin + path).join(", ")),
          headers: redactValues(headersOf(item), redact),
          body: redactJson(alert.ok ? [alert.value] : item.payload, redact),
        };
      },
      close: () => client.close(),
    };
  },
});

function authorizationOf({ basic: login, bearer }: Options): Secret | undefined {
  if (login) return basic(login.username, login.password);
  return bearer && new Secret(`Bearer ${bearer.reveal()}`);
}

function alertOf(item: ExecutorItem, options: Options, nowMs: number): Result<JsonObject, Outcome> {
  const read = readPayload(payloadSchema, item.payload);
  if (!read.ok) return read;
  const { status, labels: own, annotations = {}, startsAt, endsAt, generatorURL } = read.value;
  const names: LabelNames = options.label_names;
  const alertname = item.rulePath.slice(item.rulePath.lastIndexOf(".") + 1);
  const fixed = readLabels({ alertname, ...options.labels }, names);
  const given = readLabels(own, names);
  const told = readLabels(annotations, names);
  if (!fixed.ok) return err(reject(`labels of the options: ${fixed.error}`));
  if (!given.ok) return err(reject(`payload.labels: ${given.error}`));
  if (!told.ok) return err(reject(`payload.annotations: ${told.error}`));
  // An event from the future must not start an alert that is not there yet, nor keep one that is over.
  const eventMs = Math.min(item.eventMs, nowMs);
  const firing = status === "firing";
  const starts = startsAt ?? (firing ? Math.min(eventMs, endsAt ?? eventMs) : undefined);
  const ends = endsAt ?? (firing ? options.ends_after && nowMs + options.ends_after : Math.max(eventMs, startsAt ?? 0));
  return ok({
    labels: { ...fixed.value, ...given.value },
    ...(Object.keys(told.value).length === 0 ? {} : { annotations: told.value }),
    ...(starts === undefined ? {} : { startsAt: new Date(starts).toISOString() }),
    ...(ends === null ? {} : { endsAt: new Date(ends).toISOString() }),
    ...(generatorURL === undefined ? {} : { generatorURL }),
  });
}

/** One member that took it is enough, since it notifies; else the outcome that leaves most hope. */
function together(outcomes: readonly Outcome[]): Outcome {
  const failed = outcomes.filter(({ kind }) => kind !== "delivered");
  if (failed.length < outcomes.length)
    return delivered(failed.length === 0 ? undefined : failed.map(reasonOf).join("; "));
  const [best] = failed.toSorted((a, b) => HOPE.indexOf(a.kind) - HOPE.indexOf(b.kind));
  if (failed.length === 1) return best!;
  return { ...best!, reason: failed.map(reasonOf).join("; ") } as Outcome; // none of them is delivered
}

const HOPE: readonly Outcome["kind"][] = ["retry", "unavailable", "reject"];

const reasonOf = (outcome: Outcome): string => ("reason" in outcome ? outcome.reason : "");
