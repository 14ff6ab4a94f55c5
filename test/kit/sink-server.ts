/** A target that records what reaches it; it can be told to refuse, and be closed and opened again at one port. */
import { createServer, type Server } from "node:http";

export interface SinkServer {
  readonly url: string;
  /** Body texts by the Idempotency-Key of their request, in order of arrival. */
  readonly received: readonly {
    readonly key: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }[];
  /** Status of the next answers. */
  answer(status: number): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function sinkServer(): Promise<SinkServer> {
  const received: { key: string; body: string; headers: Readonly<Record<string, unknown>> }[] = [];
  let status = 200;
  let port = 0;
  let server: Server;
  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const key = String(request.headers["idempotency-key"] ?? "");
          if (status < 300) received.push({ key, body: Buffer.concat(chunks).toString(), headers: request.headers });
          response.writeHead(status).end();
        });
      });
      server.keepAliveTimeout = 60_000;
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        port = (server.address() as { port: number }).port;
        resolve();
      });
    });
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: (next) => void (status = next),
    open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
