import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/logger.ts";
import type { Store } from "../component/store.ts";

const LOOK_EVERY_MS = 50;

/** Resolves when nothing waits to be delivered, or after `limitMs`; what waits then stays in the store. */
export async function untilDelivered(
  store: Pick<Store, "stats">,
  limitMs: number,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  const endMs = clock.monotonicMs() + limitMs;
  for (;;) {
    const { executors } = await store.stats();
    const left = Object.values(executors).reduce((sum, { pending, waiting }) => sum + pending + waiting, 0);
    if (left === 0) return;
    if (clock.monotonicMs() >= endMs) {
      logger.warn(
        { deliveries: left },
        "not all was delivered within the shutdown deadline; the rest is sent after the next start",
      );
      return;
    }
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
}
