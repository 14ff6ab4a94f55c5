/**
 * One request on an undici dispatcher, by its handler interface: the promise and the stream that `dispatcher.request`
 * makes for every answer take as long as all else of a request.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { HttpAnswer, HttpCall } from "./http-exchange.ts";

/** What came of it: an answer, undici's error, or that it was ended from here. */
export type Exchange =
  | { readonly kind: "answer"; readonly answer: HttpAnswer }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "timeout" }
  | { readonly kind: "stopped" };

export class HttpRequest implements Dispatcher.DispatchHandler {
  readonly #origin: string;
  readonly #maxBytes: number;
  readonly #settle: (exchange: Exchange) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #settled = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] | null = null;
  #bytes = 0;

  /** `settle` is called once. Of an answer no more than `maxBytes` are read. */
  constructor(call: HttpCall, maxBytes: number, settle: (exchange: Exchange) => void) {
    this.#origin = call.origin;
    this.#maxBytes = maxBytes;
    this.#settle = settle;
  }

  /** Its connection is given up; one that still waits for a connection is never sent. */
  end(kind: "timeout" | "stopped"): void {
    this.#finish({ kind });
    this.#giveUp();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) this.#giveUp();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status; // of an interim answer, such as 103, the final one follows
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    (this.#chunks ??= []).push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#maxBytes) return;
    this.#answer(true);
    this.#giveUp();
  }

  onResponseEnd(): void {
    this.#answer(false);
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: unknown): void {
    this.#finish({ kind: "error", error });
  }

  #answer(truncated: boolean): void {
    const bytes =
      this.#chunks === null ? null : this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const text = bytes === null ? "" : bytes.toString("utf8", 0, Math.min(bytes.length, this.#maxBytes));
    const answer = { target: this.#origin, status: this.#status, headers: this.#headers, text, truncated };
    this.#finish({ kind: "answer", answer });
  }

  #finish(exchange: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(exchange);
  }

  #giveUp(): void {
    this.#controller?.abort(new Error("the rest of the answer is not wanted"));
  }
}
