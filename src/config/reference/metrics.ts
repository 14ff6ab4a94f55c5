/**
 * Metrics are declared where they are counted, as `metrics.counter("name", "meaning", ["label"])`; their reference is read
 * from those lines.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface MetricDeclaration {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly meaning: string;
  readonly labels: readonly string[];
}

const DECLARATION =
  /\.(counter|gauge|histogram)(?:<[^>()]*>)?\(\s*"(squall_\w+)",\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*\[([^\]]*)\])?/g;

/** By name. `folder` holds the sources. */
export function declaredMetrics(folder: string): readonly MetricDeclaration[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|js)$/.test(file) && !/\.(test|d)\.ts$/.test(file))
    .sort();
  const metrics = new Map<string, MetricDeclaration>();
  for (const file of files)
    for (const metric of metricsIn(readFileSync(join(folder, file), "utf8")))
      if (!metrics.has(metric.name)) metrics.set(metric.name, metric);
  return [...metrics.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function metricsIn(source: string): readonly MetricDeclaration[] {
  return [...source.matchAll(DECLARATION)].map(([, kind, name, meaning, labels]) => ({
    kind: kind as MetricDeclaration["kind"], // one of the three in the pattern
    name: name!,
    meaning: JSON.parse(`"${meaning!}"`) as string,
    labels: [...(labels ?? "").matchAll(/"(\w+)"/g)].map(([, label]) => label!),
  }));
}
