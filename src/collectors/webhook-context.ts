/** The context of a posted document. Headers and query are made only when a mapping or normalizer asks. */
import type { InputContext } from "../component/define-normalizer.ts";
import type { HttpRequest } from "../component/http-mount.ts";
import { traceIdOf } from "../core/event/traceparent.ts";

const MASK = "***";

export class WebhookContext implements InputContext {
  readonly collector: string;
  readonly receivedMs: number;
  readonly method: string;
  readonly clientCertificate?: string;
  readonly traceparent?: string;
  readonly inputId?: string;
  readonly #request: HttpRequest;
  readonly #secretHeaders: ReadonlySet<string>;
  readonly #parent: WebhookContext | undefined;
  #headers: Record<string, string> | undefined;
  #query: Record<string, string> | undefined;

  constructor(from: {
    readonly collector: string;
    readonly receivedMs: number;
    readonly request: HttpRequest;
    readonly secretHeaders: ReadonlySet<string>;
    readonly inputId: string | undefined;
    /** The context of the whole request, when this is of one document of several. */
    readonly parent?: WebhookContext;
  }) {
    this.collector = from.collector;
    this.receivedMs = from.receivedMs;
    this.method = from.request.method;
    this.#request = from.request;
    this.#secretHeaders = from.secretHeaders;
    this.#parent = from.parent;
    if (from.inputId !== undefined) this.inputId = from.inputId;
    const { clientCertificate } = from.request;
    if (clientCertificate !== null) this.clientCertificate = clientCertificate;
    const traceparent = from.request.headers["traceparent"];
    if (typeof traceparent === "string" && traceIdOf(traceparent) !== null) this.traceparent = traceparent;
  }

  /** The same request, of one of its documents. */
  of(inputId: string): WebhookContext {
    const { collector, receivedMs } = this;
    return new WebhookContext({
      collector,
      receivedMs,
      request: this.#request,
      secretHeaders: this.#secretHeaders,
      inputId,
      parent: this,
    });
  }

  get remoteAddress(): string {
    return this.#request.remoteAddress;
  }

  get headers(): Readonly<Record<string, string>> {
    if (this.#parent) return this.#parent.headers;
    return (this.#headers ??= this.#plainHeaders());
  }

  get query(): Readonly<Record<string, string>> {
    if (this.#parent) return this.#parent.query;
    return (this.#query ??= this.#plainQuery());
  }

  #plainHeaders(): Record<string, string> {
    const plain: [string, string][] = [];
    for (const [name, value] of Object.entries(this.#request.headers)) {
      if (value === undefined) continue;
      const text = Array.isArray(value) ? value.join(", ") : value;
      plain.push([name, this.#secretHeaders.has(name) ? MASK : text]);
    }
    return Object.fromEntries(plain); // makes __proto__ an own key
  }

  #plainQuery(): Record<string, string> {
    return Object.fromEntries([...this.#request.query].map(([key, value]) => [key, key === "token" ? MASK : value]));
  }
}
