/**
 * The engine's door: events come in, are matched, and what they cause is committed before their sender is told. One
 * emission is one unit of the store, committed whole or not at all; an emission that causes nothing never reaches it.
 */
import { setImmediate } from "node:timers/promises";
import { AppError } from "../component/app-error.ts";
import type { Clock } from "../component/clock.ts";
import type { Emission, Emit, RejectedInput } from "../component/define-collector.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Metrics } from "../component/metrics.ts";
import type { CommitResult, EventEffects, NewDeadLetter, Store, StoreUnit } from "../component/store.ts";
import type { Sha256 } from "../core/delivery/idempotency-key.ts";
import type { Arrival } from "../core/event/event.ts";
import { printDuration } from "../core/duration.ts";
import { printJson } from "../core/json.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { effectsOf, type EffectsContext } from "./effects.ts";
import type { Generation } from "./generation.ts";
import { createIngestMetrics } from "./ingest-metrics.ts";

export type { Generation } from "./generation.ts";

export interface IngestDeps {
  readonly store: Pick<Store, "commit">;
  readonly dispatcher: Pick<Dispatcher, "reserve" | "accept">;
  readonly generation: () => Generation;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  readonly sha256: Sha256;
  /** How long a sender waits for the commit. */
  readonly commitTimeoutMs: number;
  /** How long identities are known. */
  readonly retentionMs: number;
}

export interface Ingest {
  emitFor(collectorId: string): Emit;
  /** Refuses new emissions at once; resolves when those under way have their answer. */
  stop(): Promise<void>;
}

interface Planning {
  /** Matches for one slice of time; true when all events are done. */
  advance(): boolean;
  /** Null: the events cause nothing. */
  unit(): StoreUnit | null;
}

/** How long one emission may hold the event loop, and after how many events the clock is looked at. */
const SLICE_MS = 10;
const LOOK_EVERY = 16;
/** What a sender is told to wait after a commit that took too long. */
const RETRY_AFTER_MS = 5000;
/** Raised under `store` by what commits end with; an executor's share being full does not stop events for others. */
const HEALTH_LEVEL = { store_full: "degraded", disk_full: "not_ready", commit_timeout: "degraded" } as const;

export function createIngest(deps: IngestDeps): Ingest {
  const { store, dispatcher, clock, logger, health } = deps;
  const metrics = createIngestMetrics(deps.metrics);
  const underWay = new Set<Promise<unknown>>();
  const raised = new Set<string>();
  let stopping = false;

  /** All that the emission causes, worked out in slices by the generation in service at its start. */
  function plan(collector: string, emission: Emission): Planning {
    const { matcher, orderOf } = deps.generation();
    const context: EffectsContext = {
      orderOf,
      sha256: deps.sha256,
      retentionMs: deps.retentionMs,
      onBug(error, where) {
        metrics.bug(collector);
        logger.error({ err: error, collector, ...where }, "an action met a bug and became a dead letter");
      },
    };
    const { receivedMs, traceparent } = emission;
    const events: EventEffects[] = [];
    const deadLetters = emission.rejected.map((input) => deadInput(input, collector, receivedMs));
    const { arrivals } = emission;
    let next = 0;
    let idle = 0;
    let tookMs = 0;

    function one(arrival: Arrival): void {
      try {
        const matches = matcher.match(arrival.event);
        if (matches.length === 0) {
          idle++;
          return;
        }
        metrics.matched(matches);
        const planned = effectsOf({ arrival, collector, receivedMs, traceparent }, matches, context);
        if (planned.effects) events.push(planned.effects);
        else idle++;
        for (const letter of planned.deadLetters) deadLetters.push({ ...letter, ofEvent: events.length - 1 });
      } catch (error) {
        metrics.bug(collector);
        logger.error(
          { err: error, collector, event_id: arrival.event.id },
          "an event met a bug and became a dead letter",
        );
        deadLetters.push(deadEvent(arrival, collector, receivedMs));
      }
    }

    return {
      advance() {
        const beganMs = clock.monotonicMs();
        let spentMs = 0;
        while (next < arrivals.length && spentMs < SLICE_MS) {
          one(arrivals[next++]!);
          if (next % LOOK_EVERY === 0 || next === arrivals.length) spentMs = clock.monotonicMs() - beganMs;
        }
        tookMs += spentMs;
        return next === arrivals.length;
      },
      unit() {
        metrics.received(collector, arrivals.length);
        if (arrivals.length > 0) metrics.matchSeconds(tookMs / 1000);
        if (idle > 0) metrics.withoutEffect(collector, idle);
        return events.length === 0 && deadLetters.length === 0 ? null : { events, deadLetters };
      },
    };
  }

  /** The commit itself; its deliveries go to the dispatcher whether or not somebody still waits for it. */
  async function commit(collector: string, unit: StoreUnit): Promise<void> {
    const reservation = dispatcher.reserve(countsOf(unit));
    const beganMs = clock.monotonicMs();
    let result: CommitResult | null = null;
    try {
      result = await store.commit(unit, reservation);
    } finally {
      dispatcher.accept(reservation, result);
    }
    metrics.commitSeconds((clock.monotonicMs() - beganMs) / 1000);
    const duplicates = result.duplicate.filter(Boolean).length;
    if (duplicates > 0) metrics.duplicate(collector, duplicates);
    const { duplicate } = result;
    if (unit.deadLetters.length > 0)
      metrics.dead(unit.deadLetters.filter(({ ofEvent }) => ofEvent !== undefined && !duplicate[ofEvent]));
    if (result.collisions > 0) {
      metrics.collisions(result.collisions);
      logger.error({ collector, count: result.collisions }, "delivery keys came with a second payload");
    }
    for (const code of raised) health.clear("store", code);
    raised.clear();
  }

  async function inTime(collector: string, unit: StoreUnit): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    let timedOut = false;
    const cancel = clock.after(deps.commitTimeoutMs, () => {
      timedOut = true;
      const message = `the store did not confirm the commit within ${printDuration(deps.commitTimeoutMs)}; it may still succeed`;
      reject(new AppError("commit_timeout", message, { retryAfterMs: RETRY_AFTER_MS }));
    });
    const committed = commit(collector, unit).catch((error: unknown) => {
      const known = asAppError(error);
      if (timedOut) logger.warn({ collector, err: known }, "a commit failed after its sender was told to try again");
      throw known;
    });
    try {
      await Promise.race([committed, late]);
    } catch (error) {
      const { code, message } = asAppError(error);
      metrics.refused(collector, code);
      if (Object.hasOwn(HEALTH_LEVEL, code)) {
        raised.add(code);
        health.raise("store", code, message, HEALTH_LEVEL[code as keyof typeof HEALTH_LEVEL]); // asked just before
      }
      throw error;
    } finally {
      cancel();
    }
  }

  /** Null: nothing to wait for. */
  function settled(collector: string, planning: Planning): Promise<void> | null {
    const unit = planning.unit();
    return unit && inTime(collector, unit);
  }

  /** A large batch lets others run between its slices. */
  async function inSlices(collector: string, planning: Planning): Promise<void> {
    do await setImmediate();
    while (!planning.advance());
    await settled(collector, planning);
  }

  return {
    emitFor: (collector) => async (emission) => {
      if (stopping) throw new AppError("shutting_down", "the process is stopping and takes no new events");
      const planning = plan(collector, emission);
      const answered = planning.advance() ? settled(collector, planning) : inSlices(collector, planning);
      if (answered === null) return;
      underWay.add(answered);
      try {
        await answered;
      } finally {
        underWay.delete(answered);
      }
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(underWay);
    },
  };
}

/** How many deliveries of the unit each executor gets. */
function countsOf({ events }: StoreUnit): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { deliveries } of events)
    for (const { executor } of deliveries) counts.set(executor, (counts.get(executor) ?? 0) + 1);
  return counts;
}

const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError("internal", "the commit failed", { cause: error });

const deadInput = ({ reason, sample }: RejectedInput, collector: string, receivedMs: number): NewDeadLetter => ({
  kind: "input",
  collector,
  executor: null,
  rulePath: null,
  eventId: null,
  // A collector tells its own bugs by this word (take-in.ts).
  code: reason.startsWith("internal:") ? "internal" : "unreadable",
  reason,
  payload: sample,
  createdMs: receivedMs,
});

const deadEvent = ({ event }: Arrival, collector: string, receivedMs: number): NewDeadLetter => ({
  kind: "input",
  collector,
  executor: null,
  rulePath: null,
  eventId: event.id,
  code: "internal",
  reason: "the event met a bug while it was matched; the log has the details",
  payload: printJson({ id: event.id, type: event.type, created_ms: event.created_ms, payload: event.payload }),
  createdMs: receivedMs,
});
