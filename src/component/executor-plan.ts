/** One entry of `executors:` after loading: type, resolved options, and the dispatcher's settings for it. */
import type { RetrySettings } from "../core/delivery/delivery.ts";
import type { JsonObject } from "../core/json.ts";
import type { ExecutorType, OutboundSettings } from "./define-executor.ts";
import type { Secret } from "./secret.ts";
import type { ExecutorSpace } from "./store.ts";

export interface ExecutorPlan {
  readonly id: string;
  readonly type: ExecutorType;
  readonly options: unknown;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly outbound: OutboundSettings;
  readonly dispatch: DispatchSettings;
  /** Hash of everything resolved above; an unchanged instance is carried over a reload. */
  readonly hash: string;
}

export interface DispatchSettings {
  readonly dryRun: boolean;
  /** Requests at once (a batch is one request). */
  readonly concurrency: number;
  /** Deliveries held in memory. */
  readonly prefetch: number;
  readonly rate: { readonly perSecond: number; readonly burst: number } | null;
  readonly retry: RetrySettings;
  readonly breaker: { readonly failures: number; readonly openForMs: number };
  /** Order key of a rendered payload; null: no order. From `order_by`, else the type's default. */
  readonly orderOf: (payload: JsonObject) => string | null;
  readonly timeoutMs: number;
  readonly batch: { readonly maxItems: number; readonly maxBytes: number; readonly lingerMs: number } | null;
  readonly space: ExecutorSpace;
}

export const DEFAULT_DISPATCH: Omit<DispatchSettings, "orderOf"> = {
  dryRun: false,
  concurrency: 16,
  prefetch: 1000,
  rate: null,
  retry: {
    maxAgeMs: 86_400_000,
    maxAttempts: null,
    backoff: { type: "exponential", initialMs: 1000, maxMs: 300_000, multiplier: 2, jitter: 0.2 },
  },
  breaker: { failures: 10, openForMs: 30_000 },
  timeoutMs: 10_000,
  batch: null,
  space: { maxShare: 0.5, onFull: "refuse" },
};
