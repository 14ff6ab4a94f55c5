/** A real broker as tests see it: topics made, records written as producers write them, byte for byte if need be, and read. */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import kafkajs, { type Admin, type Producer } from "kafkajs";

export interface KafkaCluster {
  readonly broker: string;
  readonly admin: Admin;
  createTopic(topic: string, partitions?: number): Promise<void>;
  produce(
    topic: string,
    values: readonly (string | null)[],
    fields?: { partition?: number; key?: string },
  ): Promise<void>;
  /** One value a line, by kcat (librdkafka). */
  kcat(kcat: string, topic: string, values: readonly string[], compression: string): Promise<void>;
  /** A batch of format 2, as it would lie in the broker's log; resolves with the broker's error code. */
  produceBatch(topic: string, partition: number, batch: Buffer): Promise<number>;
  /** The first `count` records of a topic. */
  read(topic: string, count: number): Promise<readonly ReadRecord[]>;
  close(): Promise<void>;
}

export interface ReadRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 60_000;
/** Of a partition whose topic was made a moment ago: unknown, without a leader, not yet led by this broker. */
const NOT_YET: readonly number[] = [3, 5, 6];

export async function kafkaCluster(broker: string): Promise<KafkaCluster> {
  // kafkajs waits a second for a connection, which is little when the machine is busy.
  const kafka = new kafkajs.Kafka({
    brokers: [broker],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: PATIENCE_MS,
    requestTimeout: PATIENCE_MS,
  });
  const admin = kafka.admin();
  await admin.connect();
  let producer: Promise<Producer> | undefined;
  let groups = 0;
  const producing = (): Promise<Producer> =>
    (producer ??= (async () => {
      const made = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      });
      await made.connect();
      return made;
    })());

  return {
    broker,
    admin,
    async createTopic(topic, partitions = 3) {
      await admin.createTopics({
        topics: [{ topic, numPartitions: partitions }],
        waitForLeaders: true,
        timeout: PATIENCE_MS,
      });
      await admin.fetchTopicOffsets(topic); // asked of the leaders, again until they know that they are
    },
    async produce(topic, values, fields = {}) {
      const { key, partition } = fields;
      await (
        await producing()
      ).send({
        topic,
        messages: values.map((value) => ({
          value,
          ...(key === undefined ? {} : { key }),
          ...(partition === undefined ? {} : { partition }),
        })),
      });
    },
    kcat: (kcat, topic, values, compression) =>
      new Promise((resolve, reject) => {
        const args = ["-b", broker, "-t", topic, "-P", "-z", compression, "-X", "linger.ms=100"];
        const child = spawn(kcat, args, { stdio: ["pipe", "ignore", "pipe"] });
        let problem = "";
        child.stderr.on("data", (chunk: Buffer) => (problem += chunk.toString()));
        child.once("error", reject);
        child.once("exit", (code) =>
          code === 0 ? resolve() : reject(new Error(`kcat ended with ${code}: ${problem}`)),
        );
        child.stdin.end(values.map((value) => `${value}\n`).join(""));
      }),
    async produceBatch(topic, partition, batch) {
      for (;;) {
        const code = await produceRaw(broker, topic, partition, batch);
        if (!NOT_YET.includes(code)) return code;
        await new Promise((again) => setTimeout(again, 50));
      }
    },
    async read(topic, count) {
      const consumer = kafka.consumer({ groupId: `reader-${++groups}-${topic}`, maxWaitTimeInMs: 100 });
      const records: ReadRecord[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
          records.push({
            partition,
            key: message.key?.toString() ?? null,
            value: message.value?.toString() ?? null,
            headers: Object.fromEntries(headers) as Record<string, string>,
          });
          if (records.length >= count) resolve();
        },
      });
      await promise;
      await consumer.disconnect();
      return records;
    },
    async close() {
      await (await producer)?.disconnect();
      await admin.disconnect();
    },
  };
}

/** Produce request, version 7 (zstd is refused below): https://kafka.apache.org/protocol#The_Messages_Produce */
function produceRaw(broker: string, topic: string, partition: number, batch: Buffer): Promise<number> {
  const int = (value: number, bytes: 2 | 4): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, 0, bytes);
    return buffer;
  };
  const text = (value: string): Buffer => Buffer.concat([int(value.length, 2), Buffer.from(value)]);
  const header = [int(0, 2), int(7, 2), int(1, 4), text("test")]; // produce, version, correlation, client
  const settings = [int(-1, 2), int(-1, 2), int(PATIENCE_MS, 4)]; // no transaction, acks all, timeout
  const data = [int(1, 4), text(topic), int(1, 4), int(partition, 4), int(batch.length, 4), batch];
  const request = Buffer.concat([...header, ...settings, ...data]);
  const [host, port] = broker.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    let answer = Buffer.alloc(0);
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      // length, correlation, topics, topic, partitions, partition, error code
      const at = 4 + 4 + 4 + 2 + topic.length + 4 + 4;
      if (answer.length < at + 2) return;
      socket.destroy();
      resolve(answer.readInt16BE(at));
    });
    socket.write(Buffer.concat([int(request.length, 4), request]));
  });
}
