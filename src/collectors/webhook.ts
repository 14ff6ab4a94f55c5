/**
 * POST or PUT `/event/<id>` → events → commit → 200. The answer comes only after the commit; everything that may pass
 * by itself is 503 with Retry-After, because Logstash drops what gets any other refusal. A bad document alone is 400;
 * inside a list it is reported (and kept as a dead letter) beside the good ones, and the answer is 200.
 */
import { AppError, ERROR_CODES } from "../component/app-error.ts";
import { defineCollector, type CollectorDeps } from "../component/define-collector.ts";
import type { HttpReply, HttpRequest } from "../component/http-mount.ts";
import type { Result } from "../core/result.ts";
import { bodyFormat } from "./support/body-format.ts";
import { createByteBudget, type Held } from "./support/byte-budget.ts";
import { decodeDocuments } from "./support/decode-documents.ts";
import { inflate } from "./support/inflate.ts";
import { problemOfError, problemReply } from "./support/problem-reply.ts";
import { readBody, type BodyReader } from "./support/read-body.ts";
import { overloaded, refusal, tooLarge, type Refusal } from "./support/refusal.ts";
import { takeIn, type Taken } from "./support/take-in.ts";
import { WebhookContext } from "./webhook-context.ts";
import { createCredentials } from "./webhook-credentials.ts";
import { webhookOptions, type WebhookOptions } from "./webhook-options.ts";

export const webhook = defineCollector({
  type: "webhook",
  summary:
    "Receives JSON, NDJSON, forms and text by HTTP POST or PUT at `/event/<id>`, plain or compressed, one document or many.",
  options: webhookOptions,
  guarantees:
    "200 is sent after everything the request causes is committed; when that is not possible now the answer is 503 with Retry-After and the sender repeats. With an Idempotency-Key header, or an id in the document, a repeat has no effect.",
  examples: [
    {
      title: "Logstash, http output with `format => json_batch`",
      file: { id: "logstash", format: "logstash", token: "change-me" },
    },
    {
      title: "GitHub, signed",
      file: {
        id: "github",
        auth: { hmac: { header: "x-hub-signature-256", prefix: "sha256=", secrets: ["change-me"] } },
        collector_config: { event_type: "${^headers.x-github-event}" },
      },
    },
    {
      title: "Any of two tokens in a header of choice, while the token is rotated",
      file: { id: "shop", tokens: ["old-one", "new-one"], auth: { header: "X-Api-Key" }, max_payload_size: "1mb" },
    },
  ],
  create: createWebhook,
});

const ALLOWED = "POST, PUT";
const SHUTTING_DOWN: Refusal = refusal("shutting_down", "unavailable", "the collector is stopping");
const ONE_TAKEN = allTaken(1);

function createWebhook(options: WebhookOptions, deps: CollectorDeps) {
  const { id, clock, limits } = deps;
  const maxBytes = options.max_payload_size ?? limits.maxBodyBytes;
  const decoding = { split: options.split, jsonDepth: limits.jsonDepth };
  const credentials = createCredentials(options);
  const budget = createByteBudget(limits.maxInFlightBytes);
  const reading = new Set<BodyReader>();
  let inHand = 0;
  let stopping: Promise<void> | undefined;
  let allAnswered: (() => void) | undefined;
  let unmount: (() => void) | undefined;

  async function handle(request: HttpRequest): Promise<HttpReply> {
    if (request.method !== "POST" && request.method !== "PUT") return refuse(wrongMethod(request), { allow: ALLOWED });
    if (stopping) return refuse(SHUTTING_DOWN);
    const held = budget.hold();
    inHand++;
    try {
      const taken = await receive(request, held);
      return taken.ok ? await commit(request, taken.value) : refuse(taken.error, headersOf(taken.error));
    } finally {
      held.release();
      if (--inHand === 0) allAnswered?.();
    }
  }

  /** Credentials, then sizes, then the body, then what is in it: nothing is spent on a sender before it is due. */
  async function receive(request: HttpRequest, held: Held): Promise<Result<Taken, Refusal>> {
    const { headers } = request;
    const access = credentials.check(request);
    if (access === "refused") return { ok: false, error: unauthorized() };
    const declared = Number(headers["content-length"] ?? 0);
    if (declared > maxBytes) return { ok: false, error: tooLarge(maxBytes) };
    const format = bodyFormat(
      headers["content-type"] as string | undefined,
      headers["content-encoding"] as string | undefined,
    );
    if (access === "granted" && !format.ok) return format;
    if (!held.add(declared)) return { ok: false, error: overloaded() };

    const reader = readBody(request.body, maxBytes, held, declared);
    reading.add(reader);
    const raw = await reader.done;
    reading.delete(reader);
    if (!raw.ok) return raw;
    if (access === "signed" && !credentials.verify(request, raw.value)) return { ok: false, error: unauthorized() };
    if (!format.ok) return format;

    const { kind, encoding } = format.value;
    const plain = encoding === "identity" ? raw : await inflate(raw.value, encoding, maxBytes, held);
    if (!plain.ok) return plain;
    if (plain !== raw) held.release(raw.value.length);
    const decoded = decodeDocuments(plain.value, kind, decoding);
    const documents = decoded instanceof Promise ? await decoded : decoded;
    if (!documents.ok) return documents;
    return takeIn(documents.value, contextOf(request), deps);
  }

  function contextOf(request: HttpRequest): WebhookContext {
    const key = request.headers["idempotency-key"];
    return new WebhookContext({
      collector: id,
      receivedMs: clock.nowMs(),
      request,
      secretHeaders: credentials.secretHeaders,
      inputId: typeof key === "string" && key !== "" ? key : undefined,
    });
  }

  async function commit(request: HttpRequest, { arrivals, rejected, accepted, context }: Taken): Promise<HttpReply> {
    try {
      if (arrivals.length > 0 || rejected.length > 0)
        await deps.emit({
          arrivals,
          rejected,
          source: id,
          receivedMs: context.receivedMs,
          traceparent: context.traceparent ?? null,
        });
    } catch (error) {
      return notCommitted(request, error);
    }
    if (rejected.length === 0) return accepted === 1 ? ONE_TAKEN : allTaken(accepted);
    const errors = rejected.map(({ index, reason }) => ({ index, error: reason }));
    return { status: 200, body: JSON.stringify({ accepted, rejected: errors }) };
  }

  function notCommitted(request: HttpRequest, error: unknown): HttpReply {
    if (error instanceof AppError) {
      deps.countRejected(ERROR_CODES[error.code].status === 503 ? "unavailable" : "unreadable");
      return problemOfError(error);
    }
    deps.countRejected("unavailable");
    deps.logger.error({ err: error, path: request.path }, "events could not be committed for a reason nobody expected");
    return problemReply("internal", "the events could not be committed; the log has the details");
  }

  function refuse(why: Refusal, headers?: Readonly<Record<string, string>>): HttpReply {
    deps.countRejected(why.reason);
    deps.logger.debug({ reason: why.reason }, "a request was refused");
    return problemReply(why.code, why.detail, headers);
  }

  const headersOf = ({ code }: Refusal): Readonly<Record<string, string>> | undefined =>
    code === "unauthorized"
      ? { "www-authenticate": credentials.challenge }
      : code === "unsupported_type"
        ? { "accept-encoding": "gzip, deflate, zstd, identity" }
        : undefined;

  /** The path is taken down last: before, Logstash would get a 404 and drop its events. */
  async function drain(): Promise<void> {
    // Nothing of these was acknowledged, and their senders may be slow: they are told to try again.
    for (const reader of reading) reader.stop(SHUTTING_DOWN);
    if (inHand > 0) await new Promise<void>((resolve) => (allAnswered = resolve));
    unmount?.();
  }

  return {
    async start() {
      unmount = deps.http.mount(`/event/${id}`, handle);
    },
    stop() {
      return (stopping ??= drain());
    },
  };
}

function allTaken(accepted: number): HttpReply {
  return { status: 200, body: `{"accepted":${accepted},"rejected":[]}` };
}

const unauthorized = (): Refusal => refusal("unauthorized", "unauthorized", "the credentials are missing or wrong");
const wrongMethod = ({ method }: HttpRequest): Refusal =>
  refusal("method_not_allowed", "method_not_allowed", `${method} is not possible here; accepted: ${ALLOWED}`);
