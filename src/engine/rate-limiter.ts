/** A token bucket: `burst` requests at once, then `perSecond`. */
export interface RateLimiter {
  /** Milliseconds until a request may go; 0: now. */
  waitMs(): number;
  /** Uses up one request. Call it when `waitMs` said 0. */
  take(): void;
}

export function createRateLimiter(
  rate: { readonly perSecond: number; readonly burst: number } | null,
  monotonicMs: () => number,
): RateLimiter {
  if (rate === null) return { waitMs: () => 0, take: () => undefined };
  const perMs = rate.perSecond / 1000;
  const capacity = Math.max(1, rate.burst);
  let tokens = capacity;
  let atMs = monotonicMs();
  return {
    waitMs() {
      const nowMs = monotonicMs();
      tokens = Math.min(capacity, tokens + (nowMs - atMs) * perMs);
      atMs = nowMs;
      // A token that is whole but for rounding is whole.
      return tokens >= 1 - 1e-9 ? 0 : Math.ceil((1 - tokens) / perMs - 1e-6);
    },
    take: () => void (tokens -= 1),
  };
}
