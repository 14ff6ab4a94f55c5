/**
 * The store port: few verbs, no SQL. Two implementations (SQLite in a worker thread, memory) run one contract suite.
 *
 * A delivery is *ready* when it is unsettled, its time has come, it is the first unsettled one of its (executor,
 * order key) — every delivery without an order key is its own first — and it is not leased. A lease lives only in
 * memory: after a crash everything unsettled is pending.
 */
import type { Delivery, GiveUpClock, NewDelivery } from "../core/delivery/delivery.ts";

export interface Identity {
  /** 8 bytes of locality + 16 bytes of SHA-256 over (collector id, event id). */
  readonly key: Uint8Array;
  readonly receivedMs: number;
  /** From then on the identity is unknown again. */
  readonly expiresMs: number;
}

/** What one event causes. An event that causes nothing is not sent to the store. */
export interface EventEffects {
  /** Null: nothing recorded (generated ids). */
  readonly identity: Identity | null;
  readonly deliveries: readonly NewDelivery[];
}

/** An undecodable input, or a delivery that could not be rendered: dead from the start. */
export interface NewDeadLetter {
  readonly kind: "input" | "delivery";
  readonly collector: string;
  readonly executor: string | null;
  readonly rulePath: string | null;
  readonly eventId: string | null;
  /** Enumerated: `unreadable`, `template`, `internal`, `foreach_target` … */
  readonly code: string;
  readonly reason: string;
  readonly payload: string;
  readonly createdMs: number;
  /** Index of the event of the unit that it belongs to: where that one is a duplicate nothing is written. */
  readonly ofEvent?: number;
}

/** All that one request or record batch causes: committed whole or not at all. */
export interface StoreUnit {
  readonly events: readonly EventEffects[];
  readonly deadLetters: readonly NewDeadLetter[];
}

export interface CommitResult {
  /** Per event: was its identity known (then nothing of it was written)? */
  readonly duplicate: readonly boolean[];
  /** The deliveries of the unit that were leased to the caller, in id order (see `lease`). */
  readonly leased: readonly Delivery[];
  /** Executors with new unsettled deliveries that were not leased. */
  readonly waiting: readonly string[];
  /** Existing keys with another payload: delivered under a suffixed key; a bug to be counted and logged. */
  readonly collisions: number;
}

export interface Settlement {
  readonly id: number;
  readonly state: "delivered" | "superseded" | "waiting" | "dead";
  readonly attempts: number;
  readonly atMs: number;
  /** `waiting`: not before. */
  readonly untilMs?: number;
  readonly giveUp?: GiveUpClock | null;
  /** `dead`, `superseded`, and the last reason while waiting. */
  readonly code?: string;
  readonly reason?: string;
  /** Redacted and cut. */
  readonly response?: string;
}

/** Deliveries of one order key, in order; the first is ready. Without an order key: one delivery. */
export type Run = readonly Delivery[];

export interface Taken {
  readonly runs: readonly Run[];
  /** When the earliest waiting head becomes due; null: none waits. */
  readonly nextDueMs: number | null;
  /** Ready deliveries remain beyond `limit`. */
  readonly more: boolean;
}

/** Space limits of one executor (actions.md, `outbox:`). */
export interface ExecutorSpace {
  readonly maxShare: number;
  readonly onFull: "refuse" | "dead_letter_oldest";
}

export interface Store {
  /**
   * Commits a unit; resolves after it is durable. `lease` asks, per executor, for up to so many of the unit's ready
   * deliveries to be leased to the caller at once (the fast path: no `take` needed).
   * Rejects with AppError `store_full`, `disk_full` (nothing written), `store_failed` or `shutting_down`.
   */
  commit(unit: StoreUnit, lease?: Readonly<Record<string, number>>): Promise<CommitResult>;
  /** Leases ready deliveries of an executor, at most `limit` in all; a run holds at most `runLimit`. */
  take(executor: string, limit: number, nowMs: number, runLimit?: number): Promise<Taken>;
  /** Records outcomes and ends their leases. Batched inside; never awaited before the next request. */
  settle(settlement: Settlement): Promise<void>;
  /** Ends leases without an outcome. */
  release(ids: readonly number[]): void;
  /** Executors with unsettled deliveries, for start and for `executor_missing`. */
  pendingExecutors(): Promise<readonly string[]>;
  configureSpace(executors: Readonly<Record<string, ExecutorSpace>>): void;
  stats(): Promise<StoreStats>;

  listDeliveries(query: DeliveryQuery): Promise<Page<DeliveryRecord>>;
  getDelivery(id: number): Promise<DeliveryRecord | null>;
  /** Dead letters → pending again (kind `delivery` only), with attempts 0. Returns how many. */
  retryDead(filter: DeadFilter): Promise<number>;
  dropDead(filter: DeadFilter): Promise<number>;

  backup(file: string): Promise<void>;
  /** Integrity problems, empty when sound. */
  check(): Promise<readonly string[]>;
  /** Gives free pages back to the file system; returns bytes before and after. */
  compact(): Promise<{ readonly beforeBytes: number; readonly afterBytes: number }>;
  /** Retention, history and dead-letter bounds; called by a timer of the engine. */
  maintain(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

export type DeliveryState = "pending" | "waiting" | "delivered" | "superseded" | "dead";

export interface DeliveryRecord {
  readonly id: number;
  readonly state: DeliveryState;
  readonly kind: "delivery" | "input";
  readonly executor: string | null;
  readonly rulePath: string | null;
  readonly collector: string;
  readonly eventId: string | null;
  /** Hex, as the target sees it; null for inputs. */
  readonly key: string | null;
  readonly orderKey: string | null;
  readonly committedMs: number;
  readonly settledMs: number | null;
  readonly dueMs: number | null;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly response: string | null;
  /** JSON text; null once reclaimed. */
  readonly payload: string | null;
}

export interface DeliveryQuery {
  readonly state?: DeliveryState;
  readonly executor?: string;
  readonly rulePath?: string;
  readonly code?: string;
  /** From a page before. */
  readonly cursor?: string;
  /** At most 200. */
  readonly limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** All given conditions must hold; an empty filter means every dead letter. */
export interface DeadFilter {
  readonly id?: number;
  readonly executor?: string;
  readonly rulePath?: string;
  readonly code?: string;
}

export interface StoreStats {
  readonly executors: Readonly<
    Record<
      string,
      { readonly pending: number; readonly waiting: number; readonly dead: number; readonly oldestMs: number | null }
    >
  >;
  readonly deadInputs: number;
  readonly sizeBytes: number;
  readonly walBytes: number;
  readonly historyBytes: number;
  readonly deadLetterBytes: number;
  readonly freeBytes: number;
}

export interface StoreOptions {
  /** Path of the database file; its folder is made 0700. */
  readonly path: string;
  readonly retentionMs: number;
  readonly maxBytes: number;
  readonly historyBytes: number;
  readonly deadLetterBytes: number;
}
