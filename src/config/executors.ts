/**
 * `executors:` of the settings → one plan per entry: the options through the type's schema, and the dispatcher's
 * settings, each from the entry, else from the type, else by default.
 */
import type { ExecutorType } from "../component/define-executor.ts";
import { DEFAULT_DISPATCH, type DispatchSettings, type ExecutorPlan } from "../component/executor-plan.ts";
import type { TypeList } from "../component/type-list.ts";
import type { IssueSink } from "../core/diagnostic.ts";
import { isObject, printJson, type Json, type JsonObject } from "../core/json.ts";
import { orderKeyOf } from "../core/rule/action.ts";
import { checkName } from "../core/rule/names.ts";
import { readRetry } from "../core/rule/retry-settings.ts";
import { suggest } from "../core/suggest.ts";
import { compileTemplate } from "../core/template/template.ts";
import { configHash } from "./config-hash.ts";
import type { Resolved } from "./document/references.ts";
import { withoutNulls } from "./document/value-at.ts";
import { executorEntry, type ExecutorEntry } from "./executor-entry.ts";
import { resolveOptionFiles } from "./option-files.ts";
import { mergeOutbound, type Outbound } from "./outbound.ts";
import { readSchema } from "./schema/read-schema.ts";

export interface ExecutorSources {
  /** Of the whole `executors:` object. */
  readonly entries: Resolved;
  readonly issues: IssueSink;
  readonly outbound: Outbound;
  readonly dir: string;
  readonly types: TypeList<ExecutorType>;
}

export interface ReadExecutors {
  readonly plans: readonly ExecutorPlan[];
  /** Every id in the file, with its type where that is known: for checking actions although an entry has mistakes. */
  readonly targets: readonly {
    readonly id: string;
    readonly type: ExecutorType | undefined;
    readonly entry: JsonObject;
  }[];
}

/** There without an entry, as far as there is the type. */
const ALWAYS_THERE = ["logger", "event"];

export async function readExecutors({ entries, ...sources }: ExecutorSources): Promise<ReadExecutors> {
  if (!isObject(entries.value)) return { plans: [], targets: [] };
  const given = entries.value;
  const isType = (id: string): boolean => sources.types.names.includes(id);
  const missing = ALWAYS_THERE.filter((id) => isType(id) && !Object.hasOwn(given, id));
  const all: JsonObject = { ...given, ...Object.fromEntries(missing.map((id) => [id, {}])) };
  const read: (ReadExecutors["targets"][number] & { readonly plan: ExecutorPlan | null })[] = [];
  for (const id of Object.keys(all)) {
    const entry = withoutNulls(all[id] ?? {}, 1); // `logger:` with nothing behind it
    const at = sources.issues.at(id);
    const type = await typeOf(id, entry, sources.types, at);
    const plan = readEntry(
      id,
      type,
      { value: entry, references: entries.references.below(id) },
      { ...sources, issues: at },
    );
    read.push({ id, type, entry: isObject(entry) ? entry : {}, plan });
  }
  return { plans: read.flatMap(({ plan }) => (plan ? [plan] : [])), targets: read };
}

async function typeOf(
  id: string,
  entry: Json,
  types: TypeList<ExecutorType>,
  issues: IssueSink,
): Promise<ExecutorType | undefined> {
  const given = isObject(entry) ? entry["type"] : undefined;
  if (given !== undefined && typeof given !== "string") return undefined; // told by the entry's schema
  const name = given ?? id;
  const type = await types.load(name);
  if (type) return type;
  const suggestion = suggest(name, types.names);
  (given === undefined ? issues : issues.at("type")).error(
    given === undefined ? "no-type" : "unknown-type",
    given === undefined
      ? `the executor ${JSON.stringify(id)} has no type, and there is no type of that name`
      : `unknown executor type ${JSON.stringify(name)}`,
    { accepted: types.names.join(", "), ...(suggestion === undefined ? {} : { suggestion }) },
  );
  return undefined;
}

type EntrySources = Omit<ExecutorSources, "entries">;

function readEntry(
  id: string,
  type: ExecutorType | undefined,
  resolved: Resolved,
  sources: EntrySources,
): ExecutorPlan | null {
  const { issues } = sources;
  const name = checkName("executor", id, issues);
  const entry = readSchema(executorEntry, resolved, issues);
  const given = isObject(resolved.value) ? resolved.value["options"] : undefined;
  const optionIssues = issues.at("options");
  const files =
    type &&
    (given === undefined || isObject(given)) &&
    resolveOptionFiles(
      { value: given ?? {}, references: resolved.references.below("options") },
      type.options,
      sources.dir,
      optionIssues,
    );
  const options =
    type &&
    files &&
    readSchema(type.options, { value: files.value, references: resolved.references.below("options") }, optionIssues);
  if (entry === undefined) return null;
  const outbound = mergeOutbound(sources.outbound, entry.outbound, sources.dir, issues.at("outbound"));
  const dispatch = type && readDispatch(entry, type, options, issues);
  if (name === undefined || !type || !files || options === undefined || !dispatch) return null;
  return {
    id,
    type,
    options,
    secrets: entry.secrets,
    outbound: { ...outbound, timeoutMs: dispatch.timeoutMs, concurrency: dispatch.concurrency },
    dispatch,
    hash: configHash(
      id,
      type.type,
      printJson(resolved.value),
      printJson(files.value),
      JSON.stringify(outbound),
      ...files.texts,
    ),
  };
}

function readDispatch(
  entry: ExecutorEntry,
  type: ExecutorType,
  options: unknown,
  issues: IssueSink,
): DispatchSettings | null {
  const defaults = type.defaults ?? {};
  const retry = entry.retry === undefined ? DEFAULT_DISPATCH.retry : readRetry(entry.retry as Json, issues.at("retry")); // parsed JSON
  const order =
    entry.order_by === undefined
      ? undefined
      : compileTemplate(entry.order_by, ["payload", "alert"], issues.at("order_by"));
  if (entry.batch && !defaults.batch) {
    issues.at("batch").error("no-batches", `the executor type ${type.type} sends one delivery at a time`);
    return null;
  }
  if (retry === undefined || order === null) return null;
  const batch = defaults.batch ?? null;
  return {
    dryRun: entry.dry_run,
    concurrency: entry.concurrency ?? defaults.concurrency ?? DEFAULT_DISPATCH.concurrency,
    prefetch: entry.prefetch,
    rate: entry.rate
      ? {
          perSecond: entry.rate.per_second,
          burst: entry.rate.burst ?? Math.max(1, Math.ceil(entry.rate.per_second)),
        }
      : (defaults.rate ?? null),
    retry,
    breaker: { failures: entry.breaker.failures, openForMs: entry.breaker.open_for },
    orderOf: order
      ? (payload) => orderKeyOf(order, { payload })
      : (payload) => type.defaultOrder?.(payload, options) ?? null,
    timeoutMs: entry.timeout,
    batch: batch && {
      maxItems: entry.batch?.max_items ?? batch.maxItems,
      maxBytes: entry.batch?.max_bytes ?? batch.maxBytes,
      lingerMs: entry.batch?.linger ?? batch.lingerMs,
    },
    space: { maxShare: entry.outbox.max_share, onFull: entry.outbox.on_full },
  };
}
