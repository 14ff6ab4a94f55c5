/**
 * One gate of the benchmark: a figure, always a ratio to a floor taken in the same run or a bound on time or memory,
 * against what it must be. A gate that finds a wrong answer (a count, a status) throws: then no figure counts.
 */
export interface Gate {
  readonly name: string;
  /** Left out of `--quick`. */
  readonly slow?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

export interface BenchContext {
  readonly quick: boolean;
  readonly data: BenchData;
}

export interface BenchData {
  /** Where they were looked for. */
  readonly folder: string;
  /** Where the documents come from, for the output. */
  readonly origin: string;
  /** JSON texts of events. */
  readonly lines: readonly string[];
}

export interface Figure {
  readonly gate: string;
  readonly floor: string;
  readonly value: number;
  readonly unit: "x" | "%" | "ms" | "s" | "MB";
  /** `atMost` or `atLeast`, and the aim that stands after "then". */
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly aim?: number;
  /** Absolute figures behind the ratio, for reading only. */
  readonly detail: string;
}

export const met = (figure: Figure): boolean =>
  (figure.atMost === undefined || figure.value <= figure.atMost) && (figure.atLeast === undefined || figure.value >= figure.atLeast);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}

/** Rounds that do not count: the first ones pay for compiling what later ones only run. */
export const WARM_UP = 2;

/** Runs the parts in turn, `rounds` times after the warm-up, and gives the median of each. */
export async function interleaved<K extends string>(rounds: number, parts: Readonly<Record<K, () => Promise<number> | number>>): Promise<Record<K, number>> {
  const names = Object.keys(parts) as K[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const name of names) {
      const value = await parts[name]();
      if (round >= 0) results[name].push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(results[name])])) as Record<K, number>;
}
