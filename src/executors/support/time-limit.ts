import type { Clock } from "../../component/clock.ts";

export interface TimeLimit<T> {
  begin(item: T): void;
  end(item: T): void;
}

/**
 * One limit for many: what begins first is over first, so that one timer is enough, that of the oldest.
 * `over` is called for each that did not end within `limitMs`.
 */
export function createTimeLimit<T>(limitMs: number, clock: Clock, over: (item: T) => void): TimeLimit<T> {
  /** Item → when it is over, monotonic; in that order. */
  const ends = new Map<T, number>();
  let cancel: (() => void) | null = null;

  function watch(): void {
    for (const endMs of ends.values()) {
      cancel = clock.after(endMs - clock.monotonicMs(), expire);
      return;
    }
  }

  function expire(): void {
    const nowMs = clock.monotonicMs();
    for (const [item, endMs] of ends) {
      if (endMs > nowMs) break;
      ends.delete(item);
      over(item);
    }
    cancel?.(); // one that began meanwhile may have set it
    cancel = null;
    watch();
  }

  return {
    begin(item) {
      ends.set(item, clock.monotonicMs() + limitMs);
      if (cancel === null) watch();
    },
    end(item) {
      if (!ends.delete(item) || ends.size > 0) return;
      cancel?.();
      cancel = null;
    },
  };
}
