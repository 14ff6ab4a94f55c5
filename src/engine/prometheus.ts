/**
 * The metrics of the process, kept and printed by prom-client in a registry of its own. Label values are bounded: beyond
 * 1,000 of one label every further one counts as `other`, so that no sender or configuration can fill the memory.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../component/metrics.ts";

export interface Prometheus extends Metrics {
  /** In the text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface PrometheusOptions {
  /** Also those of the process: CPU, memory, event-loop lag, garbage collection. Default true. */
  readonly process?: boolean;
}

/** 0.5 ms to 10 s. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MAX_VALUES = 1000;

export function createPrometheus(options: PrometheusOptions = {}): Prometheus {
  const registry = new Registry();
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  const instruments = new Map<string, unknown>();

  /** Asking twice for one name gives the same instrument. */
  function once<T>(kind: string, name: string, make: () => T): T {
    const key = `${kind} ${name}`;
    const known = instruments.get(key);
    if (known !== undefined) return known as T; // made by the same kind of request before
    const made = make();
    instruments.set(key, made);
    return made;
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      once("counter", name, () => {
        const counter = new Counter({ name, help, labelNames: [...labels], registers: [registry] });
        const bound = boundedLabels(labels);
        return { inc: (values: Readonly<Record<L, string>>, count = 1) => counter.inc(bound(values), count) };
      }),
    gauge: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      once("gauge", name, () => {
        const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
        const bound = boundedLabels(labels);
        return {
          set: (values: Readonly<Record<L, string>>, value: number) => gauge.set(bound(values), value),
          remove: (values: Readonly<Record<L, string>>) => gauge.remove(bound(values)),
        };
      }),
    histogram: <L extends string>(name: string, help: string, labels: readonly L[] = [], buckets = BUCKETS_SECONDS) =>
      once("histogram", name, () => {
        const histogram = new Histogram({
          name,
          help,
          labelNames: [...labels],
          buckets: [...buckets],
          registers: [registry],
        });
        const bound = boundedLabels(labels);
        return {
          observe: (values: Readonly<Record<L, string>>, seconds: number) => histogram.observe(bound(values), seconds),
        };
      }),
  };
}

/** The labels of an instrument, with values beyond the bound replaced. */
function boundedLabels<L extends string>(
  names: readonly L[],
): (values: Readonly<Record<L, string>>) => Readonly<Record<L, string>> {
  const known = names.map((name) => ({ name, values: new Set<string>() }));
  return (given) => {
    let replaced: Record<L, string> | null = null;
    for (const { name, values } of known) {
      const value = given[name];
      if (values.has(value)) continue;
      if (values.size < MAX_VALUES) values.add(value);
      else {
        replaced ??= { ...given };
        replaced[name] = "other";
      }
    }
    return replaced ?? given;
  };
}
