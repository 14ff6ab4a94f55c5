/** Node's request as collectors see it. What costs and is rarely asked for is made when asked for. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import type { HttpRequest } from "../component/http-mount.ts";

export class IngestRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly #raw: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #queryAt: number;
  readonly #url: string;
  #query: URLSearchParams | undefined;
  #signal: AbortSignal | undefined;
  #bodyAsked = false;

  constructor(raw: IncomingMessage, response: ServerResponse) {
    this.#raw = raw;
    this.#response = response;
    this.#url = originForm(raw.url ?? "/");
    this.#queryAt = this.#url.indexOf("?");
    this.path = this.#queryAt < 0 ? this.#url : this.#url.slice(0, this.#queryAt);
    this.method = raw.method ?? "GET";
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#queryAt < 0 ? "" : this.#url.slice(this.#queryAt + 1)));
  }

  get headers(): HttpRequest["headers"] {
    return this.#raw.headers;
  }

  get remoteAddress(): string {
    return this.#raw.socket.remoteAddress ?? "";
  }

  get clientCertificate(): string | null {
    const { socket } = this.#raw;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
    const name: unknown = socket.getPeerCertificate().subject?.CN;
    return typeof name === "string" ? name : null;
  }

  /** A client that waits for `100 Continue` gets it with the first look at the body, thus after the credentials. */
  get body(): Readable {
    if (!this.#bodyAsked) {
      this.#bodyAsked = true;
      if (this.waitsToContinue) this.#response.writeContinue();
    }
    return this.#raw;
  }

  get waitsToContinue(): boolean {
    return this.#raw.headers.expect?.toLowerCase() === "100-continue";
  }

  /** The client was told to wait and was never told to go on: the connection cannot be used again. */
  get leftWaiting(): boolean {
    return !this.#bodyAsked && this.waitsToContinue;
  }

  get signal(): AbortSignal {
    if (this.#signal) return this.#signal;
    const controller = new AbortController();
    this.#signal = controller.signal;
    const response = this.#response;
    if (response.destroyed) controller.abort();
    else response.once("close", () => response.writableFinished || controller.abort());
    return this.#signal;
  }
}

/** `http://host/path?query`, as a proxy sends it → `/path?query`. */
function originForm(url: string): string {
  if (url.startsWith("/")) return url;
  const rest = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)?.[1];
  if (rest === undefined) return url;
  return rest.startsWith("/") ? rest : `/${rest}`;
}
