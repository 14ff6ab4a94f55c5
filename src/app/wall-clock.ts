import type { Clock } from "../component/clock.ts";

/** The longest delay a timer of Node takes; longer ones are waited for in pieces. */
const MAX_TIMER_MS = 2_147_483_647;

export const wallClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    if (delayMs <= MAX_TIMER_MS) {
      const only = setTimeout(run, Math.max(0, delayMs)).unref();
      return () => clearTimeout(only);
    }
    let cancel: () => void;
    const wait = (leftMs: number): void => {
      const piece = Math.min(leftMs, MAX_TIMER_MS);
      cancel = wallClock.after(piece, () => (leftMs > piece ? wait(leftMs - piece) : run()));
    };
    wait(delayMs);
    return () => cancel();
  },
};
