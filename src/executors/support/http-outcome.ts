/**
 * The one table from what an HTTP request came to, to an outcome (actions.md, Outcomes).
 *
 * | what came | outcome |
 * |---|---|
 * | 2xx, or a status the executor calls a success | delivered |
 * | 401, 407; refused connection, unknown host, TLS failure, proxy failure | unavailable |
 * | 408, 425, 429, 5xx; timeout, reset, unfinished answer | retry, with Retry-After |
 * | everything else: 3xx (redirects are not followed), 400, 403, 404 … | reject |
 */
import type { Clock } from "../../component/clock.ts";
import { delivered, reject, retry, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import type { Redact } from "./redact.ts";

// An `import` of node:http reads all that it exports, and so loads its WebSocket: a twentieth of a start.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

const MAX_RESPONSE = 1024;
const MAX_IN_REASON = 200;

export interface OutcomeContext {
  readonly clock: Clock;
  readonly redact: Redact;
}

export function outcomeOfStatus(
  answer: HttpAnswer,
  { clock, redact }: OutcomeContext,
  isSuccess: (status: number) => boolean = (status) => status >= 200 && status <= 299,
): Outcome {
  const { status } = answer;
  if (isSuccess(status)) return delivered();
  const response = responseText(answer.text, redact);
  const reason = redact(`${answer.target} answered ${statusText(status)}`);
  const retryAfterMs = retryAfter(answer.headers["retry-after"], clock);
  if (status === 401 || status === 407) return unavailable(withAnswer(reason, response), retryAfterMs);
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return retry(reason, { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), response });
  if (status >= 300 && status <= 399)
    return reject(`${reason}, a redirect, which is not followed${location(answer, redact)}`, response);
  return reject(reason, response);
}

/** `delta-seconds` or an HTTP date (RFC 9110, 10.2.3) → milliseconds from now; undefined when absent or unreadable. */
export function retryAfter(value: string | string[] | undefined, clock: Clock): number | undefined {
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // An HTTP date names a weekday first; Date.parse alone would also take "-1" or "2".
  const atMs = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.nowMs());
}

/** A target's answer as it may be kept: masked, then cut to 1 KB. */
export function responseText(text: string, redact: Redact): string {
  const masked = redact(text).toWellFormed();
  if (Buffer.byteLength(masked) <= MAX_RESPONSE) return masked;
  return `${Buffer.from(masked)
    .subarray(0, MAX_RESPONSE - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")}…`;
}

export const statusText = (status: number): string => `${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();

export const withAnswer = (reason: string, response: string): string => {
  const line = response.replace(/\s+/g, " ").trim();
  return line === "" ? reason : `${reason}: ${line.length > MAX_IN_REASON ? `${line.slice(0, MAX_IN_REASON)}…` : line}`;
};

function location(answer: HttpAnswer, redact: Redact): string {
  const value = answer.headers["location"];
  return typeof value === "string" ? ` (to ${redact(value).slice(0, MAX_IN_REASON)})` : "";
}

/** Errors of the connection: nothing was sent, and nothing will be until someone repairs the way there. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "ENODATA",
  "ESERVFAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EPERM",
  "EACCES",
  "EPROTO",
  "UND_ERR_PRX_CONN",
  "UND_ERR_PRX_TLS",
  // What OpenSSL calls a certificate it does not trust; the others start with CERT_, ERR_TLS_ or ERR_SSL_.
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
]);

/** An error that undici threw → outcome. `target` is the origin asked. */
export function outcomeOfError(error: unknown, target: string, redact: Redact): Outcome {
  const { code, message } = describe(error);
  const reason = redact(`${target} cannot be asked: ${message}`);
  if (code === "ERR_PRIVATE_ADDRESS") return reject(reason);
  if (/^Proxy (response|Authentication)/.test(message)) return unavailable(reason);
  if (UNAVAILABLE.has(code) || /^(CERT_|ERR_TLS_|ERR_SSL_)/.test(code)) return unavailable(reason);
  // undici checks the request before anything is sent; a header that no HTTP message can carry will never be sent.
  if (code === "UND_ERR_INVALID_ARG" || code === "ERR_INVALID_URL" || code === "ERR_INVALID_CHAR")
    return reject(redact(`the request cannot be sent: ${message}`));
  return retry(reason);
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // Node gives an AggregateError without a message when every address of a name failed.
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0].message : "";
  const message = (error.message || first || code || error.name).replace(/\s+/g, " ").trim();
  return { code, message: message.length > MAX_RESPONSE ? `${message.slice(0, MAX_RESPONSE)}…` : message };
}
