/** Operational errors: one table of codes with what they mean, their HTTP status and the exit code of `serve`. */
export const ERROR_CODES = {
  bad_request: { status: 400, exit: 2, meaning: "the request cannot be understood" },
  bad_input: { status: 400, exit: 1, meaning: "the body holds no document that the collector can read" },
  unauthorized: { status: 401, exit: 3, meaning: "credentials are missing or wrong" },
  forbidden: { status: 403, exit: 3, meaning: "the credentials do not allow this, or Host or Origin is not allowed" },
  not_found: { status: 404, exit: 1, meaning: "there is no such thing" },
  method_not_allowed: { status: 405, exit: 2, meaning: "the resource exists but not with this method" },
  conflict: { status: 409, exit: 1, meaning: "the thing is not in a state that allows this" },
  too_large: { status: 413, exit: 1, meaning: "the body, or what it inflates to, is over the limit" },
  unsupported_type: { status: 415, exit: 1, meaning: "the content type or encoding is not supported" },
  overloaded: { status: 503, exit: 3, meaning: "too many bytes are in flight; try again" },
  shutting_down: { status: 503, exit: 3, meaning: "the process is stopping; try again" },
  commit_timeout: {
    status: 503,
    exit: 3,
    meaning: "the store did not confirm the commit in time; it may still succeed",
  },
  store_full: {
    status: 503,
    exit: 3,
    meaning: "the store is at max_size, or the executor at its share, and nothing can be reclaimed",
  },
  disk_full: { status: 503, exit: 3, meaning: "the disk under the store has too little free space" },
  store_failed: {
    status: 503,
    exit: 3,
    meaning: "the store failed; the process ends so that its supervisor starts it anew",
  },
  store_locked: { status: 503, exit: 3, meaning: "another process holds the store" },
  unreachable: { status: 502, exit: 3, meaning: "the service asked does not answer" },
  port_taken: { status: 500, exit: 3, meaning: "a listener's address is in use" },
  configuration: { status: 400, exit: 3, meaning: "the configuration has errors" },
  internal: { status: 500, exit: 3, meaning: "a bug; the log has the details" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class AppError extends Error {
  readonly code: ErrorCode;
  /** When the caller may try again. */
  readonly retryAfterMs: number | undefined;
  constructor(code: ErrorCode, message: string, more: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "AppError";
    this.code = code;
    this.retryAfterMs = more.retryAfterMs;
  }
}
