/**
 * How long a sender may keep a connection waiting in the middle of something. Only the time in which we wait for the
 * sender counts, so a sender that we hold back ourselves is never blamed.
 */
import type { Clock } from "../../component/clock.ts";

export interface Patience {
  /** Something begins or is complete: the whole time is there again. */
  renew(): void;
  /** A wait for the sender, which costs nothing unless it is `midway`; what is returned ends it. */
  waiting(midway: boolean): () => void;
}

export function createPatience(limitMs: number, clock: Clock, onExhausted: () => void): Patience {
  let leftMs = limitMs;
  return {
    renew: () => void (leftMs = limitMs),
    waiting(midway) {
      if (!midway) {
        leftMs = limitMs;
        return () => undefined;
      }
      const beganMs = clock.monotonicMs();
      const cancel = clock.after(Math.max(0, leftMs), onExhausted);
      return () => {
        cancel();
        leftMs -= clock.monotonicMs() - beganMs;
      };
    },
  };
}
