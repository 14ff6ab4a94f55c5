/**
 * Produces records. What waits is sent in one request per topic; it counts as delivered when all in-sync replicas have it
 * (acks all). A record that the broker will never take (too large, not allowed) is a reject; in a batch it is found by
 * halving, in order, so that the others are sent, and none before one that has to wait.
 *
 * A repeat after an unknown end (a timeout, a lost connection) is a second record with the same `squall-key` header; why
 * kafkajs's idempotent producer does not help is told in `kafka-client.ts`.
 */
import { z } from "zod";
import { defineExecutor, type Executor, type ExecutorDeps, type ExecutorItem } from "../component/define-executor.ts";
import { openKafka, type KafkaMessage, type KafkaProducer, type OpenKafka } from "../component/support/kafka-client.ts";
import { createKafkaConnection, kafkaConnectionOptions } from "../component/support/kafka-connection.ts";
import { readKafkaFailure } from "../component/support/kafka-failure.ts";
import { duration } from "../component/units.ts";
import { printDuration } from "../core/duration.ts";
import { printJson, type Json, type JsonObject } from "../core/json.ts";
import { delivered, reject, retry, unavailable, type Outcome } from "../core/delivery/outcome.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, redactValues } from "./support/redact.ts";

const text = () => z.union([z.string(), z.number(), z.bigint(), z.boolean()]).transform(String);

const optionsSchema = z.strictObject({
  ...kafkaConnectionOptions,
  compression: z.enum(["none", "gzip", "zstd"]).default("none").describe("Compression of what is sent."),
  create_topics: z
    .boolean()
    .default(false)
    .describe("Let the broker make a topic that does not exist, if it is set up to do so."),
  missing_for: duration()
    .default(600_000)
    .describe("How long a topic may be unknown before its deliveries are given up."),
});

const payloadSchema = z.looseObject({
  topic: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, { error: "expected 1 to 249 of the characters A-Z a-z 0-9 . _ -" })
    .describe("Topic to write to."),
  key: text().nullish().describe("Key of the record; records of one key go to one partition, in order."),
  value: z
    .custom<Json>((value) => value !== undefined, {
      error: "expected a value; null deletes the key of a compacted topic",
    })
    .describe("Value of the record: text as it is, everything else as JSON, null for none."),
  headers: z.record(z.string().min(1), text()).optional().describe("Headers of the record."),
  partition: z.number().int().min(0).optional().describe("Partition to write to; chosen by the key without it."),
});

export type KafkaExecutorOptions = z.output<typeof optionsSchema>;

const KEY_HEADER = "squall-key";

export const kafka = defineExecutor({
  type: "kafka",
  summary: "Writes records to Apache Kafka topics, many in one request, with the delivery key as a header.",
  options: optionsSchema,
  payload: payloadSchema,
  code: {},
  ordered: true,
  defaultOrder: ({ key }: JsonObject) =>
    key === undefined || key === null || typeof key === "object" ? null : String(key),
  // A broker takes 1 MB of one partition at once, with all that belongs to the records.
  defaults: { concurrency: 4, batch: { maxItems: 500, maxBytes: 786_432, lingerMs: 20 } },
  guarantees:
    "At least once, confirmed by all in-sync replicas, in order for one key; a repeat is a second record with the same `squall-key` header.",
  examples: [
    {
      title: "An alert, keyed by host",
      options: { brokers: ["127.0.0.1:9092"] },
      payload: { topic: "alerts", key: "h1", value: { host: "h1", state: "critical" }, headers: { source: "squall" } },
      request: {
        method: "PRODUCE",
        url: "kafka://127.0.0.1:9092/alerts",
        headers: { source: "squall", "squall-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: { key: "h1", value: { host: "h1", state: "critical" } },
      },
    },
    {
      title: "Text to one partition, over TLS with a password",
      options: {
        brokers: ["kafka-1:9093"],
        sasl: { mechanism: "scram-sha-512", username: "squall", password: "change-me" },
        tls: {},
      },
      payload: { topic: "lines", value: "disk full on h1", partition: 0 },
      request: {
        method: "PRODUCE",
        url: "kafka://kafka-1:9093/lines",
        headers: { "squall-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: { key: null, value: "disk full on h1", partition: 0 },
      },
    },
  ],
  create: (options, deps) => createKafkaExecutor(options, deps, openKafka),
});

/** What a request came to. */
interface Sent {
  readonly outcome: Outcome;
  /** The fault may be that of one message, or of their sum. */
  readonly divisible: boolean;
}
const whole = (outcome: Outcome): Sent => ({ outcome, divisible: false });

interface Entry {
  readonly topic: string;
  readonly message: KafkaMessage;
}

export function createKafkaExecutor(options: KafkaExecutorOptions, deps: ExecutorDeps, open: OpenKafka): Executor {
  const { clock, logger, outbound } = deps;
  const connection = createKafkaConnection(options, { clock, ca: outbound.ca });
  const redact = createRedactor([...connection.secrets, ...(deps.secrets ?? [])]);
  let producer: Promise<KafkaProducer> | undefined;

  const connect = async (): Promise<KafkaProducer> => {
    const client = await open(connection, logger);
    const made = client.producer({
      createTopics: options.create_topics,
      compression: options.compression,
      timeoutMs: outbound.timeoutMs,
    });
    await made.connect();
    return made;
  };
  /** One connection for all; after a failure the next delivery makes a new one. */
  const connected = (): Promise<KafkaProducer> =>
    (producer ??= connect().catch((error: unknown) => {
      producer = undefined;
      throw error;
    }));

  const outcomeOf = (error: unknown, topic: string): Sent => {
    const { fault, message } = readKafkaFailure(error, connection.brokers);
    const reason = redact(message);
    switch (fault) {
      case "unreachable":
      case "authentication":
        return whole(unavailable(reason));
      case "authorization":
        return whole(reject(reason));
      case "refused":
        return { outcome: reject(reason), divisible: true };
      case "unknown_topic":
        return whole(
          retry(`topic ${topic}: ${reason}`, { giveUp: { code: "unknown_topic", forMs: options.missing_for } }),
        );
      case "failed":
        return whole(retry(reason));
    }
  };

  async function sendAll(topic: string, messages: readonly KafkaMessage[], signal: AbortSignal): Promise<Outcome[]> {
    const { outcome, divisible } = await sendOnce(topic, messages, signal);
    if (!divisible || messages.length === 1) return messages.map(() => outcome);
    const half = Math.ceil(messages.length / 2);
    const first = await sendAll(topic, messages.slice(0, half), signal);
    const waits = first.find(({ kind }) => kind === "retry" || kind === "unavailable");
    const rest = messages.slice(half);
    return [...first, ...(waits ? rest.map(() => waits) : await sendAll(topic, rest, signal))];
  }

  async function sendOnce(topic: string, messages: readonly KafkaMessage[], signal: AbortSignal): Promise<Sent> {
    if (signal.aborted) return whole(retry("stopped before it was sent"));
    const { promise: late, resolve } = Promise.withResolvers<Sent>();
    const limit = outbound.timeoutMs;
    const cancel = clock.after(limit, () =>
      resolve(whole(retry(`no confirmation from the broker within ${printDuration(limit)}`))),
    );
    const stop = (): void => resolve(whole(retry("stopped before the broker confirmed it")));
    signal.addEventListener("abort", stop);
    try {
      return await Promise.race([late, produce(topic, messages)]);
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  async function produce(topic: string, messages: readonly KafkaMessage[]): Promise<Sent> {
    try {
      await (await connected()).send(topic, messages);
      return whole(delivered());
    } catch (error) {
      return outcomeOf(error, topic);
    }
  }

  return {
    async executeBatch(items, { signal }) {
      const outcomes: Outcome[] = Array.from({ length: items.length });
      const groups = new Map<
        string,
        { readonly topic: string; readonly at: number[]; readonly messages: KafkaMessage[] }
      >();
      for (const [at, item] of items.entries()) {
        const entry = entryOf(item);
        if (!entry.ok) {
          outcomes[at] = entry.error;
          continue;
        }
        const { topic, message } = entry.value;
        const name = `${topic}/${message.partition ?? ""}`;
        const group = groups.get(name) ?? { topic, at: [], messages: [] };
        groups.set(name, group);
        group.at.push(at);
        group.messages.push(message);
      }
      await Promise.all(
        [...groups.values()].map(async ({ topic, at, messages }) => {
          for (const [index, outcome] of (await sendAll(topic, messages, signal)).entries())
            outcomes[at[index]!] = outcome;
        }),
      );
      return outcomes;
    },
    preview(item) {
      const entry = entryOf(item);
      if (!entry.ok) return { body: redactJson(item.payload, redact) };
      const { topic, message } = entry.value;
      const { value } = item.payload;
      const place = message.partition === undefined ? {} : { partition: message.partition };
      return {
        method: "PRODUCE",
        url: redact(`kafka://${connection.brokers.join(",")}/${topic}`),
        headers: redactValues(message.headers, redact),
        body: redactJson({ key: message.key, value: value ?? null, ...place }, redact),
      };
    },
    async close() {
      const open = producer;
      producer = undefined;
      try {
        await (await open)?.close();
      } catch (error) {
        logger.debug({ err: error }, "the producer did not close in good order");
      }
    },
  };
}

function entryOf(item: ExecutorItem): Result<Entry, Outcome> {
  const payload = readPayload(payloadSchema, item.payload);
  if (!payload.ok) return payload;
  const { topic, key, value, headers, partition } = payload.value;
  if (topic === "." || topic === "..") return err(reject(`payload.topic: "${topic}" is no name of a topic`));
  return ok({
    topic,
    message: {
      key: key ?? null,
      value: value === null ? null : typeof value === "string" ? value : printJson(value),
      headers: {
        ...headers,
        [KEY_HEADER]: item.idempotencyKey,
        ...(item.traceparent === null ? {} : { traceparent: item.traceparent }),
      },
      ...(partition === undefined ? {} : { partition }),
    },
  });
}
