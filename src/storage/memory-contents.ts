/** What the store in memory holds, and its forms outside. */
import type { DeliveryRecord, DeliveryState, NewDeadLetter } from "../component/store.ts";
import { keyText, type Delivery, type NewDelivery } from "../core/delivery/delivery.ts";
import { hexOf } from "./delivery-key.ts";
import { sortedList, type SortedList } from "./sorted-list.ts";
import { rowBytes } from "./space.ts";

export interface Row {
  readonly id: number;
  /** Another one after an attempt that it waits for. */
  delivery: Delivery;
  readonly keyHex: string;
  readonly committedMs: number;
  readonly bytes: number;
  state: DeliveryState;
  dueMs: number;
  attempts: number;
  settledMs: number | null;
  code: string | null;
  reason: string | null;
  response: string | null;
  /** Null once settled and not, or no longer, in the history. */
  payload: string | null;
}

export interface DeadRow {
  readonly id: number;
  /** Null: dead from the start, never a delivery; cannot be retried. */
  readonly row: Row | null;
  readonly letter: NewDeadLetter;
  readonly settledMs: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly response: string | null;
}

export interface Outbox {
  /** In id order. */
  readonly unsettled: Map<number, Row>;
  /** First unsettled of each order key, and all without one, by due time. */
  readonly heads: SortedList<Row>;
  readonly queues: Map<string, Row[]>;
  bytes: number;
}

export interface MemoryContents {
  nextId: number;
  readonly rows: Map<number, Row>;
  readonly byKey: Map<string, Row>;
  readonly seen: Map<string, number>;
  readonly outboxes: Map<string, Outbox>;
  readonly history: SortedList<Row>;
  historyBytes: number;
  readonly dead: Map<number, DeadRow>;
  readonly deadByAge: SortedList<DeadRow>;
  deadBytes: number;
}

export const byDue = (a: Row, b: Row): number => a.dueMs - b.dueMs || a.id - b.id;

export const memoryContents = (): MemoryContents => ({
  nextId: 1,
  rows: new Map(),
  byKey: new Map(),
  seen: new Map(),
  outboxes: new Map(),
  history: sortedList((a, b) => a.id - b.id),
  historyBytes: 0,
  dead: new Map(),
  deadByAge: sortedList((a, b) => a.settledMs - b.settledMs || a.id - b.id),
  deadBytes: 0,
});

export const newRow = (id: number, delivery: NewDelivery, nowMs: number): Row => ({
  id,
  delivery: { ...delivery, id, committedMs: nowMs, attempts: 0, giveUp: null },
  keyHex: hexOf(delivery.key),
  committedMs: nowMs,
  bytes: rowBytes(delivery.payload),
  state: "pending",
  dueMs: nowMs,
  attempts: 0,
  settledMs: null,
  code: null,
  reason: null,
  response: null,
  payload: delivery.payload,
});

export const recordOf = (row: Row): DeliveryRecord => ({
  id: row.id,
  state: row.state,
  kind: "delivery",
  executor: row.delivery.executor,
  rulePath: row.delivery.rulePath,
  collector: row.delivery.collector,
  eventId: row.delivery.eventId,
  key: keyText(row.delivery.key),
  orderKey: row.delivery.orderKey,
  committedMs: row.committedMs,
  settledMs: row.settledMs,
  dueMs: row.state === "waiting" ? row.dueMs : null,
  attempts: row.attempts,
  code: row.code,
  reason: row.reason,
  response: row.response,
  payload: row.payload,
});

export const deadRecordOf = ({ id, row, letter, settledMs, attempts, response }: DeadRow): DeliveryRecord => ({
  id,
  state: "dead",
  kind: letter.kind,
  executor: letter.executor,
  rulePath: letter.rulePath,
  collector: letter.collector,
  eventId: letter.eventId,
  key: row && keyText(row.delivery.key),
  orderKey: row && row.delivery.orderKey,
  committedMs: letter.createdMs,
  settledMs,
  dueMs: null,
  attempts,
  code: letter.code,
  reason: letter.reason,
  response,
  payload: letter.payload,
});
