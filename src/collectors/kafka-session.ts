/**
 * One membership in the consumer group, from joining to leaving or crashing.
 *
 * A fetched batch of a partition is emitted part by part, each after the commit of the one before. kafkajs fetches anew
 * only when the batches of the last response are handled, so a batch that takes long (a full store, a slow disk) is not
 * waited for: its partition is paused, the others go on, and the membership is kept by their fetches. When it is
 * done its partition is resumed behind it. What is in hand is bounded in bytes over all partitions.
 *
 * When the group divides its partitions anew, what was done is committed, and whatever is still in hand is dropped: it
 * is fetched again by whoever gets the partition, from the offset committed. A part that is on its way to the store then
 * is waited for before the same partition goes on, so order is kept.
 */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../component/clock.ts";
import type { CollectorDeps, Emission } from "../component/define-collector.ts";
import type {
  ConsumerSettings,
  KafkaAssignment,
  KafkaBatch,
  KafkaClient,
  KafkaPosition,
} from "../component/support/kafka-client.ts";
import { createOffsets } from "./kafka-offsets.ts";
import { partsOf, type RecordPart } from "./kafka-take-in.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";
import type { StreamHold } from "./support/stream-budget.ts";

export interface SessionDeps extends Pick<CollectorDeps, "emit" | "clock" | "logger" | "countRejected"> {
  readonly client: Pick<KafkaClient, "consumer">;
  readonly takeIn: (place: Pick<KafkaBatch, "topic" | "partition">, part: RecordPart) => Emission;
  /** Bytes in hand, over all partitions. */
  readonly hold: StreamHold;
  readonly maxInFlightBytes: number;
  readonly onJoin: (assignment: KafkaAssignment) => void;
  readonly onRebalance: () => void;
  readonly onCommitted: (positions: readonly KafkaPosition[]) => void;
  /** Behind the newest record of a partition, seen with a batch. */
  readonly onHighWatermark: (topic: string, partition: number, offset: string) => void;
}

export interface Session {
  /** Resolves with the error that ended it, or null after `stop`. */
  readonly ended: Promise<Error | null>;
  /** Resolves when the group is joined; a failure comes by `ended`. */
  start(): Promise<void>;
  seek(position: KafkaPosition): void;
  /** Milliseconds since the consumer was last seen to live. */
  silentMs(): number;
  /** Finishes what is on its way to the store, commits its offsets, leaves the group. */
  stop(): Promise<void>;
}

/** How long a fetched batch may hold up the next fetch. */
const GRACE_MS = 250;

/** A consumer in the middle of joining can leave only when the others of the group have joined, too. */
const LEAVE_MS = 5000;
/** A broker that does not answer any more costs a repeat, not the stop. */
const FLUSH_MS = 3000;

/** Work on one fetched batch. */
interface Work {
  /** Aborted when the partition is no longer ours, or at a stop. */
  readonly controller: AbortController;
  done: Promise<void>;
}

export function createSession(settings: ConsumerSettings, deps: SessionDeps): Session {
  const { clock, logger } = deps;
  const consumer = deps.client.consumer(settings);
  const works = new Map<string, Work>();
  const { promise: ended, resolve: end } = Promise.withResolvers<Error | null>();
  let stopping: Promise<void> | undefined;
  let aliveMs = clock.monotonicMs();
  const offsets = createOffsets({
    commit: (positions) => consumer.commit(positions),
    clock,
    onCommitted: deps.onCommitted,
    onFailed: (error) => logger.debug({ err: error }, "offsets were not committed; their records may come again"),
  });

  /** True: all of it is committed in the store. */
  async function work(batch: KafkaBatch, signal: AbortSignal): Promise<boolean> {
    for (const part of partsOf(batch, deps.maxInFlightBytes)) {
      await deps.hold.acquire(part.bytes);
      deps.hold.settling();
      try {
        if (signal.aborted) return false;
        const committed = commit(batch, part, signal);
        if (committed !== true && !(await committed)) return false;
        if (signal.aborted && !stopping) return true; // committed, but no longer ours to say so
        offsets.done({ topic: batch.topic, partition: batch.partition, offset: part.next });
      } finally {
        deps.hold.settled();
        deps.hold.release(part.bytes);
      }
      await setImmediate(); // what causes nothing is committed at once, and others want their turn
    }
    return true;
  }

  /**
   * A function of its own: what waits above keeps all its variables in memory, and the events of one part for each
   * partition, dead but not gone, were four fifths of what the garbage collector had to move.
   */
  function commit({ topic, partition }: KafkaBatch, part: RecordPart, signal: AbortSignal): Promise<boolean> | true {
    const emission = deps.takeIn({ topic, partition }, part);
    if (emission.arrivals.length === 0 && emission.rejected.length === 0) return true;
    return emitUntilCommitted(emission, deps, signal);
  }

  async function onBatch(batch: KafkaBatch): Promise<void> {
    const { topic, partition, lastOffset } = batch;
    const key = `${topic}\n${partition}`;
    deps.onHighWatermark(topic, partition, batch.highWatermark);
    if (stopping) return;
    const before = works.get(key);
    const controller = new AbortController();
    const running: Work = { controller, done: Promise.resolve() };
    works.set(key, running);
    let late = false;
    const done = (async () => {
      await before?.done;
      const whole = await work(batch, controller.signal);
      if (works.get(key) === running) works.delete(key);
      if (!late || stopping || controller.signal.aborted) return;
      // The generation of the group may be another by now, which knows only committed offsets.
      if (whole) consumer.seek({ topic, partition, offset: String(BigInt(lastOffset) + 1n) });
      consumer.resume(topic, partition);
    })();
    running.done = done.catch((error: unknown) => end(error as Error)); // a bug: the session ends, the records come again
    if (await withinMs(running.done, GRACE_MS, clock)) return;
    late = true;
    consumer.pause(topic, partition);
  }

  /** What is in hand belongs to a division of partitions that is over. */
  function drop(): void {
    for (const [key, { controller }] of works) {
      controller.abort();
      const [topic, partition] = key.split("\n") as [string, string];
      consumer.resume(topic, Number(partition));
    }
  }

  const handlers = {
    onBatch,
    onJoin(assignment: KafkaAssignment) {
      drop();
      deps.onJoin(assignment);
    },
    onRebalance() {
      void offsets.flush();
      deps.onRebalance();
    },
    onCrash: (error: Error) => end(error),
    onAlive: () => void (aliveMs = clock.monotonicMs()),
  };

  async function shutDown(): Promise<void> {
    for (const { controller } of works.values()) controller.abort();
    await Promise.all([...works.values()].map(({ done }) => done));
    offsets.close();
    await withinMs(offsets.flush(), FLUSH_MS, clock);
    const left = consumer
      .stop()
      .catch((error: unknown) => logger.debug({ err: error }, "the consumer did not stop in good order"));
    if (!(await withinMs(left, LEAVE_MS, clock))) logger.debug({}, "the consumer leaves the group later");
    deps.hold.close();
    end(null);
  }

  return {
    ended,
    async start() {
      try {
        await consumer.start(handlers);
      } catch (error) {
        end(error as Error);
      }
    },
    seek: (position) => consumer.seek(position),
    silentMs: () => clock.monotonicMs() - aliveMs,
    stop: () => (stopping ??= shutDown()),
  };
}

/** False: it takes longer. */
async function withinMs(promise: Promise<void>, limitMs: number, clock: Clock): Promise<boolean> {
  let cancel!: () => void;
  const late = new Promise<boolean>((resolve) => (cancel = clock.after(limitMs, () => resolve(false))));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    cancel();
  }
}
