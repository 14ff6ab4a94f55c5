/** Result of one attempt at a delivery (actions.md, Outcomes). */
export type Outcome =
  | Delivered
  | { readonly kind: "superseded"; readonly reason: string }
  | Retry
  | { readonly kind: "unavailable"; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: "reject"; readonly reason: string; readonly response?: string };

export interface Delivered {
  readonly kind: "delivered";
  /** Worth a word in the log, such as "ignored by the target". */
  readonly note?: string;
}

export interface Retry {
  readonly kind: "retry";
  readonly reason: string;
  /** What the target asked for (Retry-After). */
  readonly retryAfterMs?: number;
  /** The target's answer, redacted and cut. */
  readonly response?: string;
  /** Give up when attempts have ended with this `code` for `forMs` without a different outcome in between. */
  readonly giveUp?: { readonly code: string; readonly forMs: number };
}

export const delivered = (note?: string): Outcome =>
  note === undefined ? { kind: "delivered" } : { kind: "delivered", note };
export const superseded = (reason: string): Outcome => ({ kind: "superseded", reason });
export const retry = (reason: string, more?: Omit<Retry, "kind" | "reason">): Outcome => ({
  kind: "retry",
  reason,
  ...more,
});
export const unavailable = (reason: string, retryAfterMs?: number): Outcome =>
  retryAfterMs === undefined ? { kind: "unavailable", reason } : { kind: "unavailable", reason, retryAfterMs };
export const reject = (reason: string, response?: string): Outcome =>
  response === undefined ? { kind: "reject", reason } : { kind: "reject", reason, response };
