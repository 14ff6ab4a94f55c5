/**
 * What the store needs from time to time: its bounds kept (`maintain`), and its state told to metrics and `/health`.
 * One round at a time; the next begins when the one before has ended.
 */
import type { Clock } from "../component/clock.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Metrics } from "../component/metrics.ts";
import type { Store, StoreStats } from "../component/store.ts";

export interface HousekeepingDeps {
  readonly store: Pick<Store, "stats" | "maintain">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
}

export interface HousekeepingOptions {
  /** `store.dead_letters_size`, of which 80 % raises the alarm. */
  readonly deadLetterBytes: number;
  readonly statsEveryMs?: number;
  readonly maintainEveryMs?: number;
}

export interface Housekeeping {
  /** The first round is at once. */
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/** Below it the store refuses commits (architecture.md, Storage). */
const DISK_FULL_BYTES = 64 * 1024 * 1024;
const DEAD_LETTERS_ALARM = 0.8;

export function createHousekeeping(options: HousekeepingOptions, deps: HousekeepingDeps): Housekeeping {
  const { store, clock, logger } = deps;
  const statsEveryMs = options.statsEveryMs ?? 10_000;
  const maintainEveryMs = options.maintainEveryMs ?? 30_000;
  const publish = createPublisher(options, deps);
  let stopped = false;
  let cancel: () => void = () => undefined;
  let underWay: Promise<void> = Promise.resolve();
  let maintainAtMs = Number.NEGATIVE_INFINITY;

  async function round(): Promise<void> {
    try {
      if (clock.monotonicMs() >= maintainAtMs) {
        maintainAtMs = clock.monotonicMs() + maintainEveryMs;
        await store.maintain(clock.nowMs());
      }
      const stats = await store.stats();
      if (!stopped) publish(stats);
    } catch (error) {
      if (!stopped) logger.error({ err: error }, "looking after the store failed");
    }
    if (!stopped) cancel = clock.after(statsEveryMs, begin);
  }

  function begin(): void {
    underWay = round();
  }

  return {
    start: begin,
    async stop() {
      stopped = true;
      cancel();
      await underWay;
    },
  };
}

function createPublisher(options: HousekeepingOptions, deps: HousekeepingDeps): (stats: StoreStats) => void {
  const { metrics, health, clock } = deps;
  const outbox = metrics.gauge("squall_outbox_deliveries", "Deliveries in the store, by state.", ["executor", "state"]);
  const oldest = metrics.gauge("squall_outbox_oldest_seconds", "Age of the oldest unsettled delivery.", ["executor"]);
  const deadInputs = metrics.gauge("squall_dead_inputs", "Inputs kept because they could not be read.");
  const bytes = {
    sizeBytes: metrics.gauge("squall_store_bytes", "Size of the store."),
    walBytes: metrics.gauge("squall_store_wal_bytes", "Size of the write-ahead log."),
    historyBytes: metrics.gauge("squall_store_history_bytes", "Payloads of settled deliveries, kept for the console."),
    deadLetterBytes: metrics.gauge("squall_store_dead_letter_bytes", "Dead letters."),
    freeBytes: metrics.gauge("squall_disk_free_bytes", "Free space of the file system under the store."),
  };
  let known = new Set<string>();

  return (stats) => {
    const nowMs = clock.nowMs();
    for (const [executor, { pending, waiting, dead, oldestMs }] of Object.entries(stats.executors)) {
      outbox.set({ executor, state: "pending" }, pending);
      outbox.set({ executor, state: "waiting" }, waiting);
      outbox.set({ executor, state: "dead" }, dead);
      oldest.set({ executor }, oldestMs === null ? 0 : Math.max(0, nowMs - oldestMs) / 1000);
      known.delete(executor);
    }
    for (const executor of known) {
      for (const state of ["pending", "waiting", "dead"]) outbox.remove({ executor, state });
      oldest.remove({ executor });
    }
    known = new Set(Object.keys(stats.executors));
    deadInputs.set({}, stats.deadInputs);
    for (const key of Object.keys(bytes) as (keyof typeof bytes)[]) bytes[key].set({}, stats[key]); // its own keys
    tellHealth(stats);
  };

  function tellHealth({ freeBytes, deadLetterBytes }: StoreStats): void {
    if (freeBytes < DISK_FULL_BYTES)
      health.raise("store", "disk_full", `${freeBytes} bytes are free, ${DISK_FULL_BYTES} are needed`, "not_ready");
    else health.clear("store", "disk_full");
    if (deadLetterBytes >= options.deadLetterBytes * DEAD_LETTERS_ALARM)
      health.raise(
        "dead_letters",
        "nearly_full",
        `dead letters take ${deadLetterBytes} of ${options.deadLetterBytes} bytes; the oldest are dropped when it is full`,
      );
    else health.clear("dead_letters", "nearly_full");
  }
}
