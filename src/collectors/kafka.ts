/**
 * Reads topics as a member of a consumer group. The collector starts at once and connects in the background: a broker
 * that is down, a wrong password or a topic that is missing stands in `/health` until it is right, and nothing else waits.
 *
 * One *attempt* is: connect, look the topics up, join the group, and read until something ends it; then wait, longer each
 * time, and begin anew. While it lasts the topics are looked up now and then, and other topics mean a new membership.
 */
import { AppError } from "../component/app-error.ts";
import { defineCollector, type Collector, type CollectorDeps } from "../component/define-collector.ts";
import { openKafka, type KafkaAdmin, type KafkaClient, type OpenKafka } from "../component/support/kafka-client.ts";
import { createKafkaConnection } from "../component/support/kafka-connection.ts";
import { readKafkaFailure, type KafkaFault } from "../component/support/kafka-failure.ts";
import { OversizedBatch, type OffsetRange } from "../component/support/kafka-unreadable.ts";
import { compileRegex } from "../core/regex/compile-regex.ts";
import { DEFAULT_REGEX_LIMITS, type Regex } from "../core/regex/regex.ts";
import { createKafkaMetrics } from "./kafka-metrics.ts";
import { kafkaOptions, type KafkaOptions } from "./kafka-options.ts";
import { createSession, type Session } from "./kafka-session.ts";
import { createTakeIn } from "./kafka-take-in.ts";
import { findTopics, sameTopics, type FoundTopics } from "./kafka-topics.ts";
import { createStreamBudget } from "./support/stream-budget.ts";
import { waitMs } from "./support/wait-ms.ts";

export const kafka = defineCollector({
  type: "kafka",
  summary:
    "Reads Apache Kafka topics as a consumer group: gzip, snappy, lz4 and zstd, SASL and TLS, by name or by pattern.",
  options: kafkaOptions,
  guarantees:
    "Offsets are committed only after everything their records cause is committed; after a crash the last records come again and are known by topic, partition, offset and time. Each partition is read in order, independently of the others; a record that cannot be read is kept as a dead letter.",
  examples: [
    {
      title: "What Beats write, from the beginning",
      file: {
        id: "beats",
        type: "kafka",
        brokers: ["127.0.0.1:9092"],
        topics: ["beats"],
        group_id: "squall",
        from: "earliest",
        format: "beats",
      },
    },
    {
      title: "All topics of a pattern, over TLS with a password",
      file: {
        id: "logs",
        type: "kafka",
        brokers: ["kafka-1:9093", "kafka-2:9093"],
        topic_pattern: "^logs-",
        group_id: "squall",
        format: "auto",
        sasl: { mechanism: "scram-sha-512", username: "squall", password: "change-me" },
        tls: {},
      },
    },
  ],
  create: (options, deps) => createKafkaCollector(options, deps, openKafka),
});

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;
/** A consumer that neither fetches nor tells the group that it lives for so long has got stuck. */
const SILENT_MS = 60_000;
const MISSING_EVERY_MS = 5000;
const CONNECTION_FAULTS: readonly KafkaFault[] = [
  "unreachable",
  "authentication",
  "authorization",
  "refused",
  "failed",
];

export function createKafkaCollector(options: KafkaOptions, deps: CollectorDeps, open: OpenKafka): Collector {
  const { id, clock, logger, health } = deps;
  const subject = `collector:${id}`;
  const connection = createKafkaConnection(options, { clock });
  const pattern = options.topic_pattern === undefined ? null : compiled(options.topic_pattern);
  const metrics = createKafkaMetrics(id, deps.metrics);
  const budget = createStreamBudget(deps.limits.maxInFlightBytes);
  const controller = new AbortController();
  const { signal } = controller;
  /** Batches that can only be jumped over. */
  const oversized: OffsetRange[] = [];
  let session: Session | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopping: Promise<void> | undefined;

  async function run(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    while (!signal.aborted) {
      const beganMs = clock.monotonicMs();
      const again = await attempt();
      if (again === "now") continue;
      if (clock.monotonicMs() - beganMs > MAX_DELAY_MS) delayMs = FIRST_DELAY_MS;
      await waitMs(clock, delayMs, signal);
      delayMs = Math.min(MAX_DELAY_MS, delayMs * 2);
    }
  }

  /** `now`: it ended because there are other topics to read. */
  async function attempt(): Promise<"now" | "later"> {
    let admin: KafkaAdmin | undefined;
    try {
      const client = await open(connection, logger);
      admin = client.admin();
      await admin.connect();
      let found = await topicsNow(admin);
      while (found.present.length === 0 && !signal.aborted) {
        clear(CONNECTION_FAULTS);
        await waitMs(clock, MISSING_EVERY_MS, signal);
        found = await topicsNow(admin);
      }
      if (signal.aborted) return "later";
      return await read(client, admin, found);
    } catch (error) {
      report(error);
      return "later";
    } finally {
      await admin
        ?.close()
        .catch((error: unknown) => logger.debug({ err: error }, "the connection did not close in good order"));
    }
  }

  async function read(client: KafkaClient, admin: KafkaAdmin, found: FoundTopics): Promise<"now" | "later"> {
    const jumps = await jumpsOver(admin, found.present);
    if (signal.aborted) return "later";
    const own = createSession(
      {
        groupId: options.group_id,
        sessionTimeoutMs: options.session_timeout,
        fromBeginning: options.from === "earliest",
        topics: found.present,
      },
      {
        ...deps,
        client,
        hold: budget.hold(),
        maxInFlightBytes: deps.limits.maxInFlightBytes,
        takeIn: createTakeIn({
          ...deps,
          unreadable: client.unreadable,
          jsonDepth: deps.limits.jsonDepth,
          value: options.value,
          onTombstones: metrics.tombstones,
        }),
        onJoin(assignment) {
          clear(CONNECTION_FAULTS);
          metrics.assigned(assignment);
          for (const jump of jumps.splice(0)) own.seek(jump);
          logger.info({ topics: found.present, assignment }, "reading");
        },
        onRebalance: metrics.rebalanced,
        onCommitted: metrics.committed,
        onHighWatermark: metrics.highWatermark,
      },
    );
    session = own;
    try {
      void own.start();
      return await readUntil(own, admin, found);
    } finally {
      session = undefined;
      await own.stop();
      metrics.clear();
    }
  }

  async function readUntil(own: Session, admin: KafkaAdmin, first: FoundTopics): Promise<"now" | "later"> {
    let { missing } = first;
    for (;;) {
      const tick = new AbortController();
      const everyMs = missing.length > 0 ? Math.min(MISSING_EVERY_MS, options.refresh) : options.refresh;
      const ended = await Promise.race([
        own.ended.then((error) => ({ error })),
        waitMs(clock, everyMs, AbortSignal.any([signal, tick.signal])).then(() => null),
      ]);
      tick.abort();
      if (signal.aborted) return "later";
      if (ended) {
        metrics.crashed();
        report(ended.error ?? new Error("the consumer stopped by itself"));
        return "later";
      }
      if (own.silentMs() > SILENT_MS) throw new Error(`the consumer has not fetched for ${SILENT_MS / 1000}s`);
      try {
        const found = await topicsNow(admin);
        if (!sameTopics(found.present, first.present)) return "now";
        missing = found.missing;
        await lookUpLag(admin, found.present);
      } catch (error) {
        // The consumer has connections of its own, and tells when they fail.
        logger.debug({ err: error }, "topics and lag could not be looked up");
      }
    }
  }

  async function topicsNow(admin: KafkaAdmin): Promise<FoundTopics> {
    const found = await findTopics(admin, options.topics ?? [], pattern);
    if (found.missing.length > 0)
      health.raise(subject, "unknown_topic", `the broker has no topic ${found.missing.join(", ")}`);
    else if (found.present.length === 0)
      health.raise(subject, "unknown_topic", `the broker has no topic that fits ${options.topic_pattern}`);
    else health.clear(subject, "unknown_topic");
    return found;
  }

  async function lookUpLag(admin: KafkaAdmin, topics: readonly string[]): Promise<void> {
    for (const topic of topics)
      for (const { partition, high } of await admin.offsets(topic)) metrics.highWatermark(topic, partition, high);
  }

  /** Where the group stands before an oversized batch: there it goes on behind it, and a dead letter tells of it. */
  async function jumpsOver(admin: KafkaAdmin, topics: readonly string[]) {
    if (oversized.length === 0) return [];
    const jumps = [];
    const committed = await admin.committed(options.group_id, topics);
    for (const range of oversized.splice(0)) {
      const at = committed.filter(({ offset }) => BigInt(offset) >= range.first && BigInt(offset) <= range.last);
      const [place] = at;
      if (!place || at.length > 1) continue; // met again when all before it is committed
      const reason = `${place.topic}, partition ${place.partition}, offsets ${range.first} to ${range.last}: a batch of ${range.count} records, which is more than can be read at once`;
      deps.countRejected("too_large");
      await deps.emit({
        arrivals: [],
        rejected: [{ index: 0, reason, sample: "" }],
        source: `${id}/${place.topic}/${place.partition}`,
        receivedMs: clock.nowMs(),
        traceparent: null,
      });
      jumps.push({ topic: place.topic, partition: place.partition, offset: String(range.last + 1n) });
    }
    return jumps;
  }

  function report(error: unknown): void {
    if (signal.aborted) return;
    const range = oversizedRange(error);
    if (range) oversized.push(range);
    const { fault, message } = readKafkaFailure(error, options.brokers);
    clear(CONNECTION_FAULTS.filter((each) => each !== fault));
    health.raise(subject, fault, `collector ${id}: ${message}`);
    logger.warn({ fault, reason: message }, "not reading; trying again");
    logger.debug({ err: error }, "why it is not reading");
  }

  const clear = (codes: readonly KafkaFault[]): void => {
    for (const code of codes) health.clear(subject, code);
  };

  async function shutDown(): Promise<void> {
    controller.abort();
    // A connection that is only being made has taken nothing, and may take long to fail.
    if (session) {
      await session.stop();
      await running;
    }
    clear([...CONNECTION_FAULTS, "unknown_topic"]);
  }

  return {
    async start() {
      running = run();
    },
    stop: () => (stopping ??= shutDown()),
  };
}

function compiled(text: string): Regex {
  const regex = compileRegex(text, DEFAULT_REGEX_LIMITS);
  if (!regex.ok) throw new AppError("configuration", `topic_pattern: ${regex.error.message}`);
  return regex.value;
}

function oversizedRange(error: unknown): OffsetRange | null {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof OversizedBatch) return each.range;
  return null;
}
