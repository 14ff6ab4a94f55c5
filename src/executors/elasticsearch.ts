/**
 * Tornado's elasticsearch executor, sent through `_bulk`: what waits is written in one request per endpoint. The id of
 * a document is its delivery key unless the payload gives one, and the operation is `create`: so a repeat changes
 * nothing, and data streams, which take nothing else, work.
 */
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { Secret, secret } from "../component/secret.ts";
import { isObject, type Json, type JsonObject } from "../core/json.ts";
import { reject, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { actionOf, BULK_PATH, bulkBody, sendBulk, type BulkOperation } from "./support/bulk.ts";
import { sendInGroups } from "./support/grouped-batch.ts";
import { basicAuth, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { createPemClients, pemAuth, readPemAuth, type PemAuth } from "./support/pem-auth.ts";
import { readPayload } from "./support/read-payload.ts";
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

const payloadSchema = z.looseObject({
  endpoint: z
    .string()
    .min(1)
    .optional()
    .describe("Address of the cluster, `http://HOST:9200`; the option `endpoint` without it."),
  index: z.string().min(1).describe("Name of the index, alias or data stream."),
  data: z
    .custom<JsonObject>((value) => isObject(value as Json), { error: "expected an object" })
    .describe("The document; a data stream needs `@timestamp` in it."),
  id: z
    .union([z.string().min(1), z.number(), z.bigint()])
    .transform(String)
    .optional()
    .describe("Id of the document; the delivery key without it."),
  op_type: z
    .enum(["create", "index"])
    .default("create")
    .describe("`create` keeps a document that is there already, `index` replaces it."),
  pipeline: z.string().min(1).optional().describe("Ingest pipeline."),
  auth: pemAuth().optional().describe("TLS client authentication of this request, in Tornado's form."),
});

type Options = z.output<typeof optionsSchema>;

/** One document, read and addressed. */
interface Entry {
  readonly origin: string;
  readonly path: string;
  readonly auth: PemAuth | undefined;
  readonly operation: BulkOperation;
}

const KEY = "9f86d081884c7d659a2feaa0c55ad015";
const HEADERS = { accept: "application/json", "content-type": "application/x-ndjson" };
const GZIP_FROM_BYTES = 1024;
/** An answer holds about a hundred bytes per document, and the whole reason of each that failed. */
const MAX_ANSWER_BYTES = 67_108_864;
const compress = promisify(gzip);

export const elasticsearch = defineExecutor({
  type: "elasticsearch",
  summary: "Writes documents to Elasticsearch or OpenSearch, many in one bulk request.",
  options: optionsSchema,
  payload: payloadSchema,
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
    const context = { clock: deps.clock, redact };
    const headers = { ...HEADERS, ...(authorization === undefined ? {} : { authorization: authorization.reveal() }) };
    const standard = options.default_auth ? readPemAuth(options.default_auth) : loadTls(options.tls);
    const clients = createPemClients(standard, MAX_ANSWER_BYTES, { ...deps, redact });
    const read = entryReader(options, redact);

    const sendGroup = async (items: readonly ExecutorItem[], entries: readonly Entry[], signal: AbortSignal) => {
      const { origin, path, auth: certificates } = entries[0]!;
      const client = clients.of(certificates);
      if (!client.ok) return entries.map(() => client.error);
      const operations = entries.map(({ operation }) => operation);
      const trace = traceOf(items);
      return sendBulk(
        operations,
        async (part) => {
          const body = await encodeBody(bulkBody(part), options.gzip);
          const call = {
            method: "POST",
            origin,
            path,
            body: body.bytes,
            headers: { ...headers, ...trace, ...body.headers },
          } as const;
          return client.value.send(call, signal);
        },
        context,
      );
    };

    return {
      executeBatch: (items, { signal }) =>
        sendInGroups(items, {
          read,
          keyOf: ({ origin, path, auth: certificates }) => origin + path + JSON.stringify(certificates ?? null),
          send: (own, entries) => sendGroup(own, entries, signal),
        }),
      preview(item) {
        const entry = read(item);
        if (!entry.ok) return { body: redactJson(item.payload, redact) };
        const { origin, path, operation } = entry.value;
        return {
          method: "POST",
          url: redact(origin + path),
          headers: redactValues({ ...headers, ...traceOf([item]) }, redact),
          body: [redactJson(actionOf(operation), redact), redactJson(operation.document, redact)],
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
  const own = options.endpoint === undefined ? undefined : readHttpUrl(options.endpoint);
  const tied = options.basic !== undefined || options.api_key !== undefined;
  // Payloads name few endpoints, and each of them again and again.
  let last: { readonly text: string; readonly url: URL | undefined } = { text: "", url: undefined };
  const endpointOf = (text: string | undefined): URL | undefined => {
    if (text === undefined) return own;
    if (text !== last.text) last = { text, url: readHttpUrl(text) };
    return last.url;
  };

  return (item: ExecutorItem): Result<Entry, Outcome> => {
    const payload = readPayload(payloadSchema, item.payload);
    if (!payload.ok) return payload;
    const { endpoint, index, data, id, op_type: opType, pipeline, auth: certificates } = payload.value;
    const url = endpointOf(endpoint);
    if (!url)
      return err(
        reject(
          endpoint === undefined
            ? "there is no endpoint, neither in the options nor in the payload"
            : redact(
                `payload.endpoint: ${JSON.stringify(endpoint)} is no http or https URL without user name and password`,
              ),
        ),
      );
    if (tied && url.origin !== own!.origin)
      return err(reject(redact(`the credentials are for ${own!.origin} and are not sent to ${url.origin}`)));
    const operation = { opType, index, id: id ?? item.idempotencyKey, pipeline, document: data };
    return ok({
      origin: url.origin,
      path: url.pathname.replace(/\/+$/, "") + BULK_PATH,
      auth: certificates,
      operation,
    });
  };
}

async function encodeBody(
  text: string,
  wanted: boolean,
): Promise<{ readonly bytes: string | Uint8Array; readonly headers: Readonly<Record<string, string>> }> {
  if (!wanted || text.length < GZIP_FROM_BYTES) return { bytes: text, headers: {} };
  const bytes = await compress(text, { level: constants.Z_BEST_SPEED });
  return { bytes, headers: { "content-encoding": "gzip" } };
}

/** A request that carries deliveries of several traces belongs to none of them. */
function traceOf(items: readonly ExecutorItem[]): Readonly<Record<string, string>> {
  const first = items[0]?.traceparent ?? null;
  return first !== null && items.every(({ traceparent }) => traceparent === first) ? { traceparent: first } : {};
}
