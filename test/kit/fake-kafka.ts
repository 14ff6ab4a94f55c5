/**
 * A Kafka cluster in memory behind the interface of `kafka-client.ts`, which reads as kafkajs does: one fetch brings a
 * batch of each partition that has records and is not paused, and the next follows when all of them are handled.
 */
import type {
  ConsumerHandlers,
  ConsumerSettings,
  KafkaBatch,
  KafkaClient,
  KafkaMessage,
  KafkaPosition,
  KafkaRecord,
  OpenKafka,
  ProducerSettings,
} from "../../src/component/support/kafka-client.ts";
import type { UnreadableBatch } from "../../src/component/support/kafka-codecs.ts";

export interface FakeKafka {
  readonly open: OpenKafka;
  createTopic(topic: string, partitions?: number): void;
  /** Returns the offset. */
  append(topic: string, partition: number, record: Partial<KafkaRecord>): string;
  /** What the group has committed, by `topic/partition`. */
  readonly committed: ReadonlyMap<string, string>;
  /** Calls `listener` after each commit. */
  onCommit(listener: () => void): void;
  /** The members that have joined and neither left nor crashed. */
  readonly members: readonly FakeMember[];
  /** Everything asked of the cluster, in order: `connect`, `join logs`, `pause logs/0` … */
  readonly asked: readonly string[];
  /** The next connections fail with this; null: they succeed. */
  failConnect(error: Error | null): void;
  failCommit(error: Error | null): void;
  /** Records whose value is this buffer stand for an unreadable batch. */
  readonly unreadable: Map<Buffer, UnreadableBatch>;
  readonly sent: readonly { readonly topic: string; readonly messages: readonly KafkaMessage[] }[];
  /** Decides what a send ends with; returns an error to fail it, `hang` never to answer. */
  onSend(answer: (topic: string, messages: readonly KafkaMessage[]) => Error | "hang" | null): void;
  readonly producers: readonly ProducerSettings[];
}

export interface FakeMember {
  readonly topics: readonly string[];
  crash(error: Error): void;
  /** It does nothing any more, and says nothing. */
  freeze(): void;
  /** Partitions are divided anew; by default as before. */
  rebalance(assignment?: Readonly<Record<string, readonly number[]>>): void;
}

export function fakeKafka(options: { readonly batchRecords?: number } = {}): FakeKafka {
  const batchRecords = options.batchRecords ?? 1000;
  const topics = new Map<string, KafkaRecord[][]>();
  const committed = new Map<string, string>();
  const listeners: (() => void)[] = [];
  const members: FakeMember[] = [];
  const asked: string[] = [];
  const unreadable = new Map<Buffer, UnreadableBatch>();
  const sent: { topic: string; messages: readonly KafkaMessage[] }[] = [];
  const producers: ProducerSettings[] = [];
  let connectError: Error | null = null;
  let commitError: Error | null = null;
  let answer: Parameters<FakeKafka["onSend"]>[0] = () => null;
  const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
  const connect = async (): Promise<void> => {
    asked.push("connect");
    if (connectError) throw connectError;
  };

  function consumer(settings: ConsumerSettings) {
    const paused = new Set<string>();
    const positions = new Map<string, number>();
    let assignment: Readonly<Record<string, readonly number[]>> = {};
    let handlers: ConsumerHandlers | undefined;
    let running = false;
    let frozen = false;
    let rejoin: Readonly<Record<string, readonly number[]>> | undefined;
    let loop: Promise<void> = Promise.resolve();

    const join = (next: Readonly<Record<string, readonly number[]>>): void => {
      assignment = next;
      positions.clear();
      for (const [topic, ids] of Object.entries(next))
        for (const id of ids) {
          const known = committed.get(nameOf(topic, id));
          const start = settings.fromBeginning ? 0 : topics.get(topic)![id]!.length;
          positions.set(nameOf(topic, id), known === undefined ? start : Number(known));
        }
      handlers!.onJoin(next);
    };
    const fetched = (): KafkaBatch[] =>
      Object.entries(assignment).flatMap(([topic, ids]) =>
        ids.flatMap((partition) => {
          const name = nameOf(topic, partition);
          const records = topics.get(topic)![partition]!;
          const from = positions.get(name)!;
          if (paused.has(name) || from >= records.length) return [];
          const messages = records.slice(from, from + batchRecords);
          const lastOffset = messages.at(-1)!.offset;
          return [{ topic, partition, messages, lastOffset, highWatermark: String(records.length) }];
        }),
      );
    const read = async (): Promise<void> => {
      while (running) {
        if (frozen) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        if (rejoin) {
          join(rejoin);
          rejoin = undefined;
        }
        const batches = fetched();
        await Promise.all(
          batches.map(async (batch) => {
            await handlers!.onBatch(batch);
            positions.set(nameOf(batch.topic, batch.partition), Number(batch.lastOffset) + 1);
          }),
        );
        handlers!.onAlive();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const leave = (): void => {
      running = false;
      if (members.includes(member)) members.splice(members.indexOf(member), 1);
    };
    const member: FakeMember = {
      topics: settings.topics,
      crash(error) {
        leave();
        handlers!.onCrash(error);
      },
      freeze: () => void (frozen = true),
      rebalance(next = assignment) {
        handlers!.onRebalance();
        rejoin = next;
      },
    };
    return {
      async start(given: ConsumerHandlers) {
        await connect();
        handlers = given;
        asked.push(`join ${settings.topics.join(" ")}`);
        members.push(member);
        running = true;
        join(Object.fromEntries(settings.topics.map((topic) => [topic, [...topics.get(topic)!.keys()]])));
        loop = read();
      },
      async commit(all: readonly KafkaPosition[]) {
        if (!running) throw new Error("the consumer does not run");
        if (commitError) throw commitError;
        for (const { topic, partition, offset } of all) committed.set(nameOf(topic, partition), offset);
        asked.push(
          `commit ${all.map(({ topic, partition, offset }) => `${nameOf(topic, partition)}=${offset}`).join(" ")}`,
        );
        for (const listener of listeners) listener();
      },
      pause(topic: string, partition: number) {
        asked.push(`pause ${nameOf(topic, partition)}`);
        paused.add(nameOf(topic, partition));
      },
      resume(topic: string, partition: number) {
        asked.push(`resume ${nameOf(topic, partition)}`);
        paused.delete(nameOf(topic, partition));
      },
      seek({ topic, partition, offset }: KafkaPosition) {
        asked.push(`seek ${nameOf(topic, partition)}=${offset}`);
        if (positions.has(nameOf(topic, partition))) positions.set(nameOf(topic, partition), Number(offset));
      },
      async stop() {
        leave();
        await loop;
        asked.push("leave");
      },
    };
  }

  const client: KafkaClient = {
    unreadable: { of: (value) => (value === null ? undefined : unreadable.get(value)) },
    consumer,
    admin: () => ({
      connect,
      topics: async () => [...topics.keys()],
      offsets: async (topic) =>
        topics.get(topic)!.map((records, partition) => ({ partition, low: "0", high: String(records.length) })),
      committed: async (_, names) =>
        names.flatMap((topic) =>
          topics.get(topic)!.map((_records, partition) => ({
            topic,
            partition,
            offset: committed.get(nameOf(topic, partition)) ?? "-1",
          })),
        ),
      close: async () => undefined,
    }),
    producer(settings) {
      producers.push(settings);
      return {
        connect,
        async send(topic, messages) {
          const result = answer(topic, messages);
          if (result === "hang") return new Promise<void>(() => undefined);
          if (result) throw result;
          sent.push({ topic, messages });
        },
        close: async () => void asked.push("close"),
      };
    },
  };

  return {
    open: async () => client,
    createTopic: (topic, partitions = 1) =>
      void topics.set(
        topic,
        Array.from({ length: partitions }, () => []),
      ),
    append(topic, partition, record) {
      const records = topics.get(topic)![partition]!;
      const offset = String(records.length);
      records.push({ timestamp: "1700000000000", key: null, value: null, ...record, offset });
      return offset;
    },
    committed,
    onCommit: (listener) => void listeners.push(listener),
    members,
    asked,
    failConnect: (error) => void (connectError = error),
    failCommit: (error) => void (commitError = error),
    unreadable,
    sent,
    onSend: (next) => void (answer = next),
    producers,
  };
}
