import { fork } from "node:child_process";
import { kafkaCluster } from "../../kit/kafka-cluster.ts";
import { sinkServer, type SinkServer } from "../../kit/sink-server.ts";
import { configFolder, until } from "../../kit/squall-process.ts";
import { startService } from "../../services/service.ts";
import { interleaved, median, WARM_UP, type Figure, type Gate } from "../gate.ts";
import type { KafkaAnswer, KafkaQuestion } from "../kafka-child.ts";
import { sampleConfig } from "../sample-config.ts";

const RULES = 100;
const PARTITIONS = 4;
/** At most in one emission: what is read before the first mark is seen. */
const PART = 250;
/** Records per request of the producer; a broker takes 1 MB. */
const WRITTEN = 250;

/**
 * Rate of reading a whole topic of a real broker: the whole app, offsets committed, against kafkajs that parses. Records per
 * second of the child's CPU, because the broker shares the cores.
 */
export const kafka: Gate = {
  name: "kafka",
  slow: true,
  async run({ quick, data }) {
    const service = await startService("kafka");
    if (service.missing !== null) return [];
    const cluster = await kafkaCluster(service.info["brokers"]!);
    const sink = await sinkServer();
    const child = fork("test/bench/kafka-child.ts", [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const reply = <T>(): Promise<T> =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null): void => reject(new Error(`the kafka child ended with ${code}`));
        child.once("exit", ended);
        child.once("message", (message) => {
          child.off("exit", ended);
          resolve(message as T);
        });
      });
    const ask = (question: KafkaQuestion): Promise<KafkaAnswer> => {
      const answer = reply<KafkaAnswer>();
      child.send(question);
      return answer;
    };
    try {
      await reply();
      const most = (quick ? 10_000 : 25_000) * PARTITIONS;
      const rounds = quick ? 3 : 5;
      const figures: Figure[] = [];
      for (const fires of [false, true]) {
        const topic = fires ? "firing" : "quiet";
        const count = fires ? most / 5 : most;
        await cluster.createTopic(topic, PARTITIONS);
        for (let partition = 0; partition < PARTITIONS; partition++) await fill(cluster, topic, partition, data.lines, count / PARTITIONS, fires);
        figures.push(await compare(topic, { count, rounds, sink: fires ? sink : null, broker: cluster.broker, ask }));
      }
      return figures;
    } finally {
      child.send("stop");
      await sink.close();
      await cluster.close();
      await service.remove();
    }
  },
};

/** The first record of a partition and the last are marked; 3 of 40 fire where that is asked for. */
async function fill(cluster: Awaited<ReturnType<typeof kafkaCluster>>, topic: string, partition: number, lines: readonly string[], count: number, fires: boolean): Promise<void> {
  const record = (n: number): string => {
    const line = lines[(partition * 7919 + n) % lines.length]!;
    if (n === 0 || n === count - 1) return `{"mark":"${n === 0 ? "first" : "last"}",${line.slice(1)}`;
    return fires && n % 40 < 3 ? `{"fire":true,${line.slice(1)}` : line;
  };
  for (let from = 0; from < count; from += WRITTEN) await cluster.produce(topic, Array.from({ length: WRITTEN }, (_, i) => record(from + i)), { partition });
}

interface Comparison {
  readonly count: number;
  readonly rounds: number;
  readonly sink: SinkServer | null;
  readonly broker: string;
  readonly ask: (question: KafkaQuestion) => Promise<KafkaAnswer>;
}

async function compare(topic: string, { count, rounds, sink, broker, ask }: Comparison): Promise<Figure> {
  const wall = { bare: [] as number[], squall: [] as number[] };
  let round = 0;
  const micros = await interleaved(rounds, {
    async bare() {
      const { wallMs, cpuMs } = await ask({ read: "bare", broker, topic, count });
      wall.bare.push((count / wallMs) * 1000);
      return (cpuMs * 1000) / count;
    },
    async squall() {
      const folder = configFolder(kafkaConfig(topic, broker, `squall-${topic}-${++round}`, sink?.url ?? null));
      const before = sink?.received.length ?? 0;
      try {
        const { wallMs, cpuMs } = await ask({ read: "squall", dir: folder.dir, marks: PARTITIONS });
        const counted = count - PART;
        if (sink) await allFired(sink, before, count);
        wall.squall.push((counted / wallMs) * 1000);
        return (cpuMs * 1000) / counted;
      } finally {
        folder.remove();
      }
    },
  });
  const perSecond = (values: readonly number[]): string => `${Math.round(median(values.slice(WARM_UP))).toLocaleString("en")}/s`;
  return {
    gate: sink ? "Kafka: consume, parse, match, commit; 7.5 % fire an HTTP action" : "Kafka: consume, parse, match, commit",
    floor: "bare kafkajs eachBatch and JSON.parse",
    value: (micros.bare / micros.squall) * 100,
    unit: "%",
    ...(sink ? {} : { atLeast: 70 }),
    detail: `rate per CPU: ${micros.squall.toFixed(1)} against ${micros.bare.toFixed(1)} µs a record, ${RULES} rules; by the clock, the broker on the same cores, ${perSecond(wall.squall)} against ${perSecond(wall.bare)}`,
  };
}

/** What is not delivered yet is when the app starts anew, so this only waits for what was read. */
async function allFired(sink: SinkServer, before: number, count: number): Promise<void> {
  const perPartition = Array.from({ length: count / PARTITIONS }, (_, n) => n).filter((n) => n % 40 < 3 && n !== 0 && n !== count / PARTITIONS - 1).length;
  await until(() => sink.received.length - before >= perPartition * PARTITIONS);
}

function kafkaConfig(topic: string, broker: string, group: string, sink: string | null): Record<string, unknown> {
  const fire = {
    name: "fire",
    constraint: { WHERE: { type: "equals", first: "${event.payload.fire}", second: true } },
    actions: [{ id: "sink", payload: { url: `${sink}/hook`, body: { event: "${event.payload}" } } }],
  };
  return {
    ...sampleConfig({ rules: RULES, sink: null }),
    ...(sink === null ? {} : { "rules/bench/999999_fire.json": fire }),
    "config/squall.yaml": { log: { level: "info" }, executors: { sink: { type: "webhook", concurrency: 64 } } },
    "collectors/in.yaml": { id: "in", type: "kafka", brokers: [broker], topics: [topic], group_id: group, from: "earliest" },
    "rules/bench/999998_mark.json": {
      name: "mark",
      constraint: { WHERE: { type: "exists", target: "${event.payload.mark}" } },
      actions: [{ id: "logger", payload: { mark: "${event.payload.mark}" } }],
    },
  };
}
