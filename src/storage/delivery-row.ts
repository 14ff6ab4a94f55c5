/** The columns of an unsettled delivery as the worker hands them over, and back into a delivery. */
import type { ActionSettings, Delivery, NewDelivery } from "../core/delivery/delivery.ts";

/** Alias `d` is `delivery`. */
export const DELIVERY_COLUMNS =
  "d.id, d.key, d.rule, d.collector, d.order_key, d.event_id, d.event_ms, d.received_ms, d.committed_ms, d.attempts, d.give_up_code, d.give_up_ms, d.extra, d.payload";

/** In the order of DELIVERY_COLUMNS, with the numbers of rule and collector replaced by their texts. */
export type DeliveryRow = readonly [
  id: number,
  key: Uint8Array,
  rulePath: string,
  collector: string,
  orderKey: string | null,
  eventId: string,
  eventMs: number,
  receivedMs: number,
  committedMs: number,
  attempts: number,
  giveUpCode: string | null,
  giveUpMs: number | null,
  extra: string | null,
  payload: string,
];

export function deliveryOf(executor: string, row: DeliveryRow): Delivery {
  const [id, key, rulePath, collector, orderKey, eventId, eventMs, receivedMs, committedMs] = row;
  const [, , , , , , , , , attempts, giveUpCode, giveUpMs, extra, payload] = row;
  const { traceparent, settings, hops } = readExtra(extra);
  const giveUp = giveUpCode === null || giveUpMs === null ? null : { code: giveUpCode, sinceMs: giveUpMs };
  return {
    id,
    key,
    executor,
    orderKey,
    payload,
    rulePath,
    collector,
    eventId,
    eventMs,
    receivedMs,
    traceparent,
    settings,
    ...(hops === undefined ? {} : { hops }),
    committedMs,
    attempts,
    giveUp,
  };
}

interface Extra {
  readonly traceparent: string | null;
  readonly settings: ActionSettings | null;
  readonly hops?: number | undefined;
}

/** What few deliveries have, as one JSON text; null: none of it. */
export const writeExtra = ({ traceparent, settings, hops }: NewDelivery): string | null =>
  traceparent === null && settings === null && hops === undefined
    ? null
    : JSON.stringify({ traceparent, settings, hops } satisfies Extra);

// Written by `writeExtra` alone.
const readExtra = (extra: string | null): Extra =>
  extra === null ? { traceparent: null, settings: null } : (JSON.parse(extra) as Extra);
