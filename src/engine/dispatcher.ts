/**
 * Brings committed deliveries to their executors (actions.md, Outbox). Each executor has a queue of its own, so a dead
 * target delays no other; what is in flight is known only here, in memory: after a crash all that is unsettled is sent
 * again under the same keys.
 *
 * The fast path: before a commit, `reserve` keeps room for its deliveries; the store leases as many of them to the
 * caller; `accept` puts them in line without a `take`.
 */
import type { Clock } from "../component/clock.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Metrics } from "../component/metrics.ts";
import type { CommitResult, Settlement, Store } from "../component/store.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import type { RunningExecutor } from "./attempt.ts";
import { createDeliveryMetrics } from "./delivery-metrics.ts";
import { createExecutorQueue, type ExecutorQueue, type QueueDeps, type QueueStatus } from "./executor-queue.ts";
import { createMissingExecutors } from "./missing-executors.ts";

export type { RunningExecutor } from "./attempt.ts";

export interface DispatcherDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  readonly random: () => number;
  /** A settlement could not be recorded: the store is not to be relied on any more. */
  readonly onStoreFailure?: (error: unknown) => void;
}

/** Executor id → how many deliveries room is kept for. */
export type Reservation = Readonly<Record<string, number>>;

export interface ExecutorStatus extends QueueStatus {
  readonly id: string;
}

export interface Dispatcher {
  /**
   * The executors in service. Those with an unchanged plan keep their queue and breaker; changed ones go on with the same
   * queue. Resolves when no attempt with a replaced executor is under way any more: then it may be closed.
   */
  configure(executors: readonly RunningExecutor[]): Promise<void>;
  reserve(wanted: ReadonlyMap<string, number>): Reservation;
  /** Exactly once for each reservation; null: the commit failed. */
  accept(reservation: Reservation, result: CommitResult | null): void;
  /** Deliveries may have become ready in the store; without an id: of any executor. */
  wake(executor?: string): void;
  /** Before it nothing is taken or sent. */
  start(): void;
  /** No new attempts; those under way may end within `deadlineMs` milliseconds from now, the rest stays in the store. */
  stop(deadlineMs: number): Promise<void>;
  status(): readonly ExecutorStatus[];
}

const SWEEP_MS = 60_000;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { store, clock, logger, health } = deps;
  const metrics = createDeliveryMetrics(deps.metrics);
  const missing = createMissingExecutors({ store, clock, health, metrics });
  const queues = new Map<string, ExecutorQueue>();
  let configured = new Map<string, RunningExecutor>();
  let state: "new" | "running" | "stopped" = "new";
  let cancelSweep: () => void = () => undefined;

  const queueDeps: QueueDeps = {
    store,
    clock,
    logger,
    metrics,
    health,
    random: deps.random,
    onSettleFailure(error: unknown, { id, state: outcome }: Settlement) {
      logger.error({ err: error, delivery_id: id, state: outcome }, "an outcome could not be recorded");
      deps.onStoreFailure?.(error);
    },
  };

  function queueOf(id: string): ExecutorQueue {
    let queue = queues.get(id);
    if (!queue) {
      queue = createExecutorQueue(id, queueDeps);
      queues.set(id, queue);
    }
    return queue;
  }

  async function applyConfiguration(): Promise<void> {
    const gone = [...queues].filter(([id]) => !configured.has(id)).map(([, queue]) => queue.retire());
    const changed = [...configured].map(([id, running]) => queueOf(id).configure(running));
    await Promise.all([...gone, ...changed]);
  }

  function sweep(): void {
    cancelSweep();
    if (state !== "running") return;
    for (const queue of queues.values()) queue.expire();
    missing
      .sweep(
        (executor) => configured.has(executor),
        (executor) => queues.get(executor)?.wake(),
      )
      .catch((error: unknown) => {
        if (state === "running") logger.error({ err: error }, "looking for deliveries without an executor failed");
      })
      .finally(() => {
        cancelSweep();
        if (state === "running") cancelSweep = clock.after(SWEEP_MS, sweep);
      });
  }

  return {
    async configure(executors) {
      configured = new Map(executors.map((running) => [running.plan.id, running]));
      store.configureSpace(Object.fromEntries(executors.map(({ plan }) => [plan.id, plan.dispatch.space])));
      if (state !== "running") return;
      const applied = applyConfiguration();
      sweep();
      await applied;
    },
    reserve(wanted) {
      const reservation: Record<string, number> = {};
      if (state !== "running") return reservation;
      for (const [id, count] of wanted) {
        const room = queues.get(id)?.reserve(count) ?? 0;
        if (room > 0) reservation[id] = room;
      }
      return reservation;
    },
    accept(reservation, result) {
      const leased = new Map<string, Delivery[]>();
      for (const delivery of result?.leased ?? []) {
        const of = leased.get(delivery.executor);
        if (of) of.push(delivery);
        else leased.set(delivery.executor, [delivery]);
      }
      const waiting = new Set(result?.waiting);
      for (const id of new Set([...Object.keys(reservation), ...leased.keys(), ...waiting]))
        queues.get(id)?.accept(reservation[id] ?? 0, leased.get(id) ?? [], waiting.has(id));
    },
    wake(executor) {
      if (executor !== undefined) queues.get(executor)?.wake();
      else for (const queue of queues.values()) queue.wake();
    },
    start() {
      if (state !== "new") return;
      state = "running";
      void applyConfiguration();
      sweep();
    },
    async stop(deadlineMs) {
      if (state === "stopped") return;
      state = "stopped";
      cancelSweep();
      const ended = Promise.all([...queues.values()].map((queue) => queue.stop()));
      const { promise: deadline, resolve } = Promise.withResolvers<"late">();
      const cancel = clock.after(deadlineMs, () => resolve("late"));
      if ((await Promise.race([ended, deadline])) === "late") {
        const late = [...queues].filter(([, queue]) => (queue.status()?.requests ?? 0) > 0).map(([id]) => id);
        logger.warn({ executors: late }, "attempts did not end within the shutdown deadline; they are made again");
        for (const queue of queues.values()) queue.abort();
      }
      cancel();
    },
    status: () =>
      [...queues].flatMap(([id, queue]) => {
        const status = queue.status();
        return status ? [{ id, ...status }] : [];
      }),
  };
}
