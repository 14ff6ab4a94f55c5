import type { Clock } from "../clock.ts";

export interface TimeLimits<T> {
  begin(item: T, limitMs: number): void;
  /** False: it is over, or never began. */
  end(item: T): boolean;
}

/**
 * Time limits of many, such as of all requests under way, with one timer: it goes off when the first of them may be over.
 * `over` is called for each that did not end within its limit.
 */
export function createTimeLimits<T>(clock: Clock, over: (item: T) => void): TimeLimits<T> {
  /** Item → when it is over, monotonic. */
  const ends = new Map<T, number>();
  let timer: { readonly endMs: number; readonly cancel: () => void } | null = null;

  function watch(endMs: number, nowMs: number): void {
    if (timer !== null && timer.endMs <= endMs) return;
    timer?.cancel();
    timer = { endMs, cancel: clock.after(endMs - nowMs, expire) };
  }

  function expire(): void {
    timer = null;
    const nowMs = clock.monotonicMs();
    for (const [item, endMs] of ends) {
      if (endMs > nowMs) {
        watch(endMs, nowMs);
      } else {
        ends.delete(item);
        over(item);
      }
    }
  }

  return {
    begin(item, limitMs) {
      const nowMs = clock.monotonicMs();
      ends.set(item, nowMs + limitMs);
      watch(nowMs + limitMs, nowMs);
    },
    end(item) {
      const inTime = ends.delete(item);
      if (ends.size === 0) {
        timer?.cancel();
        timer = null;
      }
      return inTime;
    },
  };
}
