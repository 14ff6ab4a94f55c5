import type { DeadFilter, DeliveryQuery, DeliveryRecord, Page } from "../component/store.ts";
import type { DeadSelection, deliveryFilter, DeliveryView } from "./contract/deliveries.ts";
import type { z } from "zod";

/** The store's names → the API's, and back. */
export const viewOf = (record: DeliveryRecord): DeliveryView => ({
  id: record.id,
  state: record.state,
  kind: record.kind,
  executor: record.executor,
  rule_path: record.rulePath,
  collector: record.collector,
  event_id: record.eventId,
  key: record.key,
  order_key: record.orderKey,
  committed_ms: record.committedMs,
  settled_ms: record.settledMs,
  due_ms: record.dueMs,
  attempts: record.attempts,
  code: record.code,
  reason: record.reason,
  response: record.response,
  payload: record.payload,
});

export const pageView = (page: Page<DeliveryRecord>): { items: DeliveryView[]; next: string | null } => ({
  items: page.items.map(viewOf),
  next: page.next,
});

export const queryOf = ({ rule_path: rulePath, ...rest }: z.output<typeof deliveryFilter>): DeliveryQuery =>
  given({ ...rest, rulePath });

export const deadFilterOf = ({ all: _all, rule_path: rulePath, ...rest }: DeadSelection): DeadFilter =>
  given({ ...rest, rulePath });

/** Without the keys that are undefined: the store's types tell absent from undefined. */
function given<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }; // exactly those left
}
