/** A plain HTTP client for tests of listeners: one connection a request, answers as they come. */
import { request, type IncomingHttpHeaders } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpMessage {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface HttpSending {
  /** Rejects when the connection ends without an answer. */
  readonly answer: Promise<HttpAnswer>;
  readonly write: (chunk: string | Uint8Array) => void;
  readonly end: () => void;
  readonly vanish: () => void;
}

/** Sends the head and `body`, and leaves the body open. */
export function startHttp(port: number, path: string, message: HttpMessage = {}): HttpSending {
  const { method = "POST", headers = {}, body } = message;
  const outgoing = request({ host: "127.0.0.1", port, path, method, headers, agent: false });
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
  });
  answer.catch(() => undefined); // who does not look at it does not care
  if (body === undefined) outgoing.flushHeaders();
  else outgoing.write(body);
  return {
    answer,
    write: (chunk) => void outgoing.write(chunk),
    end: () => void outgoing.end(),
    vanish: () => void outgoing.destroy(new Error("vanished")),
  };
}

/** With `body` (and its length) in one piece. */
export function sendHttp(port: number, path: string, message: HttpMessage = {}): Promise<HttpAnswer> {
  const length = message.body === undefined ? 0 : Buffer.byteLength(message.body);
  const headers = { "content-length": String(length), ...message.headers };
  const sending = startHttp(port, path, { ...message, headers });
  sending.end();
  return sending.answer;
}
