/**
 * Deliveries of executors that the configuration no longer has: they wait, named in `/health`, until the executor is back
 * or they are too old. Looked through from the oldest on, a bounded number at a time.
 */
import type { Clock } from "../component/clock.ts";
import { DEFAULT_DISPATCH } from "../component/executor-plan.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Store } from "../component/store.ts";
import type { DeliveryMetrics } from "./delivery-metrics.ts";
import { expiryMs, tooOld } from "./settle.ts";

export interface MissingExecutorsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly health: HealthBoard;
  readonly metrics: DeliveryMetrics;
}

export interface MissingExecutors {
  /** `onBack` is told of those that came into the configuration while they were looked through. */
  sweep(isConfigured: (executor: string) => boolean, onBack: (executor: string) => void): Promise<void>;
}

const CODE = "executor_missing";
const TAKE = 200;
/** Leased and still young, at most; then the sweep ends until the next time. */
const MAX_YOUNG = 2000;

export function createMissingExecutors(deps: MissingExecutorsDeps): MissingExecutors {
  const { store, clock, health } = deps;
  let named = new Set<string>();

  async function expire(executor: string, isConfigured: () => boolean): Promise<void> {
    const { retry } = DEFAULT_DISPATCH;
    const young: number[] = [];
    try {
      for (let more = true; more && young.length < MAX_YOUNG && !isConfigured();) {
        const nowMs = clock.nowMs();
        const taken = await store.take(executor, TAKE, nowMs, TAKE);
        more = taken.more;
        const settled: Promise<void>[] = [];
        for (const delivery of taken.runs.flat()) {
          if (expiryMs(delivery, retry) > nowMs) {
            young.push(delivery.id);
            continue;
          }
          const settlement = tooOld(delivery, retry, nowMs);
          deps.metrics.settled(executor, delivery, settlement);
          settled.push(store.settle(settlement));
        }
        await Promise.all(settled);
        // In the order of their times: when none of these is old, only an action's own max_age can have made others so.
        if (settled.length === 0 && taken.runs.flat().every(({ settings }) => !settings?.retry)) break;
      }
    } finally {
      store.release(young);
    }
  }

  return {
    async sweep(isConfigured, onBack) {
      const missing = (await store.pendingExecutors()).filter((executor) => !isConfigured(executor));
      for (const executor of named)
        if (!missing.includes(executor) || isConfigured(executor)) health.clear(`executor:${executor}`, CODE);
      named = new Set(missing);
      for (const executor of missing)
        health.raise(
          `executor:${executor}`,
          CODE,
          `deliveries wait for the executor ${JSON.stringify(executor)}, which is not in the configuration`,
        );
      for (const executor of missing) {
        await expire(executor, () => isConfigured(executor));
        if (isConfigured(executor)) onBack(executor);
      }
    },
  };
}
