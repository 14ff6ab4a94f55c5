/**
 * The HTTP client of the executors: undici, one keep-alive pool per origin, sized by the executor's concurrency.
 * Every answer is read to its end or its connection is given up, so none leaks; redirects are not followed; the time
 * limit runs from the connect to the last byte. Only answers come back: every failure is already an outcome.
 */
import { X509Certificate } from "node:crypto";
import { lookup as dnsLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
import type { Clock } from "../../component/clock.ts";
import { AppError } from "../../component/app-error.ts";
import type { OutboundSettings } from "../../component/define-executor.ts";
import { createTimeLimits } from "../../component/support/time-limits.ts";
import { printDuration } from "../../core/duration.ts";
import { reject, retry, type Outcome } from "../../core/delivery/outcome.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { HttpAnswer, HttpCall } from "./http-exchange.ts";
import { outcomeOfError } from "./http-outcome.ts";
import { HttpRequest, type Exchange } from "./http-request.ts";
import { invalidHeader } from "./invalid-header.ts";
import { guardedConnector, guardedLookup } from "./private-networks.ts";
import type { Redact } from "./redact.ts";

/** PEM texts. */
export interface TlsSettings {
  /** Trusted instead of the system's authorities. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  /** False: any certificate of the target is accepted. */
  readonly verify?: boolean;
}

export interface HttpClientOptions {
  readonly tls?: TlsSettings;
  readonly privateNetworks?: "allow" | "deny";
  readonly maxAnswerBytes?: number;
}

export interface HttpClientDeps {
  readonly clock: Clock;
  readonly outbound: OutboundSettings;
  readonly redact: Redact;
  /** How names are resolved when private networks are denied; tests give their own. */
  readonly lookup?: LookupFunction;
}

export interface HttpClient {
  send(call: HttpCall, signal: AbortSignal): Promise<Result<HttpAnswer, Outcome>>;
  close(): Promise<void>;
}

/** Throws AppError `configuration` when a certificate or key cannot be used. */
export function createHttpClient(options: HttpClientOptions, deps: HttpClientDeps): HttpClient {
  const { clock, outbound, redact } = deps;
  const maxBytes = options.maxAnswerBytes ?? 65_536;
  if (options.privateNetworks === "deny" && outbound.proxy !== undefined)
    throw new AppError(
      "configuration",
      "private_networks: deny cannot be kept through a proxy, which resolves names itself; give the executor an outbound without proxy",
    );
  const connect = connectOptions(options, deps);
  // undici is loaded by the first request: commands that only read the configuration do without it.
  let loading: Promise<Dispatcher> | undefined;
  let loaded: Dispatcher | undefined;

  function ready(): Promise<Dispatcher> {
    return (loading ??= createDispatcher(connect, options, deps).then((dispatcher) => (loaded = dispatcher)));
  }

  const limits = createTimeLimits<HttpRequest>(clock, (request) => request.end("timeout"));

  /** The requests that a signal stops. It has one listener for all, since it serves many, one after the other. */
  const underWay = new WeakMap<AbortSignal, Set<HttpRequest>>();
  function stoppedBy(signal: AbortSignal): Set<HttpRequest> {
    let requests = underWay.get(signal);
    if (requests === undefined) {
      const added = (requests = new Set());
      underWay.set(signal, added);
      signal.addEventListener("abort", () => added.forEach((request) => request.end("stopped")), { once: true });
    }
    return requests;
  }

  /**
   * What came of requests, told at the end of a turn of the event loop for all that ended in it: one and the same work for
   * each of many answers takes a tenth less than that work in between the readings of their sockets.
   */
  let ended: (() => void)[] = [];
  function tell(): void {
    const tellings = ended;
    ended = [];
    for (const each of tellings) each();
  }

  function resultOf(exchange: Exchange, { origin }: HttpCall): Result<HttpAnswer, Outcome> {
    switch (exchange.kind) {
      case "answer":
        return ok(exchange.answer);
      case "error":
        return err(outcomeOfError(exchange.error, origin, redact));
      case "stopped":
        return err(aborted(origin));
      case "timeout":
        return err(retry(redact(`${origin} did not answer completely within ${printDuration(outbound.timeoutMs)}`)));
    }
  }

  return {
    send(call, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve(err(aborted(call.origin)));
        const invalid = invalidHeader(call.headers);
        if (invalid !== null)
          return resolve(err(reject(redact(`the request cannot be sent: invalid ${invalid} header`))));
        const stopped = stoppedBy(signal);
        const request = new HttpRequest(call, maxBytes, (exchange) => {
          limits.end(request);
          stopped.delete(request);
          if (ended.push(() => resolve(resultOf(exchange, call))) === 1) setImmediate(tell);
        });
        limits.begin(request, outbound.timeoutMs);
        stopped.add(request);
        if (loaded) return void loaded.dispatch(call, request);
        ready().then(
          (dispatcher) => dispatcher.dispatch(call, request),
          (error: unknown) => request.onResponseError(null, error),
        );
      });
    },
    async close() {
      await (await loading)?.destroy();
    },
  };
}

const aborted = (target: string): Outcome => retry(`the request to ${target} was broken off`);

type ConnectOptions = buildConnector.BuildOptions & { readonly secureContext?: SecureContext };

function connectOptions({ tls = {} }: HttpClientOptions, { outbound }: HttpClientDeps): ConnectOptions {
  // undici's own limit is only a backstop, since the client's clock breaks the request off first.
  const common = { timeout: outbound.timeoutMs + 1000, rejectUnauthorized: tls.verify !== false, allowH2: false };
  const ca = tls.ca ?? (outbound.ca === undefined ? undefined : [...getCACertificates("default"), outbound.ca]);
  if (ca === undefined && tls.certificate === undefined) return common;
  try {
    // OpenSSL passes over an authority that it cannot read, and then no target would be trusted.
    for (const authority of [tls.ca, outbound.ca]) if (authority !== undefined) void new X509Certificate(authority);
    // Made once: parsing a hundred authorities for every connection would take longer than the connection.
    const secureContext = createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.privateKey === undefined ? {} : { key: tls.privateKey }),
    });
    return { ...common, secureContext };
  } catch (error) {
    throw new AppError("configuration", `the certificates cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function createDispatcher(
  connect: ConnectOptions,
  options: HttpClientOptions,
  { outbound, lookup }: HttpClientDeps,
): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent, Pool, buildConnector } = await import("undici");
  // No time limits of undici's: the client has its own, over the whole request.
  const pool = { connections: outbound.concurrency, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };
  // An agent that is told of HTTP/1.1 itself makes a new text for every request, to find its pool by.
  const factory = (origin: string | URL, settings: object) => new Pool(origin, { ...settings, allowH2: false });
  if (options.privateNetworks === "deny") {
    // The lookup is `net.connect`'s, which undici hands its connect options to, though its types do not say so.
    const guarded = { ...connect, lookup: guardedLookup(lookup ?? (dnsLookup as LookupFunction)) };
    return new Agent({ ...pool, factory, connect: guardedConnector(buildConnector(guarded)) });
  }
  if (outbound.proxy === undefined) return new Agent({ ...pool, factory, connect });
  return new EnvHttpProxyAgent({
    ...pool,
    allowH2: false,
    connect,
    requestTls: connect,
    proxyTls: outbound.ca === undefined ? {} : { ca: [...getCACertificates("default"), outbound.ca] },
    httpProxy: outbound.proxy,
    httpsProxy: outbound.proxy,
    // Given even when empty: otherwise undici would read the environment.
    noProxy: outbound.noProxy?.join(",") ?? "",
  });
}
