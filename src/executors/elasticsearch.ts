/**
 * Tornado's elasticsearch executor, sent through `_bulk`: what waits is written in one request per endpoint. The id of
 * a document is its delivery key unless the payload gives one, and the operation is `create`: so a repeat changes
 * nothing, and data streams, which take nothing else, work.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { Secret, secret } from "../component/secret.ts";
import { printJson } from "../core/json.ts";
import { reject, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { createBodyBuffers } from "./support/body-buffers.ts";
import { actionOf, BULK_PATH, sendBulk, type BulkOperation } from "./support/bulk.ts";
import { bulkPayloadSchema, readBulkPayload } from "./support/bulk-payload.ts";
import { sendInGroups } from "./support/grouped-batch.ts";
import { gzipBody } from "./support/gzip-body.ts";
import { basicAuth, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { createPemClients, pemAuth, readPemAuth, type PemAuth } from "./support/pem-auth.ts";
import { memberCutter } from "./support/printed-member.ts";
import { basic, createRedactor, credentialsOf, redactJson, redactValues, type Redact } from "./support/redact.ts";

const optionsSchema = z
  .strictObject({
    endpoint: httpUrl().optional().describe("Address of the cluster for payloads that name none."),
    basic: basicAuth().optional().describe("Basic authentication."),
    api_key: secret().optional().describe("API key in its encoded form (`id:key` in base64)."),
    tls: tlsOptions().optional().describe("Certificates."),
    default_auth: pemAuth()
      .optional()
      .describe("Tornado's form of TLS client authentication, used where a payload has no `auth`."),
    gzip: z.boolean().default(true).describe("Compress requests."),
  })
  .refine((options) => !(options.basic && options.api_key), {
    error: "basic and api_key exclude each other",
    path: ["api_key"],
  })
  .refine((options) => !(options.tls && options.default_auth), {
    error: "tls and default_auth exclude each other",
    path: ["default_auth"],
  })
  .refine((options) => options.endpoint !== undefined || !(options.basic ?? options.api_key), {
    error: "with credentials an endpoint is needed: they are sent to it only",
    path: ["endpoint"],
  });

type Options = z.output<typeof optionsSchema>;

/** Where documents are sent. */
interface Target {
  readonly origin: string;
  readonly path: string;
  /** Both. */
  readonly address: string;
}

/** One document, read and addressed. */
interface Entry extends BulkOperation {
  readonly target: Target;
  readonly auth: PemAuth | undefined;
}

const KEY = "9f86d081884c7d659a2feaa0c55ad015";
const HEADERS = { accept: "application/json", "content-type": "application/x-ndjson" };
/** An answer holds about a hundred bytes per document, and the whole reason of each that failed. */
const MAX_ANSWER_BYTES = 67_108_864;

export const elasticsearch = defineExecutor({
  type: "elasticsearch",
  summary: "Writes documents to Elasticsearch or OpenSearch, many in one bulk request.",
  options: optionsSchema,
  payload: bulkPayloadSchema,
  code: {},
  defaults: { concurrency: 4, batch: { maxItems: 500, maxBytes: 5_242_880, lingerMs: 100 } },
  guarantees:
    "Once: the delivery key is the document's id, so that a repeat finds the document there. With an `id` of your own or `op_type: index` a repeat writes the same document again.",
  examples: [
    {
      title: "Write an alert to a data stream",
      options: { endpoint: "https://localhost:9200", api_key: "change-me" },
      payload: { index: "logs-alerts-default", data: { "@timestamp": "2023-11-14T22:13:20Z", message: "disk full" } },
      request: {
        method: "POST",
        url: `https://localhost:9200${BULK_PATH}`,
        headers: { ...HEADERS, authorization: "ApiKey ***" },
        body: [
          { create: { _index: "logs-alerts-default", _id: KEY } },
          { "@timestamp": "2023-11-14T22:13:20Z", message: "disk full" },
        ],
      },
    },
    {
      title: "A Tornado payload, and an id that is written again",
      options: {},
      payload: {
        endpoint: "http://localhost:9200",
        index: "hosts",
        id: "h1",
        op_type: "index",
        data: { host: "h1", state: "down" },
        auth: { type: "None" },
      },
      request: {
        method: "POST",
        url: `http://localhost:9200${BULK_PATH}`,
        headers: HEADERS,
        body: [{ index: { _index: "hosts", _id: "h1" } }, { host: "h1", state: "down" }],
      },
    },
  ],
  create(options, deps) {
    const authorization = authorizationOf(options);
    const redact = createRedactor([
      options.basic?.password,
      options.api_key,
      authorization && credentialsOf(authorization),
      ...(deps.secrets ?? []),
    ]);
    const context = { clock: deps.clock, redact, buffers: createBodyBuffers() };
    const headers = { ...HEADERS, ...(authorization === undefined ? {} : { authorization: authorization.reveal() }) };
    const standard = options.default_auth ? readPemAuth(options.default_auth) : loadTls(options.tls);
    const clients = createPemClients(standard, MAX_ANSWER_BYTES, { ...deps, redact });
    const read = entryReader(options, redact);

    const sendGroup = async (items: readonly ExecutorItem[], entries: readonly Entry[], signal: AbortSignal) => {
      const { target, auth: certificates } = entries[0]!;
      const { origin, path } = target;
      const client = clients.of(certificates);
      if (!client.ok) return entries.map(() => client.error);
      const trace = traceOf(items);
      return sendBulk(
        entries,
        async (body) => {
          const { bytes, headers: encoding } = await gzipBody(body, options.gzip);
          const sent = { ...headers, ...trace, ...encoding };
          return client.value.send({ method: "POST", origin, path, headers: sent, body: bytes }, signal);
        },
        context,
      );
    };

    return {
      executeBatch: (items, { signal }) =>
        sendInGroups(items, {
          read,
          keyOf: ({ target: { address }, auth: certificates }) =>
            certificates === undefined ? address : address + JSON.stringify(certificates),
          send: (own, entries) => sendGroup(own, entries, signal),
        }),
      preview(item) {
        const entry = read(item);
        if (!entry.ok) return { body: redactJson(item.payload, redact) };
        const { address } = entry.value.target;
        return {
          method: "POST",
          url: redact(address),
          headers: redactValues({ ...headers, ...traceOf([item]) }, redact),
          body: [redactJson(actionOf(entry.value), redact), redactJson(item.payload["data"]!, redact)],
        };
      },
      close: () => clients.close(),
    };
  },
});

function authorizationOf({ basic: login, api_key: key }: Options): Secret | undefined {
  if (login) return basic(login.username, login.password);
  return key && new Secret(`ApiKey ${key.reveal()}`);
}

function entryReader(options: Options, redact: Redact) {
  const own = options.endpoint === undefined ? undefined : targetOf(options.endpoint);
  const tied = options.basic !== undefined || options.api_key !== undefined;
  const documentIn = memberCutter("data");
  // Payloads name few endpoints, and each of them again and again.
  let last: { readonly text: string; readonly target: Target | undefined } = { text: "", target: undefined };
  const named = (text: string): Target | undefined => {
    if (text !== last.text) last = { text, target: targetOf(text) };
    return last.target;
  };

  return (item: ExecutorItem): Result<Entry, Outcome> => {
    const payload = readBulkPayload(item.payload);
    if (!payload.ok) return payload;
    const { endpoint, index, data, id, op_type: opType, pipeline, auth: certificates } = payload.value;
    const target = endpoint === undefined ? own : named(endpoint);
    if (!target)
      return err(
        reject(
          endpoint === undefined
            ? "there is no endpoint, neither in the options nor in the payload"
            : redact(
                `payload.endpoint: ${JSON.stringify(endpoint)} is no http or https URL without user name and password`,
              ),
        ),
      );
    if (tied && target.origin !== own!.origin)
      return err(reject(redact(`the credentials are for ${own!.origin} and are not sent to ${target.origin}`)));
    const kept = item.payloadText === undefined ? undefined : documentIn(item.payloadText, item.payload);
    const document = kept ?? printJson(data);
    return ok({ target, auth: certificates, opType, index, id: id ?? item.idempotencyKey, pipeline, document });
  };
}

function targetOf(endpoint: string): Target | undefined {
  const url = readHttpUrl(endpoint);
  if (url === undefined) return undefined;
  const path = url.pathname.replace(/\/+$/, "") + BULK_PATH;
  return { origin: url.origin, path, address: url.origin + path };
}

/** A request that carries deliveries of several traces belongs to none of them. */
function traceOf(items: readonly ExecutorItem[]): Readonly<Record<string, string>> {
  const first = items[0]?.traceparent ?? null;
  return first !== null && items.every(({ traceparent }) => traceparent === first) ? { traceparent: first } : {};
}
