/** Refusals of the ingest listener and its collectors: problem documents (RFC 9457). */
import { ERROR_CODES, type AppError, type ErrorCode } from "../../component/app-error.ts";
import type { HttpReply } from "../../component/http-mount.ts";

/** When a sender may try again if nobody knows better. Seconds, as `Retry-After` wants them. */
const RETRY_AFTER_S = 1;

export function problemReply(
  code: ErrorCode,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const { status, meaning } = ERROR_CODES[code];
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(status === 503 ? { "retry-after": String(RETRY_AFTER_S) } : {}),
      ...headers,
    },
    body: JSON.stringify({ type: `urn:squall:problem:${code}`, title: meaning, status, detail, code }),
  };
}

export function problemOfError(error: AppError): HttpReply {
  const seconds = error.retryAfterMs === undefined ? RETRY_AFTER_S : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  const retryable = ERROR_CODES[error.code].status === 503;
  return problemReply(error.code, error.message, retryable ? { "retry-after": String(seconds) } : {});
}
