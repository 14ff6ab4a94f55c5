/** The metrics a part may touch. Labels take few values; a sender can never choose one. Names carry units. */
export interface Metrics {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  /** Buckets in seconds; absent: 0.5 ms to 10 s. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
}

/** Asking twice for one name gives the same instrument. Label values go in the order of the label names. */
export interface Counter<L extends string> {
  inc(labels: Readonly<Record<L, string>>, count?: number): void;
}
export interface Gauge<L extends string> {
  set(labels: Readonly<Record<L, string>>, value: number): void;
  /** Drops the series of labels that are gone. */
  remove(labels: Readonly<Record<L, string>>): void;
}
export interface Histogram<L extends string> {
  observe(labels: Readonly<Record<L, string>>, seconds: number): void;
}

const nothing = { inc: () => undefined, set: () => undefined, remove: () => undefined, observe: () => undefined };
export const noMetrics: Metrics = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };
