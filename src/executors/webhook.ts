/** Any REST target: one request per delivery, made of the options (address, credentials) and the payload. */
import { z } from "zod";
import { defineExecutor, type ExecutorItem, type TextKind } from "../component/define-executor.ts";
import { secret, Secret } from "../component/secret.ts";
import { isObject, parseJson, printJson, type Json, type JsonObject } from "../core/json.ts";
import { reject, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { createHttpClient } from "./support/http-client.ts";
import type { HttpAnswer, HttpCall } from "./support/http-exchange.ts";
import { basicAuth, deliveryHeaders, httpUrl, loadTls, readHttpUrl, tlsOptions } from "./support/http-options.ts";
import { outcomeOfStatus } from "./support/http-outcome.ts";
import { memberCutter } from "./support/printed-member.ts";
import { readPayload } from "./support/read-payload.ts";
import { basic, createRedactor, credentialsOf, MASK, redactJson, redactValues, type Redact } from "./support/redact.ts";

const FORM = "application/x-www-form-urlencoded";
const scalar = () => z.union([z.string(), z.number(), z.bigint(), z.boolean()]);

const optionsSchema = z
  .strictObject({
    url: httpUrl().optional().describe("Address of the target; a payload's `url` is resolved against it."),
    headers: z.record(z.string(), z.string()).default({}).describe("Headers of every request."),
    secret_headers: z
      .record(z.string(), secret())
      .default({})
      .describe("Headers whose values are secrets, such as `X-Api-Key`; masked wherever a request is shown."),
    basic: basicAuth().optional().describe("Basic authentication."),
    bearer: secret().optional().describe("Token of `Authorization: Bearer`."),
    tls: tlsOptions().optional().describe("Certificates."),
    success: z
      .array(z.int().min(100).max(599))
      .min(1)
      .optional()
      .describe("Statuses that mean delivered; without it every 2xx."),
    private_networks: z
      .enum(["allow", "deny"])
      .default("allow")
      .describe(
        "`deny`: refuse to connect to loopback, private and other addresses that are not of the public internet.",
      ),
    allow_dynamic_code: z
      .boolean()
      .default(false)
      .describe("Allow a placeholder to be more of the `url` than one path segment or query value, unescaped."),
  })
  .refine((options) => !(options.basic && options.bearer), {
    error: "basic and bearer exclude each other",
    path: ["bearer"],
  })
  .refine((options) => !options.allow_dynamic_code || options.url !== undefined || !hasCredentials(options), {
    error: "with allow_dynamic_code and credentials an url is needed: credentials are sent to its origin only",
    path: ["url"],
  });

const payloadSchema = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("POST").describe("Method of the request."),
  url: z.string().min(1).optional().describe("Absolute address, or one resolved against the option `url`."),
  headers: z.record(z.string(), scalar()).optional().describe("Headers over those of the options."),
  query: z
    .record(z.string(), z.union([scalar(), z.array(scalar())]))
    .optional()
    .describe("Parameters added to the query of the address, percent-encoded; an array gives several of one name."),
  body: z
    .custom<Json>(() => true)
    .optional()
    .describe(
      "A text is sent as it is, typed as JSON where it is a JSON object or array; anything else as JSON, or as a form when the header `content-type` is `application/x-www-form-urlencoded`.",
    ),
});

type Options = z.output<typeof optionsSchema>;
type Payload = z.output<typeof payloadSchema>;

export const webhook = defineExecutor({
  type: "webhook",
  summary: "Sends an HTTP request to any REST target.",
  options: optionsSchema,
  payload: payloadSchema,
  code: { url: "url" },
  text: (payload, options): Readonly<Record<string, TextKind>> => ({ body: textKind(payload, options) }),
  guarantees: "At least once; a repeat carries the same `Idempotency-Key` header.",
  examples: [
    {
      title: "Post JSON with a bearer token",
      options: { url: "https://tickets.example.com/api/v2/", bearer: "change-me", private_networks: "deny" },
      payload: { url: "tickets", query: { notify: true }, body: { title: "Print Spooler stopped", host: "h1" } },
      request: {
        method: "POST",
        url: "https://tickets.example.com/api/v2/tickets?notify=true",
        headers: {
          authorization: "Bearer ***",
          "content-type": "application/json",
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
        },
        body: { title: "Print Spooler stopped", host: "h1" },
      },
    },
    {
      title: "A form, and an API key in a header",
      options: { secret_headers: { "X-Api-Key": "change-me" } },
      payload: {
        method: "PUT",
        url: "https://sms.example.com/send",
        headers: { "content-type": FORM },
        body: { to: "+390471000000", text: "h1 is down" },
      },
      request: {
        method: "PUT",
        url: "https://sms.example.com/send",
        headers: {
          "content-type": FORM,
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
          "x-api-key": "***",
        },
        body: "to=%2B390471000000&text=h1+is+down",
      },
    },
  ],
  create(options, deps) {
    const credentials = credentialHeaders(options);
    const redact = createRedactor([
      options.basic?.password,
      options.bearer,
      ...Object.values(options.secret_headers),
      credentials["authorization"] && credentialsOf(credentials["authorization"]),
      ...(deps.secrets ?? []),
    ]);
    const client = createHttpClient(
      { tls: loadTls(options.tls), privateNetworks: options.private_networks },
      { ...deps, redact },
    );
    const success = options.success && new Set(options.success);
    const isSuccess = success && ((status: number) => success.has(status));
    const outcomeOf = (answer: Result<HttpAnswer, Outcome>): Outcome =>
      answer.ok ? outcomeOfStatus(answer.value, { clock: deps.clock, redact }, isSuccess) : answer.error;
    const build = buildRequest(options, credentials, redact);

    return {
      execute(item, { signal }) {
        const call = build(item);
        return call.ok ? client.send(call.value, signal).then(outcomeOf) : Promise.resolve(call.error);
      },
      preview(item) {
        const call = build(item);
        if (!call.ok) return { body: redactJson(item.payload, redact) };
        const { method, origin, path, headers, body } = call.value;
        return {
          method,
          url: redact(origin + path),
          headers: masked(redactValues(headers, redact)),
          ...(body === null ? {} : { body: previewBody(item, body.toString(), redact) }),
        };
      },
      close: () => client.close(),
    };
  },
});

const hasCredentials = (options: { basic?: unknown; bearer?: unknown; secret_headers: object }): boolean =>
  options.basic !== undefined || options.bearer !== undefined || Object.keys(options.secret_headers).length > 0;

function credentialHeaders(options: Options): Readonly<Record<string, Secret>> {
  const { basic: login, bearer, secret_headers: own } = options;
  return {
    ...(login === undefined ? {} : { authorization: basic(login.username, login.password) }),
    ...(bearer === undefined ? {} : { authorization: new Secret(`Bearer ${bearer.reveal()}`) }),
    ...lowerCased(own),
  };
}

function buildRequest(options: Options, credentials: Readonly<Record<string, Secret>>, redact: Redact) {
  const base = options.url === undefined ? undefined : readHttpUrl(options.url);
  const fixed = base && { origin: base.origin, path: base.pathname + base.search };
  const fixedHeaders: Record<string, string> = lowerCased(options.headers);
  for (const [name, value] of Object.entries(credentials)) fixedHeaders[name] = value.reveal();
  const tied = hasCredentials(options);
  const bodyIn = memberCutter("body");
  /** Deliveries of one rule mostly go to one address, and reading it costs more than all else of a request here. */
  let last: { readonly text: string; readonly address: Address } | undefined;

  const addressOf = ({ url: address, query }: Payload): Result<Address, Outcome> => {
    if (address === undefined && fixed !== undefined && query === undefined) return ok(fixed);
    if (address !== undefined && query === undefined && address === last?.text) return ok(last.address);
    if (address === undefined && base === undefined)
      return err(reject("there is no url, neither in the options nor in the payload"));
    const url = address === undefined ? new URL(base!) : readHttpUrl(address, options.url);
    if (!url)
      return err(reject(redact(`${JSON.stringify(address)} is no http or https URL without user name and password`)));
    if (tied && base !== undefined && url.origin !== base.origin)
      return err(reject(redact(`the credentials are for ${base.origin} and are not sent to ${url.origin}`)));
    for (const [name, value] of Object.entries(query ?? {}))
      for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
    const read = { origin: url.origin, path: url.pathname + url.search };
    if (address !== undefined && query === undefined) last = { text: address, address: read };
    return ok(read);
  };

  return (item: ExecutorItem): Result<HttpCall, Outcome> => {
    const read = readPayload(payloadSchema, item.payload);
    if (!read.ok) return read;
    const address = addressOf(read.value);
    if (!address.ok) return address;
    const headers = { ...deliveryHeaders(item), ...fixedHeaders };
    if (read.value.headers !== undefined) Object.assign(headers, lowerCased(read.value.headers, String));
    const { payloadText } = item;
    const bodyText = (): string | undefined =>
      payloadText === undefined ? undefined : bodyIn(payloadText, item.payload);
    const encoded = encodeBody(read.value.body, headers["content-type"], bodyText);
    if (encoded === undefined) return err(reject("payload.body: a form is an object of texts, numbers and booleans"));
    if (encoded !== null) headers["content-type"] ??= encoded.type;
    const { origin, path } = address.value;
    return ok({ method: read.value.method, origin, path, headers, body: encoded === null ? null : encoded.text });
  };
}

interface Address {
  readonly origin: string;
  readonly path: string;
}

interface EncodedBody {
  readonly type: string;
  readonly text: string;
}

/** Null: no body; undefined: it is no form. `printed`: the body as JSON, where that is at hand. */
function encodeBody(
  body: Json | undefined,
  contentType: string | undefined,
  printed: () => string | undefined,
): EncodedBody | null | undefined {
  if (body === undefined || body === null) return null;
  if (typeof body === "string")
    return { type: isJsonDocument(body) ? "application/json" : "text/plain; charset=utf-8", text: body };
  if (mediaType(contentType) !== FORM) return { type: "application/json", text: printed() ?? printJson(body) };
  if (!isObject(body)) return undefined;
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const one of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      if (one === null || typeof one === "object") return undefined;
      form.append(name, String(one));
    }
  return { type: FORM, text: form.toString() };
}

/** What a mustache template of an object or an array renders. */
const isJsonDocument = (text: string): boolean => /^\s*[{[]/.test(text) && parseJson(text).ok;

const mediaType = (contentType: Json | undefined): string =>
  typeof contentType === "string" ? contentType.split(";")[0]!.trim().toLowerCase() : "";

/** What a mustache template of `body` renders: JSON, unless the literal `content-type` of the request is of text. */
function textKind(payload: JsonObject, options: JsonObject): TextKind {
  const typeIn = ({ headers }: JsonObject): Json | undefined =>
    isObject(headers) ? lowerCased(headers)["content-type"] : undefined;
  const type = mediaType(typeIn(payload) ?? typeIn(options));
  if (type === "text/html") return "html";
  return type.startsWith("text/") ? "plain" : "json";
}

function lowerCased<T>(headers: Readonly<Record<string, T>>): Record<string, T>;
function lowerCased<T, U>(headers: Readonly<Record<string, T>>, convert: (value: T) => U): Record<string, U>;
function lowerCased(headers: Readonly<Record<string, unknown>>, convert = (value: unknown): unknown => value) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), convert(value)]));
}

/** Headers that hold credentials by their name are not shown even when nobody said that they are secret. */
const masked = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      /^(proxy-)?authorization$/.test(name)
        ? value.replace(/^(\S+ )?.*$/s, `$1${MASK}`)
        : /cookie|token|secret|api-?key|password|signature/.test(name)
          ? MASK
          : value,
    ]),
  );

function previewBody(item: ExecutorItem, text: string, redact: Redact): Json {
  const body = item.payload["body"];
  const isJson = typeof body === "object" && printJson(body) === text;
  return isJson ? redactJson(body, redact) : redact(text);
}
