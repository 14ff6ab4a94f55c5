/**
 * The part of kafkajs that collector and executor use, behind an interface of its own, so that tests need no broker and
 * everything peculiar to kafkajs stands in one place. It is loaded on first use.
 *
 * kafkajs never restarts a consumer here (`restartOnFailure`): after a crash its owner makes a new one, looks the topics
 * up again, and decides how long to wait. All its logging goes to debug, because it tells every retry as an error.
 *
 * Its idempotent producer is not used: after a failure of which nobody knows whether the broker has written, it gives the
 * same sequence numbers to the next message, which the broker then takes for a repeat, confirms and drops.
 */
import type { Consumer, IHeaders, KafkaConfig, logCreator } from "kafkajs";
import type { Logger } from "../logger.ts";
import { installCodecs, type UnreadableBatches } from "./kafka-codecs.ts";
import type { KafkaConnection } from "./kafka-connection.ts";

export interface KafkaRecord {
  readonly offset: string;
  /** Epoch milliseconds; set by the producer or, if the topic says so, by the broker. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}

export interface KafkaBatch {
  readonly topic: string;
  readonly partition: number;
  /** Offset behind the newest record of the partition. */
  readonly highWatermark: string;
  readonly messages: readonly KafkaRecord[];
  /** Behind the last message there may be markers of transactions. */
  readonly lastOffset: string;
}

export interface KafkaPosition {
  readonly topic: string;
  readonly partition: number;
  /** Of the next record to read. */
  readonly offset: string;
}

export type KafkaAssignment = Readonly<Record<string, readonly number[]>>;

export interface ConsumerHandlers {
  /** One fetched batch of one partition; when it resolves, what follows is fetched. */
  readonly onBatch: (batch: KafkaBatch) => Promise<void>;
  readonly onJoin: (assignment: KafkaAssignment) => void;
  /** Partitions are about to be divided anew; offsets can still be committed. */
  readonly onRebalance: () => void;
  readonly onCrash: (error: Error) => void;
  /** It has fetched, or told the group that it lives. */
  readonly onAlive: () => void;
}

export interface ConsumerSettings {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly fromBeginning: boolean;
  readonly topics: readonly string[];
}

export interface KafkaConsumer {
  /** Connects and joins the group. */
  start(handlers: ConsumerHandlers): Promise<void>;
  commit(positions: readonly KafkaPosition[]): Promise<void>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  seek(position: KafkaPosition): void;
  /** Leaves the group and disconnects. */
  stop(): Promise<void>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** Of the oldest record. */
  readonly low: string;
  /** Behind the newest record. */
  readonly high: string;
}

export interface KafkaAdmin {
  connect(): Promise<void>;
  topics(): Promise<readonly string[]>;
  offsets(topic: string): Promise<readonly PartitionOffsets[]>;
  /** What the group has committed; "-1" where nothing. */
  committed(groupId: string, topics: readonly string[]): Promise<readonly KafkaPosition[]>;
  close(): Promise<void>;
}

export interface KafkaMessage {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
  readonly timestamp?: string;
}

export type KafkaCompression = "none" | "gzip" | "zstd";

export interface ProducerSettings {
  readonly createTopics: boolean;
  readonly compression: KafkaCompression;
  readonly timeoutMs: number;
}

export interface KafkaProducer {
  connect(): Promise<void>;
  /** Resolves when all in-sync replicas have every message; all of them name the same partition, or none does. */
  send(topic: string, messages: readonly KafkaMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface KafkaClient {
  consumer(settings: ConsumerSettings): KafkaConsumer;
  admin(): KafkaAdmin;
  producer(settings: ProducerSettings): KafkaProducer;
  /** Batches that could not be read, by their records. */
  readonly unreadable: UnreadableBatches;
}

export type OpenKafka = (connection: KafkaConnection, logger: Logger) => Promise<KafkaClient>;

/** Compressed bytes per fetch; what they inflate to is bounded by the codecs. */
const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_PARTITION_BYTES = 1024 * 1024;
/** How long the broker holds an empty fetch; a resumed partition and a stop wait for its end. */
const FETCH_WAIT_MS = 250;
const PARTITIONS_AT_ONCE = 16;
const COMPRESSION: Readonly<Record<KafkaCompression, number>> = { none: 0, gzip: 1, zstd: 4 };

export const openKafka: OpenKafka = async (connection, logger) => {
  const { Kafka, CompressionCodecs, logLevel } = (await import("kafkajs")).default;
  const unreadable = installCodecs(CompressionCodecs);
  const base = { ...(await connection.config()), logLevel: logLevel.WARN, logCreator: logsTo(logger) };
  // Two seconds in all: whoever reads begins anew by itself, and is to know soon that nobody answers.
  const kafka = new Kafka({ ...base, retry: { retries: 4, initialRetryTime: 150 } } satisfies KafkaConfig);

  return {
    unreadable,
    consumer(settings) {
      const consumer = kafka.consumer({
        groupId: settings.groupId,
        sessionTimeout: settings.sessionTimeoutMs,
        heartbeatInterval: Math.floor(settings.sessionTimeoutMs / 4),
        maxWaitTimeInMs: FETCH_WAIT_MS,
        maxBytes: FETCH_BYTES,
        maxBytesPerPartition: FETCH_PARTITION_BYTES,
        allowAutoTopicCreation: false,
        retry: { retries: 4, initialRetryTime: 150, restartOnFailure: async () => false },
      });
      let starting: Promise<void> | undefined;
      return {
        start: (handlers) => (starting = startConsumer(consumer, settings, handlers)),
        commit: (positions) => consumer.commitOffsets(positions.map((position) => ({ ...position }))),
        pause: (topic, partition) => consumer.pause([{ topic, partitions: [partition] }]),
        resume: (topic, partition) => consumer.resume([{ topic, partitions: [partition] }]),
        seek: (position) => consumer.seek({ ...position }),
        async stop() {
          // kafkajs loses sight of a consumer that is stopped while it joins, which then goes on for ever.
          await starting?.catch(() => undefined); // told to whoever started it
          await consumer.disconnect();
        },
      };
    },
    admin() {
      const admin = kafka.admin({ retry: { retries: 2, initialRetryTime: 200 } });
      return {
        connect: () => admin.connect(),
        topics: () => admin.listTopics(),
        offsets: (topic) => admin.fetchTopicOffsets(topic),
        async committed(groupId, topics) {
          const all = await admin.fetchOffsets({ groupId, topics: [...topics] });
          return all.flatMap(({ topic, partitions }) =>
            partitions.map(({ partition, offset }) => ({ topic, partition, offset })),
          );
        },
        close: () => admin.disconnect(),
      };
    },
    producer(settings) {
      // Also for looking up topics and brokers: whoever delivers tries again by itself, and later.
      const retry = { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 };
      const producer = new Kafka({ ...base, retry, requestTimeout: settings.timeoutMs }).producer({
        allowAutoTopicCreation: settings.createTopics,
        retry,
      });
      return {
        connect: () => producer.connect(),
        async send(topic, messages) {
          const written = await producer.send({
            topic,
            acks: -1,
            timeout: settings.timeoutMs,
            compression: COMPRESSION[settings.compression],
            messages: messages.map((message) => ({ ...message, headers: { ...message.headers } })),
          });
          // kafkajs leaves out without a word what is for a partition that does not exist.
          const partition = messages[0]?.partition;
          if (partition !== undefined && !written.some((each) => each.partition === partition))
            throw Object.assign(new Error(`topic ${topic} has no partition ${partition}`), {
              type: "UNKNOWN_TOPIC_OR_PARTITION",
            });
        },
        close: () => producer.disconnect(),
      };
    },
  };
};

async function startConsumer(
  consumer: Consumer,
  { topics, fromBeginning }: ConsumerSettings,
  handlers: ConsumerHandlers,
): Promise<void> {
  const { GROUP_JOIN, REBALANCING, CRASH, HEARTBEAT, FETCH } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => handlers.onJoin(payload.memberAssignment));
  consumer.on(REBALANCING, () => handlers.onRebalance());
  consumer.on(CRASH, ({ payload }) => handlers.onCrash(payload.error));
  consumer.on(HEARTBEAT, () => handlers.onAlive());
  consumer.on(FETCH, () => handlers.onAlive());
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
    eachBatch: ({ batch }) =>
      handlers.onBatch({
        topic: batch.topic,
        partition: batch.partition,
        highWatermark: batch.highWatermark,
        messages: batch.messages,
        lastOffset: batch.lastOffset(),
      }),
  });
}

const logsTo =
  (logger: Logger): logCreator =>
  () =>
  ({ namespace, log }) => {
    const { message, error } = log as { message: string; error?: unknown }; // kafkajs types only what is always there
    logger.debug({ kafkajs: namespace, ...(typeof error === "string" ? { error } : {}) }, message.toLowerCase());
  };
