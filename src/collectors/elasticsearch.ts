/**
 * Looks like Elasticsearch to whoever ships to it: `output.elasticsearch` of a Beat, Logstash, Fluent Bit, Vector. The
 * handshake and set-up requests are in elasticsearch/setup.ts, the bulk protocol in elasticsearch/bulk-request.ts.
 *
 * A request is answered after its events are committed, all at once unless it has more items than `max_items`: 200
 * with one exact result per item. What may pass by itself is 429 (503 while stopping): nearly all senders repeat these,
 * and Beats drop what got 400; for those that drop what got 429 too (rsyslog) there is `busy: hang_up`. At the memory
 * bound a request first waits a little (elasticsearch/wait-for-room.ts). With a tee the commit comes first, then the
 * request goes to the real cluster and its answer to the sender. A sender that is told to repeat what was already
 * committed does no harm: documents with an id are known by it, others are remembered until they come again
 * (elasticsearch/expected-repeats.ts).
 */
import { AppError, ERROR_CODES } from "../component/app-error.ts";
import { defineCollector, type Collector, type CollectorDeps } from "../component/define-collector.ts";
import type { HttpListener, HttpReply, HttpRequest } from "../component/http-mount.ts";
import { err, ok, type Result } from "../core/result.ts";
import { createAccess } from "./elasticsearch/access.ts";
import { createClusterAccess } from "./elasticsearch/cluster-access.ts";
import { readBulk, type BulkItem } from "./elasticsearch/bulk-request.ts";
import { createCatalogue } from "./elasticsearch/catalogue.ts";
import { errorReply, majorVersion, refusalReply, toHttp, type EsReply } from "./elasticsearch/es-reply.ts";
import { createExpectedRepeats } from "./elasticsearch/expected-repeats.ts";
import { bulkAnswer, documentAnswer } from "./elasticsearch/item-answer.ts";
import { elasticsearchOptions, type ElasticsearchOptions } from "./elasticsearch/options.ts";
import { retriedItems } from "./elasticsearch/retried-items.ts";
import { routeOf, type Route } from "./elasticsearch/route.ts";
import { answerSetup } from "./elasticsearch/setup.ts";
import { objectIn } from "./elasticsearch/setup-request.ts";
import { mayPass } from "./elasticsearch/may-pass.ts";
import { postponed, takeItems, type ItemResult, type TakenItems } from "./elasticsearch/take-items.ts";
import { openTee, type Tee } from "./elasticsearch/tee.ts";
import { createPatientReader } from "./elasticsearch/wait-for-room.ts";
import { bodyFormat } from "./support/body-format.ts";
import type { Held } from "./support/byte-budget.ts";
import { refusal, type Refusal } from "./support/refusal.ts";
import { createRequestDesk, SHUTTING_DOWN, type ReadBody } from "./support/request-desk.ts";
import { WebhookContext } from "./webhook-context.ts";

export const elasticsearch = defineCollector({
  type: "elasticsearch",
  summary:
    "Looks like Elasticsearch, so that the Elasticsearch output of a Beat, Logstash, Fluent Bit or Vector ships to it; with `tee` it stands in front of a real cluster. Each document of a create, index or update is an event, with `index`, `op`, `id` and `pipeline` in `metadata.elasticsearch`; a delete is answered and makes none.",
  options: elasticsearchOptions,
  mountsAt: (options, id) => (options.port === undefined ? prefixOf(options, id) : undefined),
  defaultFormat: "auto",
  guarantees:
    "200, with one result per item, is sent after everything the request causes is committed; when that is not possible now the answer is 429 and the sender repeats. A `create` with an `_id` is known by it, an `index` by its `_id` and content; without one a repeat after a lost answer is a new event. With `tee` the commit comes first: when the cluster then does not take the documents, the sender repeats them, and they are known by their content for 15 minutes or until the process ends.",
  examples: [
    {
      title: "For `output.elasticsearch` of the Beats, instead of a cluster",
      file: {
        id: "beats",
        type: "elasticsearch",
        host: "127.0.0.1",
        port: 9200,
        format: "beats",
        credentials: [{ username: "beats", password: "change-me" }, { api_key: "id:change-me" }],
      },
    },
    {
      title: "In front of a real cluster, with the Beats' own credentials, which the cluster checks",
      file: {
        id: "es",
        type: "elasticsearch",
        port: 9200,
        format: "beats",
        auth: "cluster",
        tee: { url: "https://es.example.org:9200", ca_file: "certs/es-ca.crt", forward_credentials: true },
      },
    },
    {
      title: "At `/elasticsearch/logs` of the ingest listener",
      file: { id: "logs", type: "elasticsearch", credentials: [{ bearer: "change-me" }] },
    },
  ],
  create: createElasticsearch,
});

const REPEATS_MAX = 200_000;
/** Longer than a Beat waits between two tries at most. */
const REPEATS_FOR_MS = 15 * 60_000;
const CATALOGUE = { maxEntries: 5000, maxBytes: 32 * 1024 * 1024 };
const SECRET_HEADERS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);
const WRONG_CREDENTIALS = refusal("unauthorized", "unauthorized", "missing or wrong credentials");

const prefixOf = ({ path, port }: ElasticsearchOptions, id: string): string =>
  path ?? (port === undefined ? `/elasticsearch/${id}` : "");

function createElasticsearch(options: ElasticsearchOptions, deps: CollectorDeps): Collector {
  const { id, clock, limits } = deps;
  const maxBytes = options.max_payload_size ?? limits.maxBodyBytes;
  const desk = createRequestDesk({ maxBytes, maxInFlightBytes: limits.maxInFlightBytes });
  const reader = createPatientReader(desk, clock);
  const mayEnter = createAccess(options.credentials);
  const repeats = createExpectedRepeats({ maxDocuments: REPEATS_MAX, forMs: REPEATS_FOR_MS }, clock.nowMs);
  const setup = {
    catalogue: createCatalogue(CATALOGUE),
    identity: { clusterName: options.cluster_name, version: options.version, nodeName: "squall" },
    nowMs: clock.nowMs,
  };
  const taking = { ...deps, jsonDepth: limits.jsonDepth, repeats };
  const prefix = prefixOf(options, id);
  let sequenceNumber = 0;
  const sequence = (): number => sequenceNumber++;
  let tee: Tee | undefined;
  /** Logged once, not at every request. */
  let clusterIsDown = false;
  let listener: HttpListener | undefined;
  let unmount: (() => void) | undefined;
  let stopping: Promise<void> | undefined;

  const askCluster = createClusterAccess(
    async (request, path) => (tee ? tee.askAs(request, path) : err("there is no tee")),
    clock.nowMs,
  );

  async function handle(request: HttpRequest): Promise<HttpReply> {
    const reply = await replyTo(request);
    const mustWait = reply.status === 429 || reply.status >= 500;
    return mustWait && options.busy === "hang_up" ? { ...reply, hangUp: true } : reply;
  }

  async function replyTo(request: HttpRequest): Promise<HttpReply> {
    if (desk.stopping) return refuse(request, SHUTTING_DOWN);
    if (!mayEnter(request)) return refuse(request, WRONG_CREDENTIALS);
    const path = request.path.slice(prefix.length) || "/";
    if (!request.path.startsWith(prefix) || !path.startsWith("/")) return toHttp(notHere(request), request);
    const route = routeOf(request.method, path, request.query.get("op_type"));
    if (!route.ok) return refuse(request, refusal("bad_request", "bad_json", route.error));
    try {
      return await desk.serve(
        async (held) => (await deniedByCluster(request)) ?? answer(request, path, route.value, held),
      );
    } finally {
      reader.freed();
    }
  }

  /** Null: the sender may go on. */
  async function deniedByCluster(request: HttpRequest): Promise<HttpReply | null> {
    if (options.auth !== "cluster") return null;
    const verdict = await askCluster(request);
    if (verdict.kind === "unknown") return clusterDown(request, verdict.reason);
    return verdict.kind === "granted" ? null : refuse(request, WRONG_CREDENTIALS);
  }

  async function answer(request: HttpRequest, path: string, route: Route, held: Held): Promise<HttpReply> {
    const encoding = bodyFormat(undefined, request.headers["content-encoding"] as string | undefined);
    if (!encoding.ok) return refuse(request, encoding.error);
    const body = await reader.read(request, encoding.value.encoding, held);
    if (!body.ok) return refuse(request, body.error);
    if (route.kind === "setup") return answerSetUp(request, path, route.segments, body.value);

    const startMs = clock.monotonicMs();
    const items = await itemsOf(route, body.value.plain, request);
    if (!items.ok) return refuse(request, items.error);
    // What the cluster is to get whole cannot be committed in part.
    if (tee && items.value.length > options.max_items)
      return refuse(request, refusal("too_large", "too_large", `more than ${options.max_items} items`));
    const context = contextOf(request);
    const results: ItemResult[] = [];
    while (results.length < items.value.length) {
      const first = results.length;
      const portion = items.value.slice(first, first + options.max_items);
      const taken = await takeItems(portion, first, body.value.plain, context, taking);
      const refused = await commit(request, route.kind === "bulk" ? taken : withoutLone(taken), context);
      if (refused && first === 0) return refused;
      for (const result of refused ? postponed(items.value.slice(first), context) : taken.results) results.push(result);
    }
    if (tee) return passOn(tee, request, path, body.value.raw, results);
    const tookMs = Math.round(clock.monotonicMs() - startMs);
    const style = { sequence, typed: majorVersion(request, options.version) < 8 };
    const reply =
      route.kind === "bulk"
        ? await bulkAnswer(results, tookMs, style, request.query.get("filter_path"))
        : documentAnswer(results[0]!, style);
    return toHttp(reply, request);
  }

  async function itemsOf(
    route: Exclude<Route, { kind: "setup" }>,
    body: Buffer,
    request: HttpRequest,
  ): Promise<Result<readonly BulkItem[], Refusal>> {
    const pipeline = request.query.get("pipeline") ?? undefined;
    if (route.kind === "bulk") {
      const items = await readBulk(body, { index: route.index, pipeline });
      return items.ok ? items : err(refusal("bad_input", "bad_json", items.error));
    }
    const { op, index, id: documentId } = route;
    return ok([{ op, index, id: documentId, pipeline, start: 0, end: body.length }]);
  }

  /** Null: all is committed. Otherwise what the sender is told, and nothing of it is. */
  async function commit(
    request: HttpRequest,
    { arrivals, rejected }: TakenItems,
    { receivedMs, traceparent }: WebhookContext,
  ): Promise<HttpReply | null> {
    if (arrivals.length === 0 && rejected.length === 0) return null;
    try {
      await deps.emit({ arrivals, rejected, source: id, receivedMs, traceparent: traceparent ?? null });
      return null;
    } catch (error) {
      if (error instanceof AppError) {
        const { status } = ERROR_CODES[error.code];
        if (status === 503) return refuse(request, refusal("overloaded", "unavailable", error.message));
        return refuse(request, refusal(error.code, "unreadable", error.message));
      }
      deps.countRejected("unavailable");
      deps.logger.error(
        { err: error, path: request.path },
        "events could not be committed for a reason nobody expected",
      );
      return toHttp(errorReply(500, "exception", "the events could not be committed"), request);
    }
  }

  /** Documents that the sender will repeat are expected, so that they are not taken twice. */
  async function passOn(
    to: Tee,
    request: HttpRequest,
    path: string,
    body: Buffer,
    results: readonly ItemResult[],
  ): Promise<HttpReply> {
    const forwarded = await to.forward(request, path, body);
    const lost = request.signal.aborted;
    for (const { fingerprint } of retriedItems(forwarded.ok && !lost ? forwarded.value : null, results))
      if (fingerprint) repeats.expect(fingerprint());
    return forwarded.ok ? answered(forwarded.value) : clusterDown(request, forwarded.error);
  }

  function answered(reply: HttpReply): HttpReply {
    clusterIsDown = false;
    deps.health.clear(`collector:${id}`, "tee_unavailable");
    return reply;
  }

  function clusterDown(request: HttpRequest, reason: string): HttpReply {
    deps.health.raise(`collector:${id}`, "tee_unavailable", reason, "degraded");
    if (!clusterIsDown) deps.logger.warn({ reason }, "the cluster behind the tee gives no answer; senders repeat");
    clusterIsDown = true;
    return toHttp(errorReply(503, "cluster_unavailable_exception", "the cluster behind gave no answer"), request);
  }

  async function answerSetUp(
    request: HttpRequest,
    path: string,
    segments: readonly string[],
    { raw, plain }: ReadBody,
  ): Promise<HttpReply> {
    if (tee && options.tee?.setup === "forward" && mayPass(request.method, segments, options.tee.forward_credentials)) {
      const forwarded = await tee.forward(request, path, raw);
      return forwarded.ok ? answered(forwarded.value) : clusterDown(request, forwarded.error);
    }
    const body = objectIn(plain);
    if (!body.ok) return refuse(request, refusal("bad_input", "bad_json", body.error));
    const { method, query, headers } = request;
    const address = headers.host ?? "127.0.0.1:9200";
    const accept = headers.accept ?? "";
    return toHttp(
      answerSetup(
        { method, segments, body: body.value, query, path, address: String(address), accept: String(accept) },
        setup,
      ),
      request,
    );
  }

  const contextOf = (request: HttpRequest): WebhookContext =>
    new WebhookContext({
      collector: id,
      receivedMs: clock.nowMs(),
      request,
      secretHeaders: SECRET_HEADERS,
      inputId: undefined,
    });

  function refuse(request: HttpRequest, why: Refusal): HttpReply {
    deps.countRejected(why.reason);
    deps.logger.debug({ reason: why.reason }, "a request was refused");
    return toHttp(refusalReply(why), request);
  }

  /** The door is closed last: before, a sender would be told that there is nothing here. */
  async function drain(): Promise<void> {
    const drained = desk.drain();
    reader.freed();
    await drained;
    unmount?.();
    await listener?.close();
    await tee?.close();
  }

  return {
    async start() {
      if (options.tee) tee = await openTee(options.tee);
      const { port, host = "127.0.0.1", tls } = options;
      if (port === undefined) {
        unmount = deps.http.mount(`${prefix}/*`, handle);
        return;
      }
      const files = tls && {
        certFile: tls.cert_file,
        keyFile: tls.key_file,
        clientCaFile: tls.client_ca_file ?? null,
      };
      listener = await deps.openHttp({ name: `collector ${id}`, host, port, tls: files ?? null }, handle);
      deps.logger.info({ address: listener.address, port: listener.port }, "the Elasticsearch look-alike listens");
    },
    stop() {
      return (stopping ??= drain());
    },
  };
}

/** A bad document that came alone is refused to its sender, who need not be told twice. */
const withoutLone = (taken: TakenItems): TakenItems => ({ ...taken, rejected: [] });

const notHere = ({ path }: HttpRequest): EsReply =>
  errorReply(404, "illegal_argument_exception", `no handler found for uri [${path.slice(0, 200)}]`);
