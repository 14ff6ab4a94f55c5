/**
 * The contract of a collector type: it receives bytes, has them decoded, normalized and mapped (`deps.intake`), calls
 * `emit`, and acknowledges its sender when that resolves. It knows nothing of storage.
 */
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Arrival } from "../core/event/event.ts";
import type { Json } from "../core/json.ts";
import type { Result } from "../core/result.ts";
import type { Clock } from "./clock.ts";
import type { HealthBoard } from "./health.ts";
import type { InputContext } from "./define-normalizer.ts";
import type { HttpMount, OpenHttp } from "./http-mount.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

/** An input inside a batch that no normalizer could read; it becomes a dead letter. */
export interface RejectedInput {
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly reason: string;
  /** The input as text, cut to 64 KB by the collector. */
  readonly sample: string;
}

/** All that one request or record batch brings; committed as one transaction. */
export interface Emission {
  readonly arrivals: readonly Arrival[];
  readonly rejected: readonly RejectedInput[];
  /** Unit of time and order: the collector id, or collector/topic/partition. */
  readonly source: string;
  readonly receivedMs: number;
  readonly traceparent: string | null;
}

/**
 * Resolves when everything the emission causes is committed. Rejects with an AppError (`overloaded`, `commit_timeout`,
 * `store_full`, `disk_full`, `shutting_down` …): then the sender must be told to try again. An error means that
 * nothing was committed, except after `commit_timeout`, where a repeat is harmless.
 */
export type Emit = (emission: Emission) => Promise<void>;

/** One decoded document → arrivals, through the collector's normalizer, mapping and identity rules. */
export type Intake = (document: Json, context: InputContext) => Result<readonly Arrival[], string>;

export interface CollectorDeps {
  /** The collector id of the configuration. */
  readonly id: string;
  readonly intake: Intake;
  readonly emit: Emit;
  readonly http: HttpMount;
  /** For a protocol that wants host and port to itself. */
  readonly openHttp: OpenHttp;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  readonly limits: { readonly maxBodyBytes: number; readonly maxInFlightBytes: number; readonly jsonDepth: number };
  readonly memory: CollectorMemory;
  readonly process: ProcessDoor;
  /** Refused by reason, for `squall_events_rejected_total{collector,reason}`. */
  readonly countRejected: (reason: RejectReason, count?: number) => void;
}

/** A small value of the collector's own that outlives the process, such as how far a file was read. */
export interface CollectorMemory {
  /** Undefined: nothing was saved yet. */
  load(): Promise<Json | undefined>;
  save(value: Json): Promise<void>;
}

/** What a collector may ask of the process that it runs in. */
export interface ProcessDoor {
  /** Standard input. */
  readonly stdin: () => Readable;
  /** Stops it as a signal would, once what is committed was delivered or the shutdown deadline is over. */
  readonly finish: (reason: string) => void;
}

export type RejectReason =
  | "unauthorized"
  | "method_not_allowed"
  | "too_large"
  | "unsupported_type"
  | "bad_encoding"
  | "bad_json"
  | "too_deep"
  | "unreadable"
  | "overloaded"
  | "unavailable"
  | "aborted"
  /** A stream that does not follow its protocol; the connection is closed. */
  | "bad_frame"
  /** A sender that began something did not end it in time; the connection is closed. */
  | "timeout";

export interface Collector {
  /** Opens its input; resolves when it listens. */
  start(): Promise<void>;
  /** Refuses new work at once, resolves when what it took is answered. */
  stop(): Promise<void>;
}

export interface CollectorType<O = unknown> {
  readonly type: string;
  readonly summary: string;
  /** The type's own keys of a collector file; the common ones are in `component/collector-options.ts`. */
  readonly options: z.ZodType<O>;
  /** What `format` is when a collector file names none; absent: json. */
  readonly defaultFormat?: string;
  /** What its paths on the ingest listener begin with, so that no other takes them; undefined: none of its choice. */
  readonly mountsAt?: (options: O, id: string) => string | undefined;
  readonly guarantees: string;
  readonly examples: readonly { readonly title: string; readonly file: Readonly<Record<string, unknown>> }[];
  create(options: O, deps: CollectorDeps): Collector;
}

export const defineCollector = <S extends z.ZodType>(
  declaration: Omit<CollectorType<z.output<S>>, "options"> & { readonly options: S },
): CollectorType => declaration as unknown as CollectorType;
