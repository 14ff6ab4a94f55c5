import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A request as the sink got it; `body` is inflated. */
export interface SinkRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** `hang`: no answer ever; `reset`: the connection is cut instead of an answer. */
export type SinkAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "hang"
  | "reset";

export interface HttpSink {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** All requests, in the order in which they were complete. */
  readonly requests: readonly SinkRequest[];
  /** TCP connections accepted so far. */
  readonly connections: number;
  /** How the next requests are answered; the default is 200 without a body. */
  respond(answer: SinkAnswer | ((request: SinkRequest) => SinkAnswer | Promise<SinkAnswer>)): void;
  /** Resolves when `count` requests have come in all. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A target that records what it is sent, on 127.0.0.1 and a free port. With `tls` (PEM texts) it speaks https. */
export async function httpSink(options: { tls?: { key: string; cert: string } } = {}): Promise<HttpSink> {
  const requests: SinkRequest[] = [];
  const waiting = new Set<() => void>();
  let connections = 0;
  let respond: (request: SinkRequest) => SinkAnswer | Promise<SinkAnswer> = () => ({ status: 200 });

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    const { method = "", url = "", headers } = incoming;
    const request = { method, path: url, headers, body: body.toString("utf8") };
    requests.push(request);
    for (const wake of waiting) wake();
    const answer = await respond(request);
    if (answer === "reset") incoming.socket.resetAndDestroy();
    else if (answer !== "hang") response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  // A client that goes away while it sends is what some tests do; it is no error of the sink.
  const listener = (incoming: IncomingMessage, response: ServerResponse): void =>
    void handle(incoming, response).catch(() => response.destroy());
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.keepAliveTimeout = 60_000; // connections that a client keeps are counted, also on a slow machine
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on an address, not on a pipe.
  const { port } = server.address() as AddressInfo;

  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    respond(answer) {
      respond = typeof answer === "function" ? answer : () => answer;
    },
    received: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (requests.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
