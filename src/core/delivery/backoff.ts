/** How long to wait before the next attempt. */
import type { Backoff } from "./delivery.ts";

/**
 * Milliseconds after the `attempt`-th attempt (from 1) failed. Jitter spreads the delay evenly over ± its share.
 * `random` gives numbers from 0 to below 1.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const delayMs = plainDelayMs(backoff, Math.max(1, attempt));
  if (backoff.jitter === 0) return delayMs;
  return Math.max(0, Math.round(delayMs * (1 + backoff.jitter * (2 * random() - 1))));
}

/** What the target asked for wins. */
export const nextDelayMs = (
  backoff: Backoff,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number => retryAfterOf(retryAfterMs) ?? backoffMs(backoff, attempt, random);

/** A Retry-After of nothing is no wish, and no target can silence its deliveries for longer than this at once. */
export const retryAfterOf = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;

const MAX_RETRY_AFTER_MS = 3_600_000;

function plainDelayMs(backoff: Backoff, attempt: number): number {
  switch (backoff.type) {
    case "fixed":
      return backoff.delayMs;
    case "list":
      return backoff.delaysMs[Math.min(attempt, backoff.delaysMs.length) - 1] ?? 0;
    case "exponential":
      // A power beyond every double is Infinity, which the bound takes care of.
      return Math.min(backoff.maxMs, backoff.initialMs * backoff.multiplier ** (attempt - 1));
  }
}
