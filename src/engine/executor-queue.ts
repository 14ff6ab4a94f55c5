/**
 * The way of one executor's deliveries from the store to their settlement. It holds at most `prefetch` of them; a
 * delivery counts from the moment room is reserved for it until the store has confirmed its settlement.
 *
 *     commit's lease ─┐                ┌ breaker, rate, concurrency
 *     store.take ─────┴► ready runs ──►┴ batch ──► attempt ──► settle ──► next of the run
 *
 * One order key has one run in memory at most (the store leases only heads, and followers with them), so its deliveries
 * go one at a time. When one must wait, the rest of its run is given back.
 */
import type { Clock } from "../component/clock.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Run, Settlement, Store } from "../component/store.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import { createAttempt, type Attempted, type RunningExecutor } from "./attempt.ts";
import { createBatcher, type Batcher, type BatchPart } from "./batcher.ts";
import { createBreaker, type Breaker, type BreakerState, type Ticket } from "./breaker.ts";
import type { DeliveryMetrics } from "./delivery-metrics.ts";
import { createQueueReport } from "./queue-report.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { createReadyRuns, leftOf } from "./ready-runs.ts";
import { createRefill } from "./refill.ts";
import { expiryMs, settlementOf, tooOld } from "./settle.ts";
import { verdictOf } from "./verdict.ts";

export interface QueueDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  readonly health: HealthBoard;
  readonly random: () => number;
  readonly onSettleFailure: (error: unknown, settlement: Settlement) => void;
}

export interface QueueStatus {
  readonly breaker: BreakerState;
  /** Requests under way. */
  readonly requests: number;
  /** Deliveries being sent. */
  readonly inFlight: number;
  /** Deliveries in memory, those included. */
  readonly held: number;
  readonly dryRun: boolean;
  readonly type: string;
}

export interface ExecutorQueue {
  /** Resolves when attempts with the executor it replaces have ended. */
  configure(running: RunningExecutor): Promise<void>;
  /** The executor is gone: gives back what it holds, lets attempts end; `configure` brings it back. */
  retire(): Promise<void>;
  /** Null while retired. */
  status(): QueueStatus | null;
  /** Room for so many of the wanted, kept until `accept`. */
  reserve(wanted: number): number;
  /** Ends a reservation; `waiting`: others of the commit were not leased. */
  accept(reserved: number, leased: readonly Delivery[], waiting: boolean): void;
  /** The store may hold something new. */
  wake(): void;
  /** Dead-letters what has become too old while it waited in memory. */
  expire(): void;
  /** No new attempts; resolves when those under way have ended and are settled. */
  stop(): Promise<void>;
  /** Ends what is still under way; nothing is settled any more. */
  abort(): void;
}

interface Setup {
  readonly running: RunningExecutor;
  readonly breaker: Breaker;
  readonly limiter: RateLimiter;
  readonly batcher: Batcher;
}

interface Request {
  readonly setup: Setup;
  readonly abort: AbortController;
  readonly deliveries: readonly Delivery[];
  /** Who waits for its end. */
  waiting: (() => void)[] | null;
}

const RUN_LIMIT = 16;

export function createExecutorQueue(executor: string, deps: QueueDeps): ExecutorQueue {
  const { store, clock, random } = deps;
  const logger = deps.logger.child({ executor });
  const report = createQueueReport(executor, { health: deps.health, logger, metrics: deps.metrics });
  const attempt = createAttempt({ clock, logger });
  const ready = createReadyRuns();
  const requests = new Set<Request>();
  /** Of requests that have ended, used again: a signal is as much for the garbage collector as all else of a request. */
  const spare: AbortController[] = [];
  let settling = 0;
  let allSettled: () => void = () => undefined;
  let setup: Setup | null = null;
  let held = 0;
  let orderedHeld = 0;
  let reserved = 0;
  let stopping = false;
  let aborted = false;
  let cancelTimer: () => void = () => undefined;

  const refill = createRefill(
    {
      executor,
      runLimit: () => {
        const { type, dispatch } = setup!.running.plan; // asked only while there is room, so never while retired
        return type.ordered && dispatch.batch ? Math.max(RUN_LIMIT, dispatch.batch.maxItems) : RUN_LIMIT;
      },
      room: wantedRoom,
      orderedHeld: () => orderedHeld,
      onRuns: (runs) => hold(runs),
    },
    { store, clock, logger },
  );

  function room(): number {
    return setup ? setup.running.plan.dispatch.prefetch - held - reserved - refill.taking : 0;
  }

  /** A take should be worth its while: when the line is empty, or a good part of the room is free. */
  function wantedRoom(): number {
    if (stopping || !setup) return 0;
    const free = room();
    if (ready.length === 0) return free;
    if (setup.breaker.state() !== "closed") return 0;
    return free >= setup.running.plan.dispatch.prefetch / 4 ? free : 0;
  }

  function hold(runs: readonly Run[]): void {
    if (stopping || !setup) {
      store.release(runs.flat().map(({ id }) => id));
      return;
    }
    const sinceMs = clock.monotonicMs();
    for (const run of runs) {
      held += run.length;
      for (const delivery of run) if (delivery.orderKey !== null) orderedHeld++;
      ready.push({ deliveries: run, next: 0, sinceMs });
    }
    if (setup.breaker.state() !== "closed") expire();
    pump();
  }

  function expire(): void {
    if (!setup || stopping) return;
    const { retry } = setup.running.plan.dispatch;
    const nowMs = clock.nowMs();
    for (const delivery of ready.remove((one) => expiryMs(one, retry) <= nowMs))
      settle(delivery, tooOld(delivery, retry, nowMs));
  }

  function giveBack(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    store.release(deliveries.map(({ id }) => id));
    deliveries.forEach(dropped);
    refill.note();
  }

  function dropped({ orderKey }: Delivery): void {
    held--;
    if (orderKey !== null) orderedHeld--;
  }

  /** Starts every request that may begin now; otherwise something is sure to call it again. */
  function pump(): void {
    cancelTimer();
    if (stopping) return;
    if (setup) startReady(setup);
    refill.run();
  }

  function startReady(current: Setup): void {
    const { concurrency } = current.running.plan.dispatch;
    while (requests.size < concurrency && ready.length > 0) {
      const waitMs = current.breaker.waitMs() ?? current.limiter.waitMs();
      if (waitMs > 0) {
        if (Number.isFinite(waitMs)) cancelTimer = clock.after(waitMs, pump);
        return;
      }
      const choice = current.batcher.next(ready);
      if (choice.kind === "linger") {
        cancelTimer = clock.after(choice.waitMs, pump);
        return;
      }
      if (choice.kind === "send") begin(current, withoutOld(choice.parts, current));
    }
  }

  /** Those too old for an attempt are settled here and now. */
  function withoutOld(parts: readonly BatchPart[], { running }: Setup): readonly BatchPart[] {
    const nowMs = clock.nowMs();
    const { retry } = running.plan.dispatch;
    const isOld = (delivery: Delivery): boolean => expiryMs(delivery, retry) <= nowMs;
    if (!parts.some(({ deliveries }) => deliveries.some(isOld))) return parts;
    const young: BatchPart[] = [];
    for (const { run, deliveries } of parts) {
      const rest = deliveries.filter((delivery) => !isOld(delivery));
      for (const delivery of deliveries) if (isOld(delivery)) settle(delivery, tooOld(delivery, retry, nowMs));
      if (rest.length > 0) young.push({ run, deliveries: rest });
      else ready.push(run);
    }
    return young;
  }

  function begin(current: Setup, parts: readonly BatchPart[]): void {
    if (parts.length === 0) return;
    const ticket = current.breaker.begin();
    current.limiter.take();
    const deliveries = parts.length === 1 ? parts[0]!.deliveries : parts.flatMap((part) => part.deliveries);
    const abort = spare.pop() ?? new AbortController();
    const beganMs = clock.monotonicMs();
    const request: Request = { setup: current, abort, deliveries, waiting: null };
    requests.add(request);
    attempt(current.running, deliveries, abort, (attempted) => {
      requests.delete(request);
      if (!abort.signal.aborted) spare.push(abort);
      if (attempted.answers.length > 0) deps.metrics.attempted(executor, (clock.monotonicMs() - beganMs) / 1000);
      if (!aborted) finish(current, ticket, parts, attempted);
      request.waiting?.forEach((resume) => resume());
    });
  }

  function finish(of: Setup, ticket: Ticket, parts: readonly BatchPart[], { outcomes, answers }: Attempted): void {
    const before = of.breaker.state();
    const { counted, changed } = of.breaker.end(ticket, verdictOf(answers));
    if (changed && of === setup) report.breaker(before, of.breaker.openForMs(), answers);
    const nowMs = clock.nowMs();
    const openForMs = of.breaker.openForMs();
    const context = {
      retry: of.running.plan.dispatch.retry,
      nowMs,
      random,
      counted,
      openUntilMs: of === setup && openForMs !== null ? nowMs + openForMs : null,
    };
    let at = 0;
    for (const { run, deliveries } of parts) {
      let waits = false;
      for (const delivery of deliveries) {
        const outcome = outcomes[at++]!; // as many as deliveries
        deps.metrics.outcome(executor, outcome.kind);
        const settlement = settlementOf(delivery, outcome, context);
        if (settlement.state === "waiting") waits = true;
        settle(delivery, settlement);
        report.settled(delivery, outcome, settlement);
      }
      if (run.next === run.deliveries.length) continue;
      if (waits || stopping || !setup) {
        giveBack(leftOf(run));
      } else {
        run.sinceMs = clock.monotonicMs();
        ready.push(run);
      }
    }
    pump();
  }

  function settle(delivery: Delivery, settlement: Settlement): void {
    deps.metrics.settled(executor, delivery, settlement);
    settling++;
    const end = (): void => {
      dropped(delivery);
      refill.run();
      if (--settling === 0) allSettled();
    };
    store.settle(settlement).then(
      () => {
        if (settlement.state === "waiting") refill.dueAt(settlement.untilMs ?? settlement.atMs);
        else if (delivery.orderKey !== null) refill.settledOrdered();
        end();
      },
      (error: unknown) => {
        deps.onSettleFailure(error, settlement);
        end();
      },
    );
  }

  const endOf = async (which: (request: Request) => boolean): Promise<void> => {
    const ends = [...requests]
      .filter(which)
      .map((request) => new Promise<void>((resolve) => (request.waiting ??= []).push(resolve)));
    await Promise.all(ends);
  };

  return {
    async configure(running) {
      const old = setup;
      if (old && old.running.executor === running.executor && old.running.plan.hash === running.plan.hash) return;
      const { dispatch, type } = running.plan;
      setup = {
        running,
        breaker: createBreaker(dispatch.breaker, () => clock.monotonicMs()),
        limiter: createRateLimiter(dispatch.rate, () => clock.monotonicMs()),
        batcher: createBatcher(running.executor.executeBatch ? dispatch.batch : null, type.ordered ?? false, clock),
      };
      report.reset();
      refill.note();
      pump();
      await endOf((request) => request.setup === old);
    },
    async retire() {
      setup = null;
      cancelTimer();
      report.reset();
      giveBack(ready.clear());
      await endOf(() => true);
    },
    status() {
      if (!setup) return null;
      const { plan } = setup.running;
      return {
        breaker: setup.breaker.state(),
        requests: requests.size,
        inFlight: [...requests].reduce((sum, { deliveries }) => sum + deliveries.length, 0),
        held,
        dryRun: plan.dispatch.dryRun,
        type: plan.type.type,
      };
    },
    reserve(wanted) {
      if (stopping || refill.behind) return 0;
      const count = Math.max(0, Math.min(wanted, room()));
      reserved += count;
      return count;
    },
    accept(count, leased, waiting) {
      reserved -= count;
      if (waiting) refill.note();
      hold(leased.map((delivery) => [delivery]));
    },
    wake() {
      refill.note();
      pump();
    },
    expire,
    async stop() {
      stopping = true;
      cancelTimer();
      refill.stop();
      giveBack(ready.clear());
      await endOf(() => true);
      if (settling > 0) await new Promise<void>((resolve) => (allSettled = resolve));
    },
    abort() {
      aborted = true;
      for (const { abort } of requests) abort.abort();
      store.release([...requests].flatMap(({ deliveries }) => deliveries.map(({ id }) => id)));
    },
  };
}
