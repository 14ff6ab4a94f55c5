/** The context of one document of a request: in mappings its index is `${^topic}`, its id `${^key}`. */
import type { InputContext } from "../../component/define-normalizer.ts";

/** Headers and query stay with the request, which makes them only when they are asked for. */
export class ItemContext implements InputContext {
  readonly collector: string;
  readonly receivedMs: number;
  readonly topic: string;
  readonly key?: string;
  readonly inputId?: string;
  readonly method?: string;
  readonly clientCertificate?: string;
  readonly traceparent?: string;
  readonly #request: InputContext;

  constructor(request: InputContext, index: string, id: string | undefined, inputId: string | undefined) {
    this.collector = request.collector;
    this.receivedMs = request.receivedMs;
    this.topic = index;
    if (id !== undefined) this.key = id;
    if (inputId !== undefined) this.inputId = inputId;
    if (request.method !== undefined) this.method = request.method;
    if (request.clientCertificate !== undefined) this.clientCertificate = request.clientCertificate;
    if (request.traceparent !== undefined) this.traceparent = request.traceparent;
    this.#request = request;
  }

  get remoteAddress(): string {
    return this.#request.remoteAddress ?? "";
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#request.headers ?? {};
  }

  get query(): Readonly<Record<string, string>> {
    return this.#request.query ?? {};
  }
}
