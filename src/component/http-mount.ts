/** How collectors (and `/health`) get requests from the ingest listener without knowing the HTTP library. */
import type { Readable } from "node:stream";

export interface HttpRequest {
  readonly method: string;
  /** Without the query string, percent-encoding kept. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly remoteAddress: string;
  /** Subject CN of the verified client certificate, or null. */
  readonly clientCertificate: string | null;
  /** The raw body as sent (still compressed). Nothing is read before the handler reads it. */
  readonly body: Readable;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is; `content-type` defaults to JSON. */
  readonly body?: string;
  /** The connection is ended instead of an answer. */
  readonly hangUp?: boolean;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;

export interface HttpMount {
  /** Every method of `path` (exact; one trailing `/*` makes it a prefix). The returned function takes it down again. */
  mount(path: string, handler: HttpHandler): () => void;
}

/** Where a collector that has host and port to itself listens. */
export interface HttpListenerSettings {
  /** For messages: whose listener it is. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly clientCaFile: string | null;
  } | null;
}

export interface HttpListener {
  readonly address: string;
  readonly port: number;
  /** Takes no new connections, resolves when the requests in hand are answered. */
  close(): Promise<void>;
}

/** Opens a listener whose every request goes to `handler`. AppError `port_taken` or `configuration` when it cannot. */
export type OpenHttp = (settings: HttpListenerSettings, handler: HttpHandler) => Promise<HttpListener>;
