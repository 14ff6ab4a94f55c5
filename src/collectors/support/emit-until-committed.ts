/**
 * Tries an emission until it is committed. What was taken from a stream is kept and tried again here, with the ids it
 * got, because its sender either cannot repeat it (no acknowledgements) or would repeat much more than it (a Beat that
 * loses its connection sends all that is outstanding, at once, in another order, and without ever waiting longer).
 */
import { AppError } from "../../component/app-error.ts";
import type { CollectorDeps, Emission } from "../../component/define-collector.ts";
import { waitMs } from "./wait-ms.ts";

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5000;

/** False: given up, because `signal` was aborted; nothing is known to be committed. */
export async function emitUntilCommitted(
  emission: Emission,
  deps: Pick<CollectorDeps, "emit" | "clock" | "logger" | "countRejected">,
  signal: AbortSignal,
): Promise<boolean> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
    try {
      await deps.emit(emission);
      return true;
    } catch (error) {
      deps.countRejected(error instanceof AppError && error.code === "overloaded" ? "overloaded" : "unavailable");
      if (error instanceof AppError)
        deps.logger.warn({ code: error.code }, "events could not be committed; trying again");
      else
        deps.logger.error({ err: error }, "events could not be committed for a reason nobody expected; trying again");
      const wishMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
      await waitMs(deps.clock, Math.min(MAX_DELAY_MS, Math.max(delayMs, wishMs)), signal);
      if (signal.aborted) return false;
    }
  }
}
