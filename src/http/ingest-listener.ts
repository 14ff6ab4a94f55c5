/**
 * The ingest listener: what collectors mount, and `/health/*`. Bodies are untouched: a handler gets the raw stream, so
 * that credentials are checked, sizes bounded and bytes in flight counted before anything is read. There is
 * nothing between Node's server (ingest-server.ts) and the handler that could cost or refuse anything.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { problemReply } from "../collectors/support/problem-reply.ts";
import { AppError } from "../component/app-error.ts";
import type { HttpHandler, HttpMount, HttpReply, HttpRequest } from "../component/http-mount.ts";
import type { Logger } from "../component/logger.ts";
import { createMountTable } from "./ingest-mount-table.ts";
import { IngestRequest } from "./ingest-request.ts";
import { createIngestServer, type IngestServerSettings } from "./ingest-server.ts";

export interface IngestListenerSettings extends IngestServerSettings {
  /** For messages; absent: the ingest listener. */
  readonly name?: string | undefined;
}

export interface IngestListener {
  readonly mount: HttpMount;
  /** AppError `port_taken`, or `configuration` when the address cannot be listened on at all. */
  listen(): Promise<{ readonly address: string; readonly port: number }>;
  /** Takes no new connections, answers new requests 503, resolves when those in hand are answered. */
  close(): Promise<void>;
}

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

  const server = createIngestServer(settings, serve, refuseMalformed);

  return {
    mount: { mount: table.mount },
    async listen() {
      try {
        const { address, port } = await server.listen();
        return { address, port };
      } catch (cause) {
        throw listenError(cause, settings);
      }
    },
    async close() {
      closing = true;
      const closed = server.close();
      if (open > 0) await new Promise<void>((resolve) => (allAnswered = resolve));
      server.closeAllConnections();
      await closed;
    },
  };
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
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
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
