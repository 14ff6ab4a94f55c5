import { describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector, type Answer, type Sending } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import { fakeKafka, type FakeKafka } from "../../test/kit/fake-kafka.ts";
import { manualClock, type ManualClock } from "../../test/kit/manual-clock.ts";
import { AppError } from "../component/app-error.ts";
import type { Clock } from "../component/clock.ts";
import type { CollectorDeps } from "../component/define-collector.ts";
import type { HealthBoard } from "../component/health.ts";
import type { Metrics } from "../component/metrics.ts";
import { OversizedBatch } from "../component/support/kafka-unreadable.ts";
import { createKafkaCollector, kafka } from "./kafka.ts";
import { kafkaOptions } from "./kafka-options.ts";

const PASSWORD = "s3cret-of-the-group";
const FILE = { brokers: ["127.0.0.1:9092"], topics: ["logs"], group_id: "squall", from: "earliest" };

/** Timers that come at the next turn: what retries or commits after a while does so now. */
const hurried = (): Clock => {
  const clock = manualClock();
  return {
    ...clock,
    after(_, run) {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
};

describeCollector(kafka, {
  secrets: [PASSWORD],
  async open(world: CollectorWorld) {
    const cluster = fakeKafka();
    cluster.createTopic("logs");
    const file = { ...FILE, sasl: { mechanism: "plain", username: "u", password: PASSWORD } };
    const deps = { ...world.deps, clock: hurried() } as unknown as CollectorDeps; // it asks for no HTTP
    const collector = createKafkaCollector(kafkaOptions.parse(file), deps, cluster.open);
    await collector.start();
    const waiting: { readonly offset: bigint; readonly answer: (answer: Answer) => void }[] = [];
    cluster.onCommit(() => {
      const next = BigInt(cluster.committed.get("logs/0")!);
      for (const { offset, answer } of waiting) if (offset < next) answer("acknowledged");
    });
    const send = (document: unknown): Sending => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const offset = BigInt(cluster.append("logs", 0, { value: Buffer.from(JSON.stringify(document)) }));
      waiting.push({ offset, answer: resolve });
      return { answer: promise, vanish: () => resolve("lost") };
    };
    return {
      collector,
      send,
      // A broker takes a record whole or not at all.
      sendHalf() {
        const { promise, resolve } = Promise.withResolvers<Answer>();
        return { answer: promise, vanish: () => resolve("lost") };
      },
      close: async () => undefined,
    };
  },
});

interface Bench {
  readonly world: CollectorWorld;
  readonly cluster: FakeKafka;
  readonly clock: ManualClock;
  readonly health: HealthBoard;
  readonly gauges: ReadonlyMap<string, number>;
  readonly collector: ReturnType<typeof createKafkaCollector>;
}

const value = (document: unknown) => ({ value: Buffer.from(JSON.stringify(document)) });

async function withCollector(
  file: Record<string, unknown>,
  prepare: (cluster: FakeKafka) => void,
  run: (bench: Bench) => Promise<void>,
  options: CollectorWorldOptions & { batchRecords?: number } = {},
): Promise<void> {
  const world = collectorWorld({ id: "k", ...options });
  const cluster = fakeKafka(options.batchRecords === undefined ? {} : { batchRecords: options.batchRecords });
  prepare(cluster);
  const clock = manualClock();
  const reasons = new Map<string, Parameters<HealthBoard["raise"]>>();
  const health: HealthBoard = {
    raise: (...reason) => void reasons.set(`${reason[0]} ${reason[1]}`, reason),
    clear: (subject, code) => void reasons.delete(`${subject} ${code}`),
    reasons: () =>
      [...reasons.values()].map(([subject, code, message]) => ({
        subject,
        code,
        message,
        level: "degraded",
        sinceMs: 0,
      })),
  };
  const gauges = new Map<string, number>();
  const metrics: Metrics = {
    counter: (name) => ({
      inc: (labels, count = 1) => {
        const key = `${name} ${Object.values(labels).join(" ")}`;
        gauges.set(key, (gauges.get(key) ?? 0) + count);
      },
    }),
    gauge: (name) => ({
      set: (labels, amount) => void gauges.set(`${name} ${Object.values(labels).join(" ")}`, amount),
      remove: (labels) => void gauges.delete(`${name} ${Object.values(labels).join(" ")}`),
    }),
    histogram: () => ({ observe: () => undefined }),
  };
  const deps = { ...world.deps, clock, health, metrics } as unknown as CollectorDeps; // it asks for no HTTP
  const collector = createKafkaCollector(kafkaOptions.parse({ ...FILE, ...file }), deps, cluster.open);
  await collector.start();
  try {
    await run({ world, cluster, clock, health, gauges, collector });
  } finally {
    world.commitAll();
    const stopped = collector.stop();
    await clock.advance(60_000);
    await stopped;
  }
}

const codes = (health: HealthBoard): readonly string[] => health.reasons().map(({ code }) => code);
const payloads = (world: CollectorWorld) =>
  world.emissions.map(({ emission }) => emission.arrivals.map(({ event }) => event.payload));

describe("options", () => {
  test.each([
    [{ brokers: [] }, "brokers"],
    [{ brokers: ["kafka"] }, "HOST:PORT"],
    [{ topics: undefined }, "topics, topic_pattern or both"],
    [{ topic_pattern: "(" }, "at offset"],
    [{ group_id: "" }, "group_id"],
    [{ from: "newest" }, "earliest"],
    [{ sasl: { mechanism: "gssapi" } }, "mechanism"],
    [{ sasl: { mechanism: "oauth" } }, "token and token_url"],
    [{ sasl: { mechanism: "oauth", token_url: "https://idp/token" } }, "client_id and client_secret"],
    [{ tls: { cert_file: "a.crt" } }, "cert_file and key_file"],
  ])("%j is refused", (file, message) => {
    const read = kafkaOptions.safeParse({ ...FILE, ...file });
    expect(JSON.stringify(read.error?.issues)).toContain(message);
  });
});

describe("records", () => {
  test("come with their place, key, time, headers and ids", async () => {
    const seen: unknown[] = [];
    const intake: CollectorDeps["intake"] = (_document, context) => {
      const { topic, partition, offset, key, timestampMs, positionId, traceparent, headers, inputId } = context;
      seen.push({ topic, partition, offset, key, timestampMs, positionId, traceparent, headers, inputId });
      return { ok: true, value: [] };
    };
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const prepare = (cluster: FakeKafka): void => {
      cluster.createTopic("logs", 2);
      const headers = { Traceparent: traceparent, cookie: "secret", a: ["1", Buffer.from("2")], __proto__x: "y" };
      cluster.append("logs", 1, { ...value({ n: 1 }), key: Buffer.from("host-1"), headers });
      cluster.append("logs", 1, { ...value({ n: 2 }), timestamp: "5", headers: { "squall-key": "abc" } });
      cluster.append("logs", 1, {
        ...value({ n: 3 }),
        timestamp: "-1",
        headers: { "Idempotency-Key": "mine", traceparent: "x" },
      });
    };
    await withCollector({}, prepare, async () => until(() => seen.length === 3), { intake });
    expect(seen).toEqual([
      {
        topic: "logs",
        partition: 1,
        offset: "0",
        key: "host-1",
        timestampMs: 1_700_000_000_000,
        positionId: "logs/1/0/1700000000000",
        traceparent,
        headers: { traceparent, cookie: "***", a: "1, 2", __proto__x: "y" },
        inputId: undefined,
      },
      expect.objectContaining({
        offset: "1",
        timestampMs: 5,
        positionId: "logs/1/1/5",
        inputId: "abc",
        key: undefined,
      }),
      expect.objectContaining({ timestampMs: undefined, inputId: "mine", traceparent: undefined }),
    ]);
  });

  test("that cannot be read are dead letters with their place, and stop nothing; those without a value are skipped", () =>
    withCollector(
      {},
      (cluster) => {
        cluster.createTopic("logs");
        const stand = Buffer.from("");
        cluster.unreadable.set(stand, { reason: "the batch does not inflate" });
        for (const bytes of ['{"n":0}', "not json", '{"unreadable":1}', null, "", "[[[[1]]]]"])
          cluster.append("logs", 0, { value: bytes === null ? null : Buffer.from(bytes) });
        cluster.append("logs", 0, { value: Buffer.from([0x7b, 0xff]) });
        for (let n = 0; n < 3; n++) cluster.append("logs", 0, { value: stand });
        cluster.append("logs", 0, { value: Buffer.from('\uFEFF{"n":1}') });
      },
      async ({ world, cluster, gauges }) => {
        await until(() => cluster.committed.get("logs/0") === "11");
        expect(payloads(world)).toEqual([[{ n: 0 }, { n: 1 }]]);
        const { rejected } = world.emissions[0]!.emission;
        expect(rejected.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
          expect.stringMatching(/^1 logs, partition 0, offset 1: not valid JSON/),
          "2 logs, partition 0, offset 2: expected something readable, found unreadable",
          expect.stringMatching(/^4 logs, partition 0, offset 4: not valid JSON/),
          "5 logs, partition 0, offset 5: nested deeper than 3 levels",
          "6 logs, partition 0, offset 6: not valid UTF-8",
          "7 logs, partition 0, offset 7: the batch from here on cannot be read: the batch does not inflate",
        ]);
        expect(rejected[0]!.sample).toBe("not json");
        expect(world.rejected).toEqual({ bad_json: 2, unreadable: 1, too_deep: 1, bad_encoding: 2 });
        expect(gauges.get("squall_kafka_tombstones_total k")).toBe(1);
      },
      { commitAtOnce: true, jsonDepth: 3 },
    ));

  test("are UTF-8, and U+FFFD is a character like any other", () => {
    const bytes = [[0xef, 0xbf, 0xbd], [0xef, 0xbf, 0xbd, 0xff], [0xed, 0xa0, 0x80], [0xc3], [0xc3, 0xa9]];
    return withCollector(
      {},
      (cluster) => {
        cluster.createTopic("logs");
        for (const inner of bytes) cluster.append("logs", 0, { value: Buffer.from([0x22, ...inner, 0x22]) });
      },
      async ({ world, cluster }) => {
        await until(() => cluster.committed.get("logs/0") === "5");
        expect(payloads(world)).toEqual([[{ value: "\ufffd" }, { value: "é" }]]);
        const { rejected } = world.emissions[0]!.emission;
        expect(rejected.map(({ reason }) => reason)).toEqual(
          [1, 2, 3].map((offset) => `logs, partition 0, offset ${offset}: not valid UTF-8`),
        );
      },
      { commitAtOnce: true },
    );
  });

  test("a bug in a normalizer costs its record alone", () =>
    withCollector(
      {},
      (cluster) => {
        cluster.createTopic("logs");
        cluster.append("logs", 0, value({ n: 0 }));
      },
      async ({ world, cluster }) => {
        await until(() => cluster.committed.get("logs/0") === "1");
        expect(world.emissions[0]!.emission.rejected[0]!.reason).toMatch(/^internal: .*logs, partition 0, offset 0/);
      },
      {
        commitAtOnce: true,
        intake: () => {
          throw new Error("bug");
        },
      },
    ));

  test("as text", () =>
    withCollector(
      { value: "text" },
      (cluster) => {
        cluster.createTopic("logs");
        cluster.append("logs", 0, { value: Buffer.from("<34>Oct 11 su: failed") });
      },
      async ({ world }) => {
        await until(() => world.emissions.length === 1);
        expect(payloads(world)).toEqual([[{ value: "<34>Oct 11 su: failed" }]]);
      },
      { commitAtOnce: true },
    ));

  test("from latest: only what comes later", () =>
    withCollector(
      { from: "latest" },
      (cluster) => {
        cluster.createTopic("logs");
        cluster.append("logs", 0, value({ n: 0 }));
      },
      async ({ world, cluster }) => {
        await until(() => cluster.members.length === 1);
        cluster.append("logs", 0, value({ n: 1 }));
        await until(() => world.emissions.length === 1);
        expect(payloads(world)).toEqual([[{ n: 1 }]]);
      },
      { commitAtOnce: true },
    ));
});

describe("commits", () => {
  const filled = (partitions: number, count: number) => (cluster: FakeKafka) => {
    cluster.createTopic("logs", partitions);
    for (let partition = 0; partition < partitions; partition++)
      for (let n = 0; n < count; n++) cluster.append("logs", partition, value({ n, partition }));
  };

  test("a large batch goes in parts, each after the commit of the one before", () =>
    withCollector(
      {},
      filled(1, 600),
      async ({ world, cluster, clock }) => {
        for (const [at, size] of [250, 250, 100].entries()) {
          await until(() => world.emissions.length === at + 1);
          await turns(20);
          expect(world.emissions).toHaveLength(at + 1);
          expect(world.emissions[at]!.emission.arrivals).toHaveLength(size);
          world.emissions[at]!.commit();
        }
        await turns();
        expect(cluster.committed.get("logs/0")).toBe("250");
        await clock.advance(500);
        expect(cluster.committed.get("logs/0")).toBe("600");
      },
      { batchRecords: 5000 },
    ));

  test("a partition that waits is paused, the others go on, and it is resumed behind what it waited for", () =>
    withCollector({}, filled(2, 3), async ({ world, cluster, clock }) => {
      await until(() => world.emissions.length === 2);
      const [slow, fast] = world.emissions;
      fast!.commit();
      await clock.advance(300);
      expect(cluster.asked).toContain("pause logs/0");
      expect(cluster.asked).not.toContain("pause logs/1");
      cluster.append("logs", 1, value({ n: 3, partition: 1 }));
      cluster.append("logs", 0, value({ n: 3, partition: 0 }));
      await until(() => world.emissions.length === 3);
      expect(world.emissions[2]!.emission).toMatchObject({ source: "k/logs/1" });
      world.emissions[2]!.commit();
      slow!.commit();
      await until(() => world.emissions.length === 4);
      expect(cluster.asked.slice(-2)).toEqual(["seek logs/0=3", "resume logs/0"]);
      expect(payloads(world)[3]).toEqual([{ n: 3, partition: 0 }]);
    }));

  test.each(["overloaded", "commit_timeout", "store_full"] as const)(
    "after %s the same records are tried again, later each time, and the membership stays",
    (code) =>
      withCollector({}, filled(1, 2), async ({ world, cluster, clock }) => {
        for (let attempt = 0; attempt < 3; attempt++) {
          await until(() => world.emissions.length === attempt + 1);
          world.emissions[attempt]!.fail(new AppError(code, "not now"));
          await turns();
          expect(world.emissions).toHaveLength(attempt + 1);
          await clock.advance(5000);
        }
        await until(() => world.emissions.length === 4);
        world.emissions[3]!.commit();
        await until(() => cluster.committed.get("logs/0") === "2");
        expect(new Set(payloads(world).map((each) => JSON.stringify(each))).size).toBe(1);
        expect(cluster.asked.filter((asked) => asked.startsWith("join"))).toHaveLength(1);
      }),
  );

  test("offsets are sent before partitions change hands; what was in hand is dropped and read again in order", () =>
    withCollector(
      {},
      filled(1, 600),
      async ({ world, cluster, clock }) => {
        for (const at of [0, 1, 2]) {
          await until(() => world.emissions.length === at + 1);
          if (at < 2) world.emissions[at]!.commit();
        }
        expect(cluster.committed.get("logs/0")).toBe("250"); // the second is not due yet
        await clock.advance(300); // the batch is paused in the middle
        cluster.members[0]!.rebalance();
        await turns();
        expect(cluster.committed.get("logs/0")).toBe("500");
        expect(world.emissions).toHaveLength(3); // the third part is still on its way
        world.emissions[2]!.commit();
        await until(() => world.emissions.length === 4);
        expect(payloads(world)[3]![0]).toEqual({ n: 500, partition: 0 });
      },
      { batchRecords: 5000 },
    ));

  test("a partition that is gone is neither emitted nor committed further", () =>
    withCollector(
      {},
      filled(2, 600),
      async ({ world, cluster, clock }) => {
        await until(() => world.emissions.length === 2);
        await clock.advance(300);
        cluster.members[0]!.rebalance({ logs: [1] });
        await turns();
        for (const { commit } of world.emissions) commit();
        await turns();
        await clock.advance(1000);
        expect(cluster.committed.has("logs/0")).toBe(false);
        expect(world.emissions.slice(2).map(({ emission }) => emission.source)).toEqual(["k/logs/1"]);
      },
      { batchRecords: 5000 },
    ));

  test("offsets that could not be sent cost nothing but a repeat", () =>
    withCollector({}, filled(1, 2), async ({ world, cluster, clock }) => {
      cluster.failCommit(new Error("The group is rebalancing"));
      await until(() => world.emissions.length === 1);
      world.emissions[0]!.commit();
      await turns();
      cluster.failCommit(null);
      cluster.append("logs", 0, value({ n: 2 }));
      await until(() => world.emissions.length === 2);
      world.emissions[1]!.commit();
      await turns();
      await clock.advance(500);
      expect(cluster.committed.get("logs/0")).toBe("3");
    }));

  test("a stop sends the offsets of what it finished, and leaves the group last", () =>
    withCollector({}, filled(1, 2), async ({ world, cluster, clock, collector }) => {
      await until(() => world.emissions.length === 1);
      const stopped = collector.stop();
      await turns();
      expect(cluster.asked.at(-1)).not.toBe("leave");
      world.emissions[0]!.commit();
      await clock.advance(1);
      await stopped;
      expect(cluster.asked.slice(-2)).toEqual(["commit logs/0=2", "leave"]);
    }));

  test("lag is known from batches, commits and looking it up", () =>
    withCollector({ refresh: "10s" }, filled(2, 3), async ({ world, cluster, clock, gauges, collector }) => {
      await until(() => world.emissions.length === 2);
      world.emissions[0]!.commit();
      world.emissions[1]!.commit();
      await clock.advance(1000);
      expect(gauges.get("squall_kafka_lag k logs 0")).toBe(0);
      cluster.members[0]!.freeze();
      cluster.append("logs", 0, value({ n: 3 }));
      await clock.advance(10_000);
      expect(gauges.get("squall_kafka_lag k logs 0")).toBe(1);
      expect(gauges.get("squall_kafka_commits_total k")).toBeGreaterThan(0);
      await collector.stop();
      expect([...gauges.keys()].filter((key) => key.startsWith("squall_kafka_lag"))).toEqual([]);
    }));
});

describe("life", () => {
  const empty = (cluster: FakeKafka): void => cluster.createTopic("logs");

  test("a broker that is down at the start is in /health, tried again later each time, and read when it is there", () =>
    withCollector(
      {},
      (cluster) => {
        empty(cluster);
        cluster.failConnect(
          Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9092"), { name: "KafkaJSConnectionError" }),
        );
      },
      async ({ world, cluster, clock, health }) => {
        await until(() => health.reasons().length > 0);
        expect(health.reasons()).toMatchObject([
          {
            subject: "collector:k",
            code: "unreachable",
            message: "collector k: no answer from 127.0.0.1:9092: connect ECONNREFUSED 127.0.0.1:9092",
          },
        ]);
        const connects = (): number => cluster.asked.filter((asked) => asked === "connect").length;
        await clock.advance(1000);
        expect(connects()).toBe(2);
        await clock.advance(1000);
        expect(connects()).toBe(2);
        await clock.advance(1000);
        expect(connects()).toBe(3);
        cluster.failConnect(null);
        cluster.append("logs", 0, value({ n: 0 }));
        await clock.advance(4000);
        await until(() => world.emissions.length === 1);
        expect(codes(health)).toEqual([]);
      },
    ));

  test("a topic that is missing is named; the others are read, and it is read when it is made", () =>
    withCollector({ topics: ["logs", "late"] }, empty, async ({ cluster, clock, health }) => {
      await until(() => cluster.members.length === 1);
      expect(health.reasons()).toMatchObject([{ code: "unknown_topic", message: "the broker has no topic late" }]);
      cluster.createTopic("late");
      await clock.advance(5000);
      await until(() => cluster.members[0]?.topics.length === 2);
      expect(cluster.members.map(({ topics }) => topics)).toEqual([["late", "logs"]]);
      expect(codes(health)).toEqual([]);
    }));

  test("no topic at all is waited for", () =>
    withCollector({ topics: ["nothing"] }, empty, async ({ cluster, clock, health }) => {
      await until(() => health.reasons().length > 0);
      expect(codes(health)).toEqual(["unknown_topic"]);
      cluster.createTopic("nothing");
      await clock.advance(5000);
      await until(() => cluster.members.length === 1);
    }));

  test("a pattern finds topics, new ones too, and none of Kafka's own", () =>
    withCollector(
      { topics: undefined, topic_pattern: "s$" },
      (cluster) => {
        cluster.createTopic("logs");
        cluster.createTopic("other");
        cluster.createTopic("__consumer_offsets");
      },
      async ({ cluster, clock }) => {
        await until(() => cluster.members.length === 1);
        expect(cluster.members[0]!.topics).toEqual(["logs"]);
        cluster.createTopic("metrics");
        await clock.advance(30_000);
        await until(() => cluster.members[0]?.topics.length === 2);
        expect(cluster.members.map(({ topics }) => topics)).toEqual([["logs", "metrics"]]);
      },
    ));

  test("a consumer that crashed is replaced, and goes on behind what was committed", () =>
    withCollector({}, empty, async ({ world, cluster, clock, health, gauges }) => {
      cluster.append("logs", 0, value({ n: 0 }));
      await until(() => world.emissions.length === 1);
      world.emissions[0]!.commit();
      await until(() => cluster.committed.get("logs/0") === "1");
      cluster.append("logs", 0, value({ n: 1 }));
      await until(() => world.emissions.length === 2);
      cluster.members[0]!.crash(new Error("The coordinator is gone"));
      await until(() => health.reasons().length > 0);
      expect(health.reasons()).toMatchObject([{ code: "failed", message: "collector k: the coordinator is gone" }]);
      world.emissions[1]!.commit();
      await clock.advance(6000);
      await until(() => world.emissions.length === 3);
      expect(payloads(world)[2]).toEqual([{ n: 1 }]); // its offset could not be sent any more
      expect(codes(health)).toEqual([]);
      expect(gauges.get("squall_kafka_crashes_total k")).toBe(1);
    }));

  test("a batch of too many records is jumped over, with a dead letter of where it was", () =>
    withCollector(
      {},
      empty,
      async ({ world, cluster, clock }) => {
        for (let n = 0; n < 5; n++) cluster.append("logs", 0, value({ n }));
        await until(() => cluster.committed.get("logs/0") === "5");
        const range = { first: 5n, last: 9n, count: 1_000_000 };
        for (let n = 5; n < 12; n++) cluster.append("logs", 0, value({ n }));
        cluster.members[0]!.crash(new Error("crash", { cause: new OversizedBatch(range, 60_000) }));
        const before = world.emissions.length;
        await clock.advance(6000);
        await until(() => world.emissions.length >= before + 2);
        const [letter, next] = world.emissions.slice(before).map(({ emission }) => emission);
        expect(letter!.rejected[0]!.reason).toContain("logs, partition 0, offsets 5 to 9: a batch of 1000000 records");
        expect(next!.arrivals[0]!.event.payload).toEqual({ n: 10 });
      },
      { commitAtOnce: true },
    ));

  test("a consumer that has got stuck is replaced", () =>
    withCollector({}, empty, async ({ cluster, clock }) => {
      await until(() => cluster.members.length === 1);
      const [stuck] = cluster.members;
      stuck!.freeze();
      await clock.advance(200_000);
      await until(() => cluster.members.length === 1 && cluster.members[0] !== stuck);
    }));

  test("a stop while nobody answers does not wait", () =>
    withCollector(
      {},
      (cluster) => {
        empty(cluster);
        cluster.failConnect(new Error("connection refused"));
      },
      async ({ collector, health, clock }) => {
        await until(() => health.reasons().length > 0);
        await collector.stop();
        expect(codes(health)).toEqual([]);
        expect(clock.pending).toBe(0);
      },
    ));
});
