/**
 * The metrics of the process. prom-client measures the process and prints everything; it is loaded when either begins,
 * which is after the start. What the engine counts is kept here, one map look-up per observation, since some of it
 * happens for every event. Label values are bounded: beyond 1,000 of one label every further one counts as `other`, so
 * that no sender or configuration can fill the memory.
 */
import type { Metric, Registry } from "prom-client";
import type { Metrics } from "../component/metrics.ts";
import { boundedLabels, type Labels } from "./bounded-labels.ts";

export interface Prometheus extends Metrics {
  /** The process is measured from now on; printing begins with it too. */
  measureProcess(): Promise<void>;
  /** In the text format 0.0.4. */
  text(): Promise<string>;
}

export interface PrometheusOptions {
  /** Also those of the process: CPU, memory, event-loop lag, garbage collection. Default true. */
  readonly process?: boolean;
}

/** One printed line. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/** 0.5 ms to 10 s. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createPrometheus(options: PrometheusOptions = {}): Prometheus {
  const instruments = new Map<string, unknown>();
  const names = new Set<string>();
  /** Not in the registry yet. */
  let added: Metric[] = [];
  let opening: Promise<Registry> | null = null;

  async function openRegistry(): Promise<Registry> {
    const { collectDefaultMetrics, Registry } = await import("prom-client");
    const registry = new Registry();
    if (options.process ?? true) collectDefaultMetrics({ register: registry });
    return registry;
  }

  async function text(): Promise<string> {
    const registry = await (opening ??= openRegistry());
    for (const metric of added) registry.registerMetric(metric);
    added = [];
    return registry.metrics();
  }

  /** Asking twice for one name gives the same instrument. */
  function once<T>(type: "counter" | "gauge" | "histogram", name: string, make: () => T): T {
    const key = `${type} ${name}`;
    const known = instruments.get(key);
    if (known !== undefined) return known as T; // made by the same kind of request before
    const made = make();
    instruments.set(key, made);
    return made;
  }

  function register(type: string, name: string, help: string, samples: () => readonly Sample[]): void {
    if (names.has(name)) throw new Error(`the metric ${name} is there already, and no ${type}`);
    names.add(name);
    const metric = { name, help, type, get: async () => ({ name, help, type, values: samples(), aggregator: "sum" }) };
    added.push(metric as unknown as Metric); // the registry asks for `name` and `get` of a metric, no more
  }

  return {
    async measureProcess() {
      await (opening ??= openRegistry());
    },
    text,
    counter: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      once("counter", name, () => {
        const series = boundedLabels(labels, () => ({ value: 0 }));
        register("counter", name, help, () => series.list().map(({ labels: of, state }) => ({ labels: of, ...state })));
        if (labels.length === 0) series.at({});
        return { inc: (values: Labels, count = 1) => void (series.at(values).value += count) };
      }),
    gauge: <L extends string>(name: string, help: string, labels: readonly L[] = []) =>
      once("gauge", name, () => {
        const series = boundedLabels(labels, () => ({ value: 0 }));
        register("gauge", name, help, () => series.list().map(({ labels: of, state }) => ({ labels: of, ...state })));
        return {
          set: (values: Labels, value: number) => void (series.at(values).value = value),
          remove: (values: Labels) => series.remove(values),
        };
      }),
    histogram: <L extends string>(name: string, help: string, labels: readonly L[] = [], buckets = BUCKETS_SECONDS) =>
      once("histogram", name, () => {
        const series = boundedLabels(labels, () => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }));
        register("histogram", name, help, () =>
          series.list().flatMap(({ labels: of, state }) => histogramSamples(name, of, buckets, state)),
        );
        if (labels.length === 0) series.at({});
        return {
          observe(values: Labels, seconds: number) {
            const state = series.at(values);
            state.count++;
            state.sum += seconds;
            const at = buckets.findIndex((bound) => seconds <= bound);
            if (at >= 0) state.counts[at]!++;
          },
        };
      }),
  };
}

/** Buckets hold all that is up to their bound, the smaller ones included. */
function histogramSamples(
  name: string,
  labels: Labels,
  buckets: readonly number[],
  { counts, count, sum }: { readonly counts: readonly number[]; readonly count: number; readonly sum: number },
): readonly Sample[] {
  let upTo = 0;
  return [
    ...buckets.map((bound, at) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(bound) },
      value: (upTo += counts[at]!),
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
