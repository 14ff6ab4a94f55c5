/**
 * Splunk's HTTP Event Collector, for everything that ships to one: `/services/collector` with `/event`, `/raw`, `/ack`
 * and `/health` below it. 200 is sent after the commit, so that an acknowledgement is there as soon as it is asked for.
 * What may pass by itself is 503, which every sender repeats. The answers are Splunk's (splunk-hec/hec-reply.ts), what
 * bodies hold is in splunk-hec/hec-inputs.ts.
 */
import { AppError } from "../component/app-error.ts";
import {
  defineCollector,
  type Collector,
  type CollectorDeps,
  type RejectReason,
} from "../component/define-collector.ts";
import type { HttpListener, HttpReply, HttpRequest } from "../component/http-mount.ts";
import { isArray, isObject, member, parseJson } from "../core/json.ts";
import { createAckChannels, channelOf } from "./splunk-hec/ack-channels.ts";
import { createHecAccess } from "./splunk-hec/hec-access.ts";
import { readEvents, readRaw } from "./splunk-hec/hec-inputs.ts";
import { answerOfRefusal, hecReply, type HecAnswer } from "./splunk-hec/hec-reply.ts";
import { splunkHecOptions, type SplunkHecOptions } from "./splunk-hec/options.ts";
import { takeInputs, type TakenInputs } from "./splunk-hec/take-inputs.ts";
import { bodyFormat } from "./support/body-format.ts";
import type { Held } from "./support/byte-budget.ts";
import type { Refusal } from "./support/refusal.ts";
import { createRequestDesk, SHUTTING_DOWN } from "./support/request-desk.ts";
import { WebhookContext } from "./webhook-context.ts";

export const splunkHec = defineCollector({
  type: "splunk_hec",
  summary:
    "Takes what is sent to Splunk's HTTP Event Collector: JSON events and raw text, with tokens, channels and acknowledgements. Host, source, sourcetype, index and fields are in `metadata.splunk`.",
  options: splunkHecOptions,
  mountsAt: ({ path, port }) => (port === undefined ? path : undefined),
  guarantees:
    "200, with its `ackId`, is sent after everything the request causes is committed; when that is not possible now the answer is 503 and the sender repeats. With an Idempotency-Key header, or an id in the document, a repeat has no effect. Of a request with a bad event the good ones are taken and the bad one is a dead letter, and the answer, 400, names the first bad one.",
  examples: [
    {
      title: "For a shipper with a Splunk output, at `/services/collector` of the ingest listener",
      file: { id: "hec", type: "splunk_hec", token: "change-me" },
    },
    {
      title: "Sysdig's webhook with the header `Authorization: Splunk …`, at `/services/collector/raw`",
      file: { id: "sysdig", type: "splunk_hec", format: "sysdig", token: "change-me" },
    },
    {
      title: "On Splunk's own port with TLS, while a token is rotated",
      file: {
        id: "hec-tls",
        type: "splunk_hec",
        host: "0.0.0.0",
        port: 8088,
        tokens: ["old-one", "new-one"],
        tls: { cert_file: "tls/server.crt", key_file: "tls/server.key" },
      },
    },
  ],
  create: createSplunkHec,
});

const ACKS = { maxChannels: 10_000, idleMs: 10 * 60_000 };
const MAX_ACKS_ASKED = 100_000;
const SECRET_HEADERS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);

const ENDPOINTS: Readonly<Record<string, "event" | "raw" | "ack" | "health">> = {
  "": "event",
  "/1.0": "event",
  "/event": "event",
  "/event/1.0": "event",
  "/raw": "raw",
  "/raw/1.0": "raw",
  "/ack": "ack",
  "/ack/1.0": "ack",
  "/health": "health",
  "/health/1.0": "health",
};

function createSplunkHec(options: SplunkHecOptions, deps: CollectorDeps): Collector {
  const { id, clock, limits } = deps;
  const maxBytes = options.max_payload_size ?? limits.maxBodyBytes;
  const desk = createRequestDesk({ maxBytes, maxInFlightBytes: limits.maxInFlightBytes });
  const access = createHecAccess(options);
  const channels = createAckChannels(ACKS, clock.nowMs);
  let listener: HttpListener | undefined;
  let unmount: (() => void) | undefined;
  let stopping: Promise<void> | undefined;

  async function handle(request: HttpRequest): Promise<HttpReply> {
    const { method, path } = request;
    const rest = path.startsWith(options.path) ? path.slice(options.path.length).replace(/\/$/, "") : "/";
    const endpoint = Object.hasOwn(ENDPOINTS, rest) ? ENDPOINTS[rest] : undefined;
    if (endpoint === undefined) return hecReply("notFound");
    if (endpoint === "health") return hecReply(desk.stopping ? "shuttingDown" : desk.full ? "queuesFull" : "healthy");
    if (method !== "POST" && method !== "PUT") {
      const reply = refuse("wrongMethod", "method_not_allowed");
      return { ...reply, headers: { ...reply.headers, allow: "POST" } };
    }
    if (desk.stopping) return refuseBody(SHUTTING_DOWN);
    const denied = access(request);
    if (denied) return refuse(denied, "unauthorized");
    const channel = channelOf(request.headers, request.query);
    if (channel === null) return refuse("channelInvalid", "unreadable");
    return desk.serve((held) => answer(endpoint, request, channel, held));
  }

  async function answer(
    endpoint: "event" | "raw" | "ack",
    request: HttpRequest,
    channel: string | undefined,
    held: Held,
  ): Promise<HttpReply> {
    const encoding = bodyFormat(undefined, request.headers["content-encoding"] as string | undefined);
    if (!encoding.ok) return refuseBody(encoding.error);
    const body = await desk.read(request, encoding.value.encoding, held);
    if (!body.ok) return refuseBody(body.error);
    const { plain } = body.value;
    if (endpoint === "ack") return answerAcks(plain, channel);

    const { jsonDepth } = limits;
    const inputs =
      endpoint === "event"
        ? await readEvents(plain, jsonDepth)
        : await readRaw(plain, request.query, { jsonDepth, json: options.raw === "auto" });
    if (!inputs.ok) {
      deps.logger.debug({ reason: inputs.error.reason }, "a request was refused");
      return refuse(inputs.error.answer, inputs.error.answer === "tooLarge" ? "too_large" : "bad_json");
    }
    const context = contextOf(request);
    const taken = await takeInputs(inputs.value, context, deps);
    return commit(taken, context, channel);
  }

  async function commit(
    { arrivals, rejected, firstBad }: TakenInputs,
    { receivedMs, traceparent }: WebhookContext,
    channel: string | undefined,
  ): Promise<HttpReply> {
    try {
      if (arrivals.length > 0 || rejected.length > 0)
        await deps.emit({ arrivals, rejected, source: id, receivedMs, traceparent: traceparent ?? null });
    } catch (error) {
      if (error instanceof AppError) {
        deps.logger.debug({ reason: error.message }, "events could not be committed");
        return refuse("busy", "unavailable");
      }
      deps.logger.error({ err: error }, "events could not be committed for a reason nobody expected");
      return refuse("internal", "unavailable");
    }
    if (firstBad) return hecReply(firstBad.answer, { "invalid-event-number": firstBad.index });
    return hecReply("success", options.acks && channel !== undefined ? { ackId: channels.next(channel) } : {});
  }

  function answerAcks(body: Buffer, channel: string | undefined): HttpReply {
    if (!options.acks) return refuse("acksDisabled", "unreadable");
    if (channel === undefined) return refuse("channelMissing", "unreadable");
    const parsed = parseJson(body.toString("utf8"), 10);
    const asked = parsed.ok && isObject(parsed.value) ? member(parsed.value, "acks") : undefined;
    if (!isArray(asked) || asked.length > MAX_ACKS_ASKED) return refuse("invalidFormat", "bad_json");
    const acks: Record<string, boolean> = {};
    for (const ackId of asked) if (typeof ackId === "number") acks[String(ackId)] = channels.isDone(channel, ackId);
    return { status: 200, body: JSON.stringify({ acks }) };
  }

  function contextOf(request: HttpRequest): WebhookContext {
    const key = request.headers["idempotency-key"];
    return new WebhookContext({
      collector: id,
      receivedMs: clock.nowMs(),
      request,
      secretHeaders: SECRET_HEADERS,
      inputId: typeof key === "string" && key !== "" ? key : undefined,
    });
  }

  function refuse(why: HecAnswer, reason: RejectReason): HttpReply {
    deps.countRejected(reason);
    return hecReply(why);
  }

  function refuseBody(why: Refusal): HttpReply {
    deps.logger.debug({ reason: why.reason }, "a request was refused");
    return refuse(answerOfRefusal(why), why.reason);
  }

  /** The door is closed last: before, a sender would be told that there is nothing here. */
  async function drain(): Promise<void> {
    await desk.drain();
    unmount?.();
    await listener?.close();
  }

  return {
    async start() {
      const { port, host = "127.0.0.1", tls } = options;
      if (port === undefined) {
        unmount = deps.http.mount(`${options.path}/*`, handle);
        return;
      }
      const files = tls && { certFile: tls.cert_file, keyFile: tls.key_file, clientCaFile: tls.client_ca_file ?? null };
      listener = await deps.openHttp({ name: `collector ${id}`, host, port, tls: files ?? null }, handle);
      deps.logger.info({ address: listener.address, port: listener.port }, "the HTTP Event Collector listens");
    },
    stop() {
      return (stopping ??= drain());
    },
  };
}
