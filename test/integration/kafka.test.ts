/** Collector and executor against a real Apache Kafka broker, with batches of kcat, of the Java client, and made by hand. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { wallClock } from "../../src/app/wall-clock.ts";
import { kafka } from "../../src/collectors/kafka.ts";
import type { Collector, CollectorDeps } from "../../src/component/define-collector.ts";
import type { HealthBoard } from "../../src/component/health.ts";
import { createIntake } from "../../src/component/intake.ts";
import { MAX_INFLATED_BYTES } from "../../src/component/support/kafka-codecs.ts";
import { emptyRecords } from "../../src/component/support/kafka-records.ts";
import type { Event } from "../../src/core/event/event.ts";
import { createHealthBoard } from "../../src/engine/health-board.ts";
import { kafka as kafkaExecutor } from "../../src/executors/kafka.ts";
import { findNormalizer } from "../../src/normalizers/find-normalizer.ts";
import { normalizers } from "../../src/normalizers/all.ts";
import { collectorWorld, type CollectorWorld } from "../kit/collector-world.ts";
import { createTestExecutor, executorItem, type TestExecutor } from "../kit/describe-executor.ts";
import { batchRecord, CODEC, recordBatch } from "../kit/kafka-batch.ts";
import { kafkaCluster, type KafkaCluster } from "../kit/kafka-cluster.ts";
import { until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const service = await startService("kafka", { SQUALL_KAFKA_SECURE: "1" });
const { brokers = "", sasl_ssl: secure = "", user = "", password = "", ca = "", kcat = "" } = service.info;
if (service.missing === null && kcat === "" && process.env["CI"] !== undefined)
  throw new Error("the Debian package kcat is missing");

describe.skipIf(service.missing)("Apache Kafka", () => {
  let cluster: KafkaCluster;
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    cluster = await kafkaCluster(brokers);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  afterAll(async () => {
    await cluster.close();
    await service.remove();
  });

  interface Reading {
    readonly world: CollectorWorld;
    readonly health: HealthBoard;
    readonly collector: Collector;
    events(): readonly Event[];
    letters(): readonly string[];
    /** `topic/partition/offset` of all events, in order. */
    places(): readonly string[];
  }

  /** A collector with its format, whose commits succeed at once. */
  async function read(file: Record<string, unknown>, format = "json"): Promise<Reading> {
    const intake = createIntake(
      {
        collectorId: "k",
        normalizer: findNormalizer(format, normalizers)!,
        mapping: null,
        trustMetadata: false,
        metadataFrom: {},
      },
      { uuid: (nowMs) => `uuid-${nowMs}` },
    );
    const placed: string[] = [];
    const world = collectorWorld({
      id: "k",
      commitAtOnce: true,
      intake(document, context) {
        placed.push(`${context.topic}/${context.partition}/${context.offset}`);
        return intake(document, context);
      },
    });
    const health = createHealthBoard(wallClock);
    const deps = { ...world.deps, clock: wallClock, health } as unknown as CollectorDeps; // it asks for no HTTP
    const options = kafka.options.parse({
      brokers: [brokers],
      group_id: `group-${Math.random().toString(36).slice(2)}`,
      from: "earliest",
      refresh: "1s",
      session_timeout: "30s", // a member that is away for so long on a busy machine reads again what it has read
      ...file,
    });
    const collector = kafka.create(options, deps);
    cleanups.push(() => collector.stop());
    await collector.start();
    return {
      world,
      health,
      collector,
      events: () => world.emissions.flatMap(({ emission }) => emission.arrivals.map(({ event }) => event)),
      letters: () => world.emissions.flatMap(({ emission }) => emission.rejected.map(({ reason }) => reason)),
      places: () => placed,
    };
  }

  const lines = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");
  const oneLine = (file: string): string => JSON.stringify(JSON.parse(readFileSync(file, "utf8")));

  describe("what senders write", () => {
    const winlogbeat = lines("test/fixtures/beats/winlogbeat-6.ndjson").slice(0, 20);
    const sysdig = ["monitor-alert-active", "monitor-alert-ok", "secure-policy-event"].map((name) =>
      oneLine(`test/fixtures/sysdig/${name}.json`),
    );
    const logstash = JSON.stringify({
      "@timestamp": "2026-11-21T10:00:00.000Z",
      "@version": "1",
      type: "syslog",
      message: "up",
    });

    test.each<[string, readonly string[], (events: readonly Event[]) => void]>([
      [
        "beats",
        winlogbeat,
        (events) => {
          expect(events).toHaveLength(winlogbeat.length);
          for (const { metadata } of events) expect(metadata["beats"]).toMatchObject({ beat: "winlogbeat" });
        },
      ],
      [
        "logstash",
        [logstash],
        ([event]) => expect(event).toMatchObject({ type: "syslog", payload: { message: "up" } }),
      ],
      [
        "sysdig",
        sysdig,
        (events) =>
          expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["sysdig.monitor", "sysdig.secure"])),
      ],
      [
        "json",
        ['{"n":1}', "5"],
        (events) => expect(events.map(({ payload }) => payload)).toEqual([{ n: 1 }, { value: 5 }]),
      ],
    ])("%s", async (format, values, check) => {
      const topic = `of-${format}`;
      await cluster.createTopic(topic, 1);
      await cluster.produce(topic, values);
      const reading = await read({ topics: [topic] }, format);
      await until(() => reading.places().length === values.length);
      await until(() => reading.world.emissions.length > 0);
      check(reading.events());
      expect(reading.letters()).toEqual([]);
    });
  });

  test("several topics and a pattern; a topic that is made later is found; what was read is not read again", async () => {
    for (const topic of ["logs-a", "logs-b", "plain-c"]) {
      await cluster.createTopic(topic, 2);
      await cluster.produce(topic, ['{"n":1}', '{"n":2}', '{"n":3}']);
    }
    const file = { topics: ["plain-c", "logs-a"], topic_pattern: "^logs-", group_id: "many" };
    const first = await read(file);
    await until(() => first.events().length === 9);
    await cluster.createTopic("logs-late");
    await cluster.produce("logs-late", ['{"n":4}']);
    await until(() => first.places().some((place) => place.startsWith("logs-late/")));
    await first.collector.stop();
    await cluster.produce("plain-c", ['{"n":5}']);
    const second = await read(file);
    await until(() => second.events().length > 0);
    expect(second.events().map(({ payload }) => payload)).toEqual([{ n: 5 }]);
    expect(new Set(first.places()).size).toBe(first.places().length);
  });

  test.skipIf(kcat === "").each(["gzip", "snappy", "lz4", "zstd"])(
    "%s, written by kcat, in order per partition",
    async (codec) => {
      const topic = `kcat-${codec}`;
      await cluster.createTopic(topic);
      const values = Array.from({ length: 5000 }, (_, n) =>
        JSON.stringify({ n, filler: `${"abc".repeat(n % 50)}${n * 7919}` }),
      );
      await cluster.kcat(kcat, topic, values, codec);
      const reading = await read({ topics: [topic] });
      await until(() => reading.events().length >= values.length);
      const read_ = reading.events().map(({ payload }) => payload["n"] as number);
      expect([...read_].sort((a, b) => a - b)).toEqual(values.map((_, n) => n));
      const offsets = new Map<string, number>();
      for (const place of reading.places()) {
        const [, partition, offset] = place.split("/");
        expect(Number(offset)).toBe((offsets.get(partition!) ?? -1) + 1);
        offsets.set(partition!, Number(offset));
      }
    },
  );

  test("batches of the Java client, and of nobody: snappy in xerial's frame, a bomb, too many records", async () => {
    const recorded = JSON.parse(readFileSync("test/fixtures/kafka/batches.json", "utf8")) as Record<string, string>;
    await cluster.createTopic("hostile", 1);
    const send = async (batch: Buffer): Promise<void> =>
      expect(await cluster.produceBatch("hostile", 0, batch)).toBe(0);
    await send(Buffer.from(recorded["java snappy"]!, "base64"));
    await send(Buffer.from(recorded["java lz4"]!, "base64"));
    await send(
      recordBatch(gzipSync(batchRecord("x".repeat(MAX_INFLATED_BYTES))), { codec: CODEC.gzip, timeMs: Date.now() }),
    );
    await send(Buffer.from(recorded["java zstd"]!, "base64"));
    const count = 100_000;
    const many = emptyRecords({ first: 0n, last: BigInt(count - 1), count });
    await send(recordBatch(gzipSync(many), { codec: CODEC.gzip, count, timeMs: Date.now() }));
    await cluster.produce("hostile", ["not json", null, '{"n":"last"}']);

    const { events, letters, health } = await read({ topics: ["hostile"] });
    await until(() => events().some(({ payload }) => payload["n"] === "last"));
    expect(events().map(({ payload }) => payload["n"])).toEqual([
      ...Array.from({ length: 20 }, (_, n) => n),
      ...Array.from({ length: 20 }, (_, n) => n),
      ...Array.from({ length: 20 }, (_, n) => n),
      "last",
    ]);
    expect(letters()).toEqual([
      `hostile, partition 0, offset 40: the batch from here on cannot be read: the batch inflates to more than ${MAX_INFLATED_BYTES} bytes`,
      expect.stringContaining("hostile, partition 0, offsets 61 to 100060: a batch of 100000 records"),
      expect.stringContaining("hostile, partition 0, offset 100061: not valid JSON"),
    ]);
    expect(health.reasons()).toEqual([]);
  });

  describe("security", () => {
    const tls = { ca_file: ca };
    test.each(["plain", "scram-sha-256", "scram-sha-512"])("sasl %s over TLS", async (mechanism) => {
      const topic = `sasl-${mechanism}`;
      await cluster.createTopic(topic);
      await cluster.produce(topic, ['{"n":1}']);
      const sasl = { mechanism, username: user, password };
      const { events } = await read({ topics: [topic], brokers: [secure], tls, sasl });
      await until(() => events().length === 1);
    });

    test("what is wrong is told in words, without the password, and hurts no other collector", async () => {
      await cluster.createTopic("fine");
      const login = { mechanism: "plain", username: user, password: "wrong-password" };
      const cases = [
        [{ brokers: [secure], tls, sasl: login }, "authentication", /refused the login/],
        [
          { brokers: [secure], tls, sasl: { ...login, mechanism: "scram-sha-512" } },
          "authentication",
          /refused the login/,
        ],
        [
          { brokers: [secure], tls, sasl: { mechanism: "oauth", token: "x" } },
          "authentication",
          /does not offer the sasl mechanism/,
        ],
        [
          { brokers: [secure], tls: {}, sasl: login },
          "unreachable",
          /^collector k: TLS with .* failed: unable to verify/,
        ],
        [{ brokers: [secure], tls: { ca_file: "/no/such/file" }, sasl: login }, "unreachable", /tls.ca_file: ENOENT/],
        [{ brokers: ["127.0.0.1:1"] }, "unreachable", /no answer from 127\.0\.0\.1:1: .*ECONNREFUSED/],
        [{ topics: ["no-such-topic"] }, "unknown_topic", /has no topic no-such-topic/],
      ] as const;
      const wrong = await Promise.all(cases.map(([file]) => read({ topics: ["fine"], ...file })));
      const right = await read({ topics: ["fine"] });
      await cluster.produce("fine", ['{"n":1}']);
      await until(() => right.events().length === 1);
      // On a busy machine a connection may not be made in time at first, and be refused for its reason at the next attempt.
      await until(() =>
        cases.every(([, code, words], at) =>
          wrong[at]!.health.reasons().some((reason) => reason.code === code && words.test(reason.message)),
        ),
      );
      for (const [at, [, code, message]] of cases.entries()) {
        const { health, world } = wrong[at]!;
        expect(health.reasons()).toMatchObject([
          { subject: "collector:k", code, message: expect.stringMatching(message) },
        ]);
        expect(world.log.join("\n")).not.toContain("wrong-password");
        expect(JSON.stringify(health.reasons())).not.toContain("wrong-password");
      }
    });
  });

  describe("executor", () => {
    const made: TestExecutor[] = [];
    const create = (
      options: Record<string, unknown> = {},
      more: Parameters<typeof createTestExecutor>[2] = {},
    ): TestExecutor => {
      const executor = createTestExecutor(kafkaExecutor, { brokers: [brokers], ...options }, more);
      made.push(executor);
      return executor;
    };
    afterAll(async () => {
      for (const { executor } of made) await executor.close?.();
    });

    test.each(["none", "gzip", "zstd"])(
      "a batch, compressed with %s, arrives whole and in order",
      async (compression) => {
        const topic = `out-${compression}`;
        await cluster.createTopic(topic);
        const items = Array.from({ length: 300 }, (_, n) =>
          executorItem({ topic, key: `h${n % 3}`, value: { n }, headers: { a: "b" } }, { idempotencyKey: `key-${n}` }),
        );
        expect(new Set((await create({ compression }).runBatch(items)).map(({ kind }) => kind))).toEqual(
          new Set(["delivered"]),
        );
        const records = await cluster.read(topic, 300);
        const seen = records.map(({ key, value, headers }) => ({
          key,
          n: (JSON.parse(value!) as { n: number }).n,
          headers,
        }));
        for (const { key, n, headers } of seen) {
          expect(key).toBe(`h${n % 3}`);
          expect(headers).toEqual({ a: "b", "squall-key": `key-${n}` });
        }
        for (const host of ["h0", "h1", "h2"]) {
          const order = seen.filter(({ key }) => key === host).map(({ n }) => n);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
        expect(new Set(seen.map(({ n }) => n)).size).toBe(300);
      },
    );

    test("what cannot be written, and what can beside it", async () => {
      await cluster.createTopic("out-mixed", 1);
      const { runBatch } = create();
      const large = "x".repeat(2_000_000);
      const outcomes = await runBatch(
        [
          { topic: "out-mixed", value: "1" },
          { topic: "out-mixed", value: large },
          { topic: "out-mixed", value: "3" },
          { topic: "out-mixed", value: "4", partition: 7 },
          { topic: "out-unknown", value: "5" },
        ].map((payload) => executorItem(payload)),
      );
      expect(outcomes).toMatchObject([
        { kind: "delivered" },
        { kind: "reject", reason: expect.stringMatching(/refused by the broker: .*larger/i) },
        { kind: "delivered" },
        { kind: "retry", giveUp: { code: "unknown_topic" } },
        { kind: "retry", giveUp: { code: "unknown_topic" } },
      ]);
      expect((await cluster.read("out-mixed", 2)).map(({ value }) => value)).toEqual(["1", "3"]);
    });

    test("with a login; a wrong one, a broker that is not there and an unknown authority are unavailable", async () => {
      await cluster.createTopic("out-login", 1);
      const payload = { topic: "out-login", value: "x" };
      const login = { mechanism: "scram-sha-512", username: user, password };
      const good = create({ brokers: [secure], tls: { ca_file: ca }, sasl: login });
      // As above: the first TLS handshake of a broker takes its time.
      await until(async () => (await good.run(payload)).kind === "delivered");
      const wrong = create({ brokers: [secure], tls: { ca_file: ca }, sasl: { ...login, password: "wrong-password" } });
      const outcomes = [
        await wrong.run(payload),
        await create({ brokers: ["127.0.0.1:1"] }).run(payload),
        await create({ brokers: [secure], tls: {}, sasl: login }).run(payload),
      ];
      expect(outcomes).toMatchObject([{ kind: "unavailable" }, { kind: "unavailable" }, { kind: "unavailable" }]);
      expect(JSON.stringify(outcomes)).not.toContain("wrong-password");
    });
  });

  test("a broker that goes away and comes back: reading and writing go on, and nothing is missing", async () => {
    await cluster.createTopic("outage", 2);
    const { executor, run } = createTestExecutor(kafkaExecutor, { brokers: [brokers] });
    cleanups.push(async () => executor.close?.());
    const write = async (n: number): Promise<string> =>
      (await run({ topic: "outage", key: `${n}`, value: { n } })).kind;
    for (let n = 0; n < 10; n++) expect(await write(n)).toBe("delivered");
    const reading = await read({ topics: ["outage"], session_timeout: "2s" });
    const numbers = (): ReadonlySet<unknown> => new Set(reading.events().map(({ payload }) => payload["n"]));
    await until(() => numbers().size === 10);
    await service.stop();
    expect(await write(10)).toBe("unavailable");
    await until(() => reading.health.reasons().some(({ code }) => code === "unreachable"));
    expect(reading.health.reasons()).toHaveLength(1);
    await service.start();
    for (let n = 10; n < 20; n++) await until(async () => (await write(n)) === "delivered");
    await until(() => numbers().size === 20);
    await until(() => reading.health.reasons().length === 0);
  });
});
