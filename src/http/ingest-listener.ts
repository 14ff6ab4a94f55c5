/**
 * The ingest listener: what collectors mount, and `/health/*`. Bodies are untouched: a handler gets the raw stream, so
 * that credentials are checked, sizes bounded and bytes in flight counted before anything is read. fastify owns the
 * server (timeouts, TLS, closing); its `onRequest` hook takes each request over before routing, content types and
 * parsing could cost or refuse anything.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { problemReply } from "../collectors/support/problem-reply.ts";
import { AppError } from "../component/app-error.ts";
import type { HttpHandler, HttpMount, HttpReply, HttpRequest } from "../component/http-mount.ts";
import type { Logger } from "../component/logger.ts";
import { createMountTable } from "./ingest-mount-table.ts";
import { IngestRequest } from "./ingest-request.ts";
import { noSchemas } from "./no-schemas.ts";

export interface IngestListenerSettings {
  /** For messages; absent: the ingest listener. */
  readonly name?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly tls?: IngestTls | undefined;
  /** More connections than this are closed as they come. */
  readonly maxConnections: number;
}

/** PEM texts. */
export interface IngestTls {
  readonly cert: string;
  readonly key: string;
  /** Client certificates of this CA are verified; whether one is required is each collector's to say. */
  readonly clientCa?: string | undefined;
}

export interface IngestListener {
  readonly mount: HttpMount;
  /** AppError `port_taken`, or `configuration` when the address cannot be listened on at all. */
  listen(): Promise<{ readonly address: string; readonly port: number }>;
  /** Takes no new connections, answers new requests 503, resolves when those in hand are answered. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 90_000;
const TIMEOUT_CHECK_MS = 5000;

export function createIngestListener(
  settings: IngestListenerSettings,
  deps: { readonly logger: Logger },
): IngestListener {
  const table = createMountTable();
  /** Requests whose answer is not out yet. */
  let open = 0;
  let closing = false;
  let ready: Answer[] = [];
  let allAnswered: (() => void) | undefined;
  const answered = (): void => {
    if (--open === 0) allAnswered?.();
  };

  function serve(raw: IncomingMessage, response: ServerResponse): void {
    open++;
    response.once("close", answered);
    const request = new IngestRequest(raw, response);
    const answer = (reply: HttpReply): void => {
      if (ready.push({ reply, request, response }) === 1) setImmediate(sendReady);
    };
    if (closing) return answer(problemReply("shutting_down", "the process is stopping"));
    const handler = table.find(request.path);
    if (!handler) return answer(problemReply("not_found", `there is no ${cut(request.path)}`));
    answerOf(handler, request).then(answer, (error: unknown) => answer(unexpected(error, request)));
  }

  /** Those of one turn of the event loop leave together: then the senders are woken once, not for each. */
  function sendReady(): void {
    const all = ready;
    ready = [];
    for (const { reply, request, response } of all) {
      try {
        send(reply, request, response, closing);
      } catch (error) {
        send(unexpected(error, request), request, response, closing);
      }
    }
  }

  function unexpected(error: unknown, { path }: HttpRequest): HttpReply {
    deps.logger.error({ err: error, path }, "a request failed for a reason nobody expected");
    return problemReply("internal", "the request failed; the log has the details");
  }

  const takeOver = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    serve(request.raw, reply.raw);
  };
  const server = createServer(settings, takeOver);
  server.addHook("onRequest", (request, reply) => takeOver(request, reply));
  server.all("/*", (_request, reply) => reply); // the hook has taken every request over
  server.server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.server.maxConnections = settings.maxConnections;
  // Past fastify altogether, whose own way to the hook costs a tenth of a request. A host of two addresses makes fastify
  // listen twice; requests of its second server take the hook.
  server.server.removeAllListeners("request").on("request", serve);
  server.server.on("checkContinue", (raw: IncomingMessage, response: ServerResponse) =>
    server.server.emit("request", raw, response),
  );

  return {
    mount: { mount: table.mount },
    async listen() {
      try {
        await server.listen({ host: settings.host, port: settings.port });
      } catch (cause) {
        throw listenError(cause, settings);
      }
      const { address, port } = server.server.address() as AddressInfo; // a host and port are never a pipe
      return { address, port };
    },
    async close() {
      closing = true;
      const closed = server.close();
      if (open > 0) await new Promise<void>((resolve) => (allAnswered = resolve));
      server.server.closeAllConnections();
      await closed;
    },
  };
}

function createServer(
  settings: IngestListenerSettings,
  takeOver: (request: FastifyRequest, reply: FastifyReply) => void,
): FastifyInstance {
  const http = { connectionsCheckingInterval: TIMEOUT_CHECK_MS };
  const options = {
    logger: false,
    schemaController: noSchemas,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => takeOver(request, reply),
  };
  if (!settings.tls) return fastify({ ...options, http });
  const { cert, key, clientCa } = settings.tls;
  const client = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  // The type tells http from https servers; nothing here needs to.
  return fastify({ ...options, https: { ...http, cert, key, ...client } }) as unknown as FastifyInstance;
}

interface Answer {
  readonly reply: HttpReply;
  readonly request: IngestRequest;
  readonly response: ServerResponse;
}

/** A handler that throws at once is as good as one that rejects. */
async function answerOf(handler: HttpHandler, request: HttpRequest): Promise<HttpReply> {
  return handler(request);
}

function send(reply: HttpReply, request: IngestRequest, response: ServerResponse, closing: boolean): void {
  if (response.destroyed || response.headersSent) return;
  if (reply.hangUp) return void response.destroy();
  const body = reply.body ?? "";
  const bytes = Buffer.byteLength(body);
  const headers: string[] = ["content-length", String(bytes)];
  const given = reply.headers;
  if (given) for (const name in given) headers.push(name, given[name]!);
  if (given?.["content-type"] === undefined) headers.push("content-type", "application/json");
  if (closing || request.leftWaiting) headers.push("connection", "close");
  response.writeHead(reply.status, headers);
  // One byte a character: then head and body leave as one string without being encoded.
  response.end(body, bytes === body.length ? "latin1" : "utf8");
}

/** What is no HTTP request, or took too long to become one. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket | TLSSocket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [status, title] =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? [408, "Request Timeout"]
      : error.code === "HPE_HEADER_OVERFLOW"
        ? [431, "Request Header Fields Too Large"]
        : [400, "Bad Request"];
  const body = JSON.stringify({
    type: "urn:squall:problem:bad_request",
    title: "the request cannot be understood",
    status,
    detail: title.toLowerCase(),
    code: "bad_request",
  });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function listenError(cause: unknown, { name = "ingest listener", host, port }: IngestListenerSettings): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE") return new AppError("port_taken", `${name}: ${host}:${port} is in use`, { cause });
  if (code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new AppError("configuration", `${name}: cannot listen on ${host}:${port}: ${code}`, { cause });
  return cause;
}

const cut = (path: string): string => (path.length > 200 ? `${path.slice(0, 200)}…` : path);
