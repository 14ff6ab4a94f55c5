/**
 * The contract of an executor type. A type reports outcomes, nothing more: batching, retry, backoff, breaker, order,
 * dry run and dead letters are the dispatcher's.
 */
import type { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/delivery/outcome.ts";
import type { Clock } from "./clock.ts";
import type { Emit } from "./define-collector.ts";
import type { Logger } from "./logger.ts";
import type { Secret } from "./secret.ts";

/** How a payload path that is code must be escaped (core/template/escape.ts has one entry per kind). */
export type CodeKind = "icinga-filter" | "url";
/** What a mustache template at a payload path renders; everything undeclared is plain. */
export type TextKind = "plain" | "json" | "html";

export interface ExecutorItem {
  /** Rendered, `{secret: name}` resolved. */
  readonly payload: JsonObject;
  /** What `printJson` gave for the payload, where that is at hand: parts that are sent as they are need no printing. */
  readonly payloadText?: string | undefined;
  /** Stable over repeats of the same delivery; hex. */
  readonly idempotencyKey: string;
  readonly rulePath: string;
  readonly eventId: string;
  /** `created_ms` of the event. */
  readonly eventMs: number;
  /** Counted attempts before this one. */
  readonly attempts: number;
  readonly traceparent: string | null;
  /** How many `event` actions in a row led to the event. */
  readonly hops: number;
}

/** The request as it would be sent, secrets masked: what a dry run logs. */
export interface RequestPreview {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * `signal` is that of the attempt until its outcome, and may be another's then: who listens to it stops listening.
 */
export interface Executor {
  /** Never throws for a bad payload (`reject`); a thrown error is a bug and becomes `retry`. */
  execute?(item: ExecutorItem, context: { readonly signal: AbortSignal }): Promise<Outcome>;
  /** One outcome per item, same length and order. */
  executeBatch?(items: readonly ExecutorItem[], context: { readonly signal: AbortSignal }): Promise<readonly Outcome[]>;
  preview(item: ExecutorItem): RequestPreview;
  close?(): Promise<void>;
}

export interface ExecutorDeps {
  /** The executor id of the configuration. */
  readonly id: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbound: OutboundSettings;
  /** The engine's door, for events that actions make. Resolves and rejects as a collector's `emit` does. */
  readonly emit: Emit;
  /** Values of the entry's `secrets:`; payloads may hold them, so they are masked in previews, reasons and answers. */
  readonly secrets?: readonly Secret[];
}

/** `outbound:` of the settings, with the executor's own over it. */
export interface OutboundSettings {
  readonly proxy?: string;
  readonly noProxy?: readonly string[];
  /** PEM text. */
  readonly ca?: string;
  /** Of one request, from connect to the last byte. Milliseconds. */
  readonly timeoutMs: number;
  /** Requests at once; the pool's size. */
  readonly concurrency: number;
}

export interface ExecutorExample {
  readonly title: string;
  /** As in `config/squall.yaml`, under `options`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly payload: JsonObject;
  /** What `preview` must give for it. */
  readonly request: RequestPreview;
}

export interface ExecutorType<O = unknown> {
  readonly type: string;
  readonly summary: string;
  readonly options: z.ZodType<O>;
  /** Checked at load against literal values, at run time against the rendered payload. */
  readonly payload: z.ZodType;
  /** Payload paths (dotted) that are code. */
  readonly code: Readonly<Record<string, CodeKind>>;
  /** Payload paths whose mustache templates are not plain text; may depend on the literal payload, and options as written. */
  readonly text?: (payload: JsonObject, options: JsonObject) => Readonly<Record<string, TextKind>>;
  /** True: the type itself keeps the order inside a batch. */
  readonly ordered?: boolean;
  /** Order key of a payload when `order_by` is not configured; finer where it is given the executor's options. */
  readonly defaultOrder?: (payload: JsonObject, options?: O) => string | null;
  /** Defaults over the dispatcher's for this type, such as `rate` for Slack or `batch` for Elasticsearch. */
  readonly defaults?: {
    readonly concurrency?: number;
    readonly rate?: { readonly perSecond: number; readonly burst: number };
    readonly batch?: { readonly maxItems: number; readonly maxBytes: number; readonly lingerMs: number };
  };
  readonly guarantees: string;
  readonly examples: readonly ExecutorExample[];
  /** Values among the options that must never be printed, beyond those of `secret()` schemas. */
  create(options: O, deps: ExecutorDeps): Executor;
}

export const defineExecutor = <S extends z.ZodType>(
  declaration: Omit<ExecutorType<z.output<S>>, "options"> & { readonly options: S },
): ExecutorType => declaration as unknown as ExecutorType;

/** A `{secret: name}` reference inside a payload, resolved when sending. */
export interface SecretReference {
  readonly secret: string;
}
export type SecretLookup = (name: string) => Secret | undefined;
