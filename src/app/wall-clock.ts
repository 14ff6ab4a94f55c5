import type { Clock } from "../component/clock.ts";

/** The longest delay a timer of Node takes; longer ones are waited for in pieces. */
const MAX_TIMER_MS = 2_147_483_647;

export const wallClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const piece = Math.min(leftMs, MAX_TIMER_MS);
      timer = setTimeout(() => (leftMs > piece ? wait(leftMs - piece) : run()), piece);
      timer.unref();
    };
    wait(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
