/**
 * What an operator asks of a consumer: how far behind it is, and whether its group is at rest. Lag is known from fetched
 * batches and looked up now and then, because a partition that brings nothing may be one that is not read.
 */
import type { Metrics } from "../component/metrics.ts";
import type { KafkaAssignment, KafkaPosition } from "../component/support/kafka-client.ts";

export interface KafkaMetrics {
  assigned(assignment: KafkaAssignment): void;
  rebalanced(): void;
  crashed(): void;
  tombstones(count: number): void;
  committed(positions: readonly KafkaPosition[]): void;
  highWatermark(topic: string, partition: number, offset: string): void;
  /** Nothing is read any more. */
  clear(): void;
}

/** Series of one collector; what is beyond is left out, for a pattern may find any number of topics. */
const MAX_SERIES = 500;

interface Progress {
  readonly labels: { readonly collector: string; readonly topic: string; readonly partition: string };
  next?: bigint;
  high?: bigint;
}

export function createKafkaMetrics(collector: string, metrics: Metrics): KafkaMetrics {
  const lag = metrics.gauge("squall_kafka_lag", "Records of a partition that are not committed yet.", [
    "collector",
    "topic",
    "partition",
  ]);
  const rebalances = metrics.counter("squall_kafka_rebalances_total", "Times the group divided its partitions anew.", [
    "collector",
  ]);
  const crashes = metrics.counter(
    "squall_kafka_crashes_total",
    "Consumers that ended by themselves and were replaced.",
    ["collector"],
  );
  const commits = metrics.counter("squall_kafka_commits_total", "Commits of offsets.", ["collector"]);
  const tombstones = metrics.counter("squall_kafka_tombstones_total", "Records without a value, which are skipped.", [
    "collector",
  ]);
  const partitions = new Map<string, Progress>();
  const show = ({ labels, next, high }: Progress): void => {
    if (next !== undefined && high !== undefined) lag.set(labels, Math.max(0, Number(high - next)));
  };
  const at = (topic: string, partition: number): Progress | undefined => partitions.get(`${topic}\n${partition}`);

  const assigned = (assignment: KafkaAssignment): void => {
    const wanted = Object.entries(assignment).flatMap(([topic, ids]) => ids.map((id) => [topic, id] as const));
    const keys = new Set(wanted.map(([topic, id]) => `${topic}\n${id}`));
    for (const [key, { labels }] of partitions)
      if (!keys.has(key)) {
        lag.remove(labels);
        partitions.delete(key);
      }
    for (const [topic, id] of wanted.slice(0, MAX_SERIES)) {
      const key = `${topic}\n${id}`;
      if (partitions.size < MAX_SERIES && !partitions.has(key))
        partitions.set(key, { labels: { collector, topic, partition: String(id) } });
    }
  };

  return {
    assigned,
    rebalanced: () => rebalances.inc({ collector }),
    crashed: () => crashes.inc({ collector }),
    tombstones: (count) => tombstones.inc({ collector }, count),
    committed(positions) {
      commits.inc({ collector });
      for (const { topic, partition, offset } of positions) {
        const progress = at(topic, partition);
        if (!progress) continue;
        progress.next = BigInt(offset);
        show(progress);
      }
    },
    highWatermark(topic, partition, offset) {
      const progress = at(topic, partition);
      if (!progress) return;
      progress.high = BigInt(offset);
      show(progress);
    },
    clear: () => assigned({}),
  };
}
