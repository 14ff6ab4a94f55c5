/**
 * 50,000 Beats records while the process is killed and members come and go. Every matching record reaches the target; what
 * reaches it twice was on its way at a kill or when partitions changed hands, and carries the same key.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { kafkaCluster, type KafkaCluster } from "../kit/kafka-cluster.ts";
import { sinkServer, type SinkServer } from "../kit/sink-server.ts";
import { configFolder, freePort, serve, until, type SquallProcess } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const service = await startService("kafka");
const PARTITIONS = 6;
const MATCHING = 10;
/** Requests that a killed process may have had under way, and settlements that were not written yet. */
const UNDER_WAY = 100;
/** Deliveries of records that are committed in one store but not yet told to the broker, when another takes over. */
const IN_HAND = (PARTITIONS * 1000) / 10;

describe.skipIf(service.missing)("50,000 records of Beats", () => {
  let cluster: KafkaCluster;
  let sink: SinkServer;
  const members: Member[] = [];

  interface Member {
    readonly folder: ReturnType<typeof configFolder>;
    readonly ports: { readonly port: number; readonly adminPort: number };
    process: SquallProcess | null;
  }

  beforeAll(async () => {
    cluster = await kafkaCluster(service.info["brokers"]!);
    await cluster.createTopic("beats", PARTITIONS);
    sink = await sinkServer();
    members.push(await member(), await member());
  });
  afterEach(async () => {
    for (const { process } of members) await process?.kill();
  });
  afterAll(async () => {
    await cluster?.close();
    await sink?.close();
    for (const { folder } of members) folder.remove();
    await service.remove();
  });

  /** An instance with a store of its own. */
  async function member(): Promise<Member> {
    const folder = configFolder({
      "config/squall.yaml": {
        executors: { sink: { type: "webhook", concurrency: 16 } },
        log: { level: "warn" },
      },
      "collectors/beats.yaml": {
        id: "beats",
        type: "kafka",
        brokers: [service.info["brokers"]],
        topics: ["beats"],
        group_id: "squall",
        from: "earliest",
        format: "beats",
        session_timeout: "2s",
      },
      "rules/all/010_errors.yaml": {
        constraint: { WHERE: { type: "equals", first: "${event.payload.log.level}", second: "error" } },
        actions: [
          { id: "sink", payload: { method: "POST", url: `${sink.url}/hook`, body: { n: "${event.payload.n}" } } },
        ],
      },
    });
    return { folder, ports: { port: await freePort(), adminPort: await freePort() }, process: null };
  }
  const start = async (one: Member): Promise<void> => {
    one.process = await serve({ dir: one.folder.dir, ...one.ports });
  };
  const kill = async (one: Member): Promise<void> => {
    await one.process!.kill();
    one.process = null;
  };
  const leave = async (one: Member): Promise<void> => {
    expect(await one.process!.stop()).toBe(0);
    one.process = null;
  };

  let written = 0;
  async function write(count: number): Promise<void> {
    const byPartition = Array.from({ length: PARTITIONS }, (): string[] => []);
    for (const end = written + count; written < end; written++)
      byPartition[written % PARTITIONS]!.push(record(written));
    await Promise.all(byPartition.map((values, partition) => cluster.produce("beats", values, { partition })));
  }
  /** Keys by the number of the record. */
  const keys = (): ReadonlyMap<number, readonly string[]> => {
    const found = new Map<number, string[]>();
    for (const { key, body } of sink.received) {
      const { n } = JSON.parse(body) as { n: number };
      found.set(n, [...(found.get(n) ?? []), key]);
    }
    return found;
  };
  const repeats = (): number => sink.received.length - keys().size;
  const arrived = (count: number) => (): boolean => sink.received.length >= count;

  test("killed five times while reading, then two members joining, leaving and being killed", async () => {
    const [one, other] = members as [Member, Member];
    await start(one);
    for (let round = 0; round < 5; round++) {
      await write(8000);
      // Somewhere in the middle of this round's records.
      await until(arrived((round * 8000 + 1000 + 900 * round) / MATCHING));
      await kill(one);
      await start(one);
    }
    await until(() => keys().size === written / MATCHING);
    expect(repeats()).toBeLessThanOrEqual(5 * UNDER_WAY);

    const before = repeats();
    const writing = (async () => {
      while (written < 50_000) {
        await write(1000);
        await until(() => written / MATCHING - keys().size < 300); // so that it lasts
      }
    })();
    const came = sink.received.length;
    await until(arrived(came + 100));
    await start(other);
    await until(arrived(came + 300));
    await leave(one);
    await until(arrived(came + 500));
    await start(one);
    await until(arrived(came + 700));
    await kill(other);
    await writing;
    await start(other); // its store holds what it had not delivered
    await until(() => keys().size === 50_000 / MATCHING);

    const all = keys();
    expect([...all.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, n) => n * MATCHING));
    for (const [n, each] of all) expect([n, new Set(each).size]).toEqual([n, 1]);
    expect(new Set([...all.values()].map(([key]) => key)).size).toBe(5000);
    expect(repeats() - before).toBeLessThanOrEqual(3 * IN_HAND);
    console.info(`repeats: ${before} after five kills, ${repeats() - before} as members came and went`);
  });
});

/** As Filebeat 7 writes it to Kafka, without an id of its own. */
function record(n: number): string {
  return JSON.stringify({
    "@timestamp": new Date(1_790_000_000_000 + n).toISOString(),
    "@metadata": { beat: "filebeat", type: "_doc", version: "7.17.29" },
    agent: { id: "5f3a6c1e-0000-4000-8000-000000000001", type: "filebeat", version: "7.17.29", hostname: "h1" },
    ecs: { version: "1.12.0" },
    event: { dataset: "shop.log" },
    host: { name: "h1" },
    input: { type: "log" },
    log: { offset: n * 64, file: { path: "/var/log/shop.log" }, level: n % MATCHING === 0 ? "error" : "info" },
    message: `order ${n} took ${n % 977} ms`,
    n,
  });
}
