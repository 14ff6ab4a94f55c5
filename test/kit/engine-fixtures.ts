import { createHash } from "node:crypto";
import { z } from "zod";
import type { Emission } from "../../src/component/define-collector.ts";
import type { Executor, ExecutorItem, ExecutorType } from "../../src/component/define-executor.ts";
import { DEFAULT_DISPATCH, type DispatchSettings, type ExecutorPlan } from "../../src/component/executor-plan.ts";
import { silentLogger } from "../../src/component/logger.ts";
import { noMetrics } from "../../src/component/metrics.ts";
import type { Secret } from "../../src/component/secret.ts";
import type { Store } from "../../src/component/store.ts";
import { delivered, type Outcome } from "../../src/core/delivery/outcome.ts";
import type { Arrival } from "../../src/core/event/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { RenderedAction, RuleMatch } from "../../src/core/match/matcher.ts";
import { createDispatcher, type Dispatcher, type RunningExecutor } from "../../src/engine/dispatcher.ts";
import { createHealthBoard } from "../../src/engine/health-board.ts";
import { createMemoryStore, memoryContents, type MemoryContents } from "../../src/storage/memory-store.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";
import { storeOptions } from "./store-fixtures.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** No jitter, so that times can be told to the millisecond. */
export const PLAIN_RETRY = {
  maxAgeMs: 86_400_000,
  maxAttempts: null,
  backoff: { type: "fixed", delayMs: 1000, jitter: 0 },
} as const;

export interface FakeOptions {
  readonly dispatch?: Partial<DispatchSettings>;
  readonly type?: Partial<ExecutorType>;
  readonly secrets?: Readonly<Record<string, Secret>>;
  readonly hash?: string;
}

/** A plan and an executor made of functions. */
export function running(id: string, executor: Partial<Executor>, options: FakeOptions = {}): RunningExecutor {
  const type: ExecutorType = {
    type: "fake",
    summary: "A fake.",
    options: z.object({}),
    payload: z.looseObject({}),
    code: {},
    guarantees: "None.",
    examples: [],
    create: () => ({ preview: () => ({}) }),
    ...options.type,
  };
  const plan: ExecutorPlan = {
    id,
    type,
    options: {},
    secrets: options.secrets ?? {},
    outbound: { timeoutMs: 10_000, concurrency: 16 },
    dispatch: { ...DEFAULT_DISPATCH, retry: PLAIN_RETRY, orderOf: () => null, ...options.dispatch },
    hash: options.hash ?? id,
  };
  return { plan, executor: { preview: (item) => ({ body: item.payload }), ...executor } };
}

/** An executor that records what it is given and answers as told. */
export function recorder(answer: (item: ExecutorItem) => Outcome | Promise<Outcome> = () => delivered()): {
  readonly items: ExecutorItem[];
  readonly execute: NonNullable<Executor["execute"]>;
} {
  const items: ExecutorItem[] = [];
  return {
    items,
    execute: async (item) => {
      items.push(item);
      return answer(item);
    },
  };
}

export interface Bench {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly contents: MemoryContents;
  readonly dispatcher: Dispatcher;
  readonly health: ReturnType<typeof createHealthBoard>;
}

/** A dispatcher on a memory store; `contents` is the disk that a restart finds again. */
export function bench(
  executors: readonly RunningExecutor[],
  more: {
    readonly clock?: ManualClock;
    readonly contents?: MemoryContents;
    readonly wrap?: (store: Store) => Store;
  } = {},
): Bench {
  const clock = more.clock ?? manualClock();
  const contents = more.contents ?? memoryContents();
  const memory = createMemoryStore(storeOptions(":memory:"), { clock, logger: silentLogger }, contents);
  const store = more.wrap?.(memory) ?? memory;
  const health = createHealthBoard(clock);
  const dispatcher = createDispatcher({
    store,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    health,
    random: () => 0.5,
  });
  void dispatcher.configure(executors);
  dispatcher.start();
  return { clock, store, contents, dispatcher, health };
}

export const arrival = (id: string, fields: Partial<Arrival> & { readonly payload?: JsonObject } = {}): Arrival => ({
  event: { id, type: "test", created_ms: 1000, payload: fields.payload ?? {}, metadata: {}, trace_id: null },
  identity: fields.identity ?? "given",
  ...(fields.knownForMs === undefined ? {} : { knownForMs: fields.knownForMs }),
});

export const emission = (arrivals: readonly Arrival[], fields: Partial<Emission> = {}): Emission => ({
  arrivals,
  rejected: [],
  source: "hook",
  receivedMs: 1_700_000_000_000,
  traceparent: null,
  ...fields,
});

export const action = (id: string, fields: Partial<RenderedAction> = {}): RenderedAction => ({
  id,
  payload: {},
  settings: null,
  ordinal: 0,
  foreach: [],
  ...fields,
});

export const match = (
  path: string,
  actions: readonly RenderedAction[],
  fields: Partial<RuleMatch> = {},
): RuleMatch => ({
  path,
  status: "matched",
  extracted: {},
  actions,
  iteration: null,
  ...fields,
});
