/** Splunk's HTTP Event Collector; the protocol is support/hec.ts's. */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { duration } from "../component/units.ts";
import { printJson, type Json, type JsonObject } from "../core/json.ts";
import { delivered, type Outcome } from "../core/delivery/outcome.ts";
import { ok, type Result } from "../core/result.ts";
import { gzipBody } from "./support/gzip-body.ts";
import { awaitAck, channelOf, sendEvents } from "./support/hec.ts";
import { sendInGroups } from "./support/grouped-batch.ts";
import { createHttpClient } from "./support/http-client.ts";
import { deliveryHeaders, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, redactValues } from "./support/redact.ts";

const OWN_HEADERS = /^(authorization|content-(encoding|length|type)|host|x-splunk-request-channel)$/i;
const headers = () =>
  z.record(
    z.string().refine((name) => !OWN_HEADERS.test(name), {
      error: ({ input }) => `the header ${JSON.stringify(input)} is the executor's own`,
    }),
    z.string(),
  );
const scalar = () => z.union([z.string(), z.number(), z.bigint(), z.boolean()]);

const metadata = {
  host: z.string().min(1).optional().describe("Host of events that name none."),
  source: z.string().min(1).optional().describe("Source of events that name none."),
  sourcetype: z.string().min(1).optional().describe("Source type of events that name none."),
  index: z.string().min(1).optional().describe("Index of events that name none; the token's without it."),
};

const optionsSchema = z.strictObject({
  url: httpUrl().describe("Address of the collector, `https://HOST:8088`."),
  token: secret().describe("Token of the HTTP Event Collector."),
  ...metadata,
  headers: headers().default({}).describe("Headers of every request."),
  gzip: z.boolean().default(true).describe("Compress requests."),
  channel: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { error: "expected a UUID" })
    .optional()
    .describe("Channel, a UUID; without it one that is made of the executor's id and the address."),
  acks: z
    .boolean()
    .default(false)
    .describe(
      "Delivered only when the indexers have acknowledged it, within the executor's `timeout`; the token must have indexer acknowledgment, and a load balancer between must keep sessions.",
    ),
  ack_interval: duration()
    .refine((ms) => ms >= 10, { error: "expected at least 10ms" })
    .default(1000)
    .describe("How long to wait before each question for acknowledgements; never longer than half of the `timeout`."),
  key_field: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*$/, { error: "expected the name of a field: letters, digits and _" })
    .nullable()
    .default("delivery_key")
    .describe("Indexed field for the delivery key, by which repeats can be told (`| dedup`); null: none."),
  tls: tlsOptions().optional().describe("Certificates."),
});

const payloadSchema = z
  .strictObject({
    event: z
      .custom<Json>((value) => value !== null && value !== "", { error: "expected an event that is not blank" })
      .optional()
      .describe("The event: an object or a text."),
    raw: z.string().min(1).optional().describe("Text that Splunk breaks into events by the source type."),
    time: z
      .union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?$/, { error: "expected seconds since 1970" })])
      .optional()
      .describe("Seconds since 1970, fractions allowed; without it the event's time (not of `raw`)."),
    host: metadata.host.describe("Host of the event."),
    source: metadata.source.describe("Source of the event."),
    sourcetype: metadata.sourcetype.describe("Source type."),
    index: metadata.index.describe("Index, which the token must allow."),
    fields: z
      .record(z.string(), z.union([scalar(), z.array(scalar())]))
      .optional()
      .describe("Indexed fields, beside an `event` only."),
    headers: headers().optional().describe("Headers over those of the options; events with others go separately."),
  })
  .refine((payload) => (payload.event === undefined) !== (payload.raw === undefined), {
    error: "expected either event or raw",
    path: ["event"],
  })
  .refine((payload) => payload.fields === undefined || payload.raw === undefined, {
    error: "raw text has no indexed fields",
    path: ["fields"],
  });

type Options = z.output<typeof optionsSchema>;
type Payload = z.output<typeof payloadSchema>;

/** One delivery, ready to be put into a request. */
interface Entry {
  /** Path and query behind the address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What stands in the body. */
  readonly text: string;
  readonly body: Json;
  /** Entries of equal group may share a request; null: none. */
  readonly group: string | null;
}

const KEY = "9f86d081884c7d659a2feaa0c55ad015";
const EVENT_PATH = "/services/collector/event";
const RAW_PATH = "/services/collector/raw";
const CHANNEL_HEADER = "x-splunk-request-channel";

export const splunkHec = defineExecutor({
  type: "splunk_hec",
  summary: "Sends events to Splunk through the HTTP Event Collector, many in one request.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  defaults: { concurrency: 4, batch: { maxItems: 500, maxBytes: 819_200, lingerMs: 100 } },
  guarantees:
    "At least once; Splunk does not know repeats, but they carry the same delivery key in the field `delivery_key`. Without `acks` delivered means received, not yet written by the indexers.",
  examples: [
    {
      title: "An event with metadata",
      options: { url: "https://splunk.example.com:8088", token: "change-me", index: "security" },
      payload: { sourcetype: "squall:alert", host: "h1", event: { rule: "service_stopped", service: "Print Spooler" } },
      request: {
        method: "POST",
        url: `https://splunk.example.com:8088${EVENT_PATH}`,
        headers: {
          authorization: "Splunk ***",
          "content-type": "application/json",
          "x-splunk-request-channel": "8aeec655-6a33-8f75-8621-ad0f09b491e5",
          "idempotency-key": KEY,
        },
        body: {
          time: 1_700_000_000.5,
          host: "h1",
          sourcetype: "squall:alert",
          index: "security",
          event: { rule: "service_stopped", service: "Print Spooler" },
          fields: { delivery_key: KEY },
        },
      },
    },
    {
      title: "Raw text, acknowledged by the indexers",
      options: {
        url: "https://splunk.example.com:8088",
        token: "change-me",
        acks: true,
        channel: "fe0ecfad-13d5-401b-847d-77833bd77131",
      },
      payload: { raw: "Nov 14 22:13:20 h1 spoolsv[42]: stopped", sourcetype: "syslog" },
      request: {
        method: "POST",
        url: `https://splunk.example.com:8088${RAW_PATH}?sourcetype=syslog`,
        headers: {
          authorization: "Splunk ***",
          "content-type": "text/plain; charset=utf-8",
          "x-splunk-request-channel": "fe0ecfad-13d5-401b-847d-77833bd77131",
          "idempotency-key": KEY,
        },
        body: "Nov 14 22:13:20 h1 spoolsv[42]: stopped",
      },
    },
  ],
  create(options, deps) {
    const { clock } = deps;
    const redact = createRedactor([options.token, ...(deps.secrets ?? [])]);
    const context = { clock, redact };
    const client = createHttpClient({ tls: loadTls(options.tls) }, { ...deps, redact });
    const { origin, pathname } = readHttpUrl(options.url)!;
    const intervalMs = Math.min(options.ack_interval, deps.outbound.timeoutMs / 2);
    // The whole address of an endpoint is accepted too.
    const base = pathname.replace(/\/services\/collector.*$/, "").replace(/\/+$/, "");
    const common = {
      ...lowerCased(options.headers),
      authorization: `Splunk ${options.token.reveal()}`,
      [CHANNEL_HEADER]: options.channel ?? channelOf(`${deps.id} ${origin}${base}`),
    };
    const read = (item: ExecutorItem): Result<Entry, Outcome> => {
      const payload = readPayload(payloadSchema, item.payload);
      return payload.ok ? ok(entryOf(payload.value, item, options)) : payload;
    };

    const sendGroup = async (items: readonly ExecutorItem[], entries: readonly Entry[], signal: AbortSignal) => {
      // Of the request that is under way: parts of a batch that was split go one after the other.
      let deadlineMs = 0;
      const { path, headers: own } = entries[0]!;
      const post = async (to: string, text: string, more: Readonly<Record<string, string>>) => {
        const { bytes, headers: encoding } = await gzipBody(text, options.gzip);
        const sent = { ...common, ...own, ...more, ...encoding };
        return client.send({ method: "POST", origin, path: base + to, headers: sent, body: bytes }, signal);
      };
      const ask = (body: string) =>
        post("/services/collector/ack", body, { "content-type": "application/json", accept: "application/json" });
      return sendEvents(
        entries.map(({ text }) => text),
        (events) => {
          deadlineMs = clock.monotonicMs() + deps.outbound.timeoutMs;
          return post(path, events.join("\n"), headersOfBatch(items));
        },
        async (answer) =>
          options.acks ? awaitAck(answer, { clock, intervalMs, deadlineMs, signal, ask }, context) : delivered(),
        context,
      );
    };

    return {
      executeBatch: (items, { signal }) =>
        sendInGroups(items, {
          read,
          keyOf: (entry, at) => entry.group ?? `#${at}`,
          send: (own, entries) => sendGroup(own, entries, signal),
        }),
      preview(item) {
        const entry = read(item);
        if (!entry.ok) return { body: redactJson(item.payload, redact) };
        const { path, headers: own, body } = entry.value;
        return {
          method: "POST",
          url: redact(origin + base + path),
          headers: redactValues({ ...common, ...own, ...headersOfBatch([item]) }, redact),
          body: redactJson(body, redact),
        };
      },
      close: () => client.close(),
    };
  },
});

function entryOf(payload: Payload, item: ExecutorItem, options: Options): Entry {
  const { event, raw, time, fields } = payload;
  const own = lowerCased(payload.headers ?? {});
  const named: Record<string, string> = {};
  for (const name of ["host", "source", "sourcetype", "index"] as const) {
    const value = payload[name] ?? options[name];
    if (value !== undefined) named[name] = value;
  }
  if (raw !== undefined) {
    const query = new URLSearchParams({ ...named, ...(time === undefined ? {} : { time: String(time) }) }).toString();
    // Texts of several deliveries in one body could be taken for one event, so each goes alone.
    return {
      path: query === "" ? RAW_PATH : `${RAW_PATH}?${query}`,
      headers: { ...own, "content-type": "text/plain; charset=utf-8" },
      text: raw,
      body: raw,
      group: null,
    };
  }
  const key = options.key_field === null ? {} : { [options.key_field]: item.idempotencyKey };
  const indexed = { ...fields, ...key };
  const body: JsonObject = {
    time: time ?? item.eventMs / 1000,
    ...named,
    event: event!, // the schema has either event or raw
    ...(Object.keys(indexed).length === 0 ? {} : { fields: indexed }),
  };
  return {
    path: EVENT_PATH,
    headers: { ...own, "content-type": "application/json" },
    text: printJson(body),
    body,
    group: JSON.stringify(Object.entries(own)),
  };
}

const lowerCased = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));

/** A request that carries several deliveries has none of their keys, and a trace only when all are of the same. */
function headersOfBatch(items: readonly ExecutorItem[]): Readonly<Record<string, string>> {
  const first = items[0]!;
  if (items.length === 1) return deliveryHeaders(first);
  const { traceparent } = first;
  return traceparent !== null && items.every((item) => item.traceparent === traceparent) ? { traceparent } : {};
}
