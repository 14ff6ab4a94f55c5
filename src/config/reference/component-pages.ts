/** Pages of collectors, normalizers and executors. */
import { collectorOptions } from "../../component/collector-options.ts";
import type { CollectorType } from "../../component/define-collector.ts";
import type { ExecutorExample, ExecutorType } from "../../component/define-executor.ts";
import type { NormalizerType } from "../../component/define-normalizer.ts";
import { executorEntry } from "../executor-entry.ts";
import { code, jsonBlock, page, table, yamlBlock } from "./markdown.ts";
import { optionRows, optionTable, OPTION_HEAD, printDefault } from "./option-rows.ts";

export function collectorsPage(types: readonly CollectorType[]): string {
  return page(
    "Collectors",
    "A collector is a file in `collectors/`. Keys that every collector has:",
    table(OPTION_HEAD, optionTable(optionRows(collectorOptions))),
    ...types.flatMap((type) => [
      `## ${type.type}`,
      type.summary,
      type.guarantees,
      table(OPTION_HEAD, optionTable(optionRows(type.options))),
      ...type.examples.flatMap(({ title, file }) => [`${title}:`, yamlBlock(file)]),
    ]),
  );
}

export function normalizersPage(normalizers: readonly NormalizerType[]): string {
  return page(
    "Formats",
    "The `format` of a collector says how its documents are read. `auto` asks the formats below in this order which of them recognizes a document.",
    ...normalizers.flatMap(({ format, summary, examples }) => [
      `## ${format}`,
      summary,
      ...examples.flatMap(({ title, document, events }) => [
        `${title}:`,
        jsonBlock(document),
        "becomes",
        jsonBlock(events),
      ]),
    ]),
  );
}

/** With its defaults. */
const RETRY = {
  retry: {
    max_age: "24h",
    max_attempts: "none",
    backoff: { type: "exponential", initial: "1s", max: "5m", multiplier: 2, jitter: 0.2 },
  },
};

export function executorsPage(types: readonly ExecutorType[]): string {
  return page(
    "Executors",
    "An executor is an entry of `executors:` in `config/squall.yaml`; its key is what actions name as `id`. Keys that every entry has:",
    table(OPTION_HEAD, optionTable(optionRows(executorEntry))),
    "`retry` of an executor, and of an action, which takes its place as a whole:",
    yamlBlock(RETRY),
    "Other forms of `backoff` are `{type: fixed, delay: 10s, jitter: 0}` and `{type: list, delays: [1s, 5s, 10s], jitter: 0}`, whose last delay repeats.",
    ...types.flatMap((type) => [
      `## ${type.type}`,
      type.summary,
      type.guarantees,
      defaultsOf(type),
      "Options:",
      table(OPTION_HEAD, optionTable(optionRows(type.options))) || "none",
      "Payload:",
      table(OPTION_HEAD, optionTable(optionRows(type.payload))) || "any object",
      codeOf(type),
      ...type.examples.flatMap((example) => exampleOf(type.type, example)),
    ]),
  );
}

function defaultsOf({ defaults }: ExecutorType): string {
  if (!defaults) return "";
  const { concurrency, rate, batch } = defaults;
  const parts = [
    concurrency === undefined ? [] : [`concurrency: ${concurrency}`],
    rate ? [`rate: {per_second: ${rate.perSecond}, burst: ${rate.burst}}`] : [],
    batch
      ? [
          `batch: {max_items: ${batch.maxItems}, max_bytes: ${printDefault(batch.maxBytes, "size")}, linger: ${printDefault(batch.lingerMs, "duration")}}`,
        ]
      : [],
  ].flat();
  return parts.length === 0 ? "" : `Defaults of this type: ${parts.map(code).join(", ")}.`;
}

const codeOf = (type: ExecutorType): string =>
  Object.keys(type.code).length === 0
    ? ""
    : `Placeholders in ${Object.keys(type.code).map(code).join(", ")} are escaped, and refused where that cannot be done; \`allow_dynamic_code\` lifts that.`;

const exampleOf = (type: string, { title, options, payload, request }: ExecutorExample): readonly string[] => [
  `${title}:`,
  yamlBlock({ executors: { [type]: { options } } }),
  yamlBlock({ actions: [{ id: type, payload }] }),
  "sends",
  jsonBlock(request),
];
