import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/logger.ts";

/** Beyond the deadline, for closing files and sockets after everything was told to end. */
const GRACE_MS = 1000;

export interface StopWithin {
  /** Of the deadline, counted from the beginning of `run`. */
  leftMs(): number;
  /** Resolves when `stop` has, at the latest a second after the deadline; called again, with the first call. */
  run(stop: () => Promise<void>): Promise<void>;
}

/** A graceful stop that cannot hang: what is not done by the deadline is left as it is, committed and kept. */
export function stopWithin(
  deadlineMs: number,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): StopWithin {
  let beganMs: number | null = null;
  let running: Promise<void> | null = null;
  const limited = async (stop: () => Promise<void>): Promise<void> => {
    const alive = setInterval(() => undefined, GRACE_MS); // timers of the clock do not keep the process alive
    let cancel: () => void = () => undefined;
    const late = new Promise<"late">((resolve) => {
      cancel = clock.after(deadlineMs + GRACE_MS, () => resolve("late"));
    });
    try {
      if ((await Promise.race([stop(), late])) === "late")
        logger.warn(
          { deadline_ms: deadlineMs },
          "not everything ended within shutdown.deadline; unsettled deliveries are kept",
        );
    } finally {
      cancel();
      clearInterval(alive);
    }
  };
  return {
    leftMs: () => Math.max(0, deadlineMs - (beganMs === null ? 0 : clock.monotonicMs() - beganMs)),
    run(stop) {
      beganMs ??= clock.monotonicMs();
      return (running ??= limited(stop));
    },
  };
}
