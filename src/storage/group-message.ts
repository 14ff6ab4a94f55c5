/**
 * A group on its way to the worker: one message, packed, because cloning thousands of small objects costs more than
 * writing their rows. `keys` holds all keys one after the other, `texts` each name once, `cells` everything else in a
 * row, read back in the order written:
 *
 *   unit      events, dead letters, leases, then (executor, count) for each lease
 *   event     has identity (1 or 0), [received, expires,] deliveries
 *   delivery  executor, order key, rule path, collector, event id, event time, received, extra, payload
 *   dead      kind, collector, executor, rule path, event id, code, reason, payload, created
 *
 * Executors, rule paths and collectors are indexes into `texts`, -1 for null.
 */
import type { NewDeadLetter, Settlement, StoreUnit } from "../component/store.ts";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import { KEY_BYTES } from "./delivery-key.ts";
import { writeExtra } from "./delivery-row.ts";
import { KIND } from "./schema.ts";
import { ROW_BYTES } from "./space.ts";

export type Cell = string | number | null;

export interface GroupMessage {
  readonly nowMs: number;
  readonly settlements: readonly Settlement[];
  readonly units: number;
  /** No less than what the units add to the store (space.ts). */
  readonly maxBytes: number;
  readonly events: number;
  readonly deliveries: number;
  readonly texts: readonly string[];
  readonly keys: Uint8Array;
  readonly cells: readonly Cell[];
}

/** Events and deliveries are numbered through the whole group. */
export interface GroupReply {
  /** Per event: 1 if its identity was known. */
  readonly duplicates: Uint8Array;
  /** Per delivery: its id, negative if it was not leased, 0 if nothing was written. */
  readonly ids: Float64Array;
  /** Deliveries written under a suffixed key. */
  readonly renamed: readonly (readonly [delivery: number, key: Uint8Array])[];
  /** Units of which nothing was written, with the reason. */
  readonly refused: readonly (readonly [unit: number, message: string])[];
  readonly droppedDeadLetters: number;
}

export interface LeasingUnit {
  readonly unit: StoreUnit;
  readonly lease: Readonly<Record<string, number>>;
}

export function packGroup(
  nowMs: number,
  settlements: readonly Settlement[],
  units: readonly LeasingUnit[],
): GroupMessage {
  const cells: Cell[] = [];
  const texts: string[] = [];
  const indexes = new Map<string, number>();
  const keys: Uint8Array[] = [];
  let events = 0;
  let deliveries = 0;
  let deadLetters = 0;
  let payloadUnits = 0;
  const text = (value: string | null): number => {
    if (value === null) return -1;
    let index = indexes.get(value);
    if (index === undefined) {
      index = texts.push(value) - 1;
      indexes.set(value, index);
    }
    return index;
  };
  const packDelivery = (delivery: NewDelivery): void => {
    keys.push(delivery.key);
    payloadUnits += delivery.payload.length;
    cells.push(
      text(delivery.executor),
      delivery.orderKey,
      text(delivery.rulePath),
      text(delivery.collector),
      delivery.eventId,
      delivery.eventMs,
      delivery.receivedMs,
      writeExtra(delivery),
      delivery.payload,
    );
  };
  const packDeadLetter = (letter: NewDeadLetter): void => {
    const { kind, collector, executor, rulePath, eventId, code, reason, payload, createdMs } = letter;
    payloadUnits += payload.length;
    const where = [text(collector), text(executor), text(rulePath)] as const;
    cells.push(KIND[kind], ...where, eventId, code, reason, payload, createdMs);
  };
  for (const { unit, lease } of units) {
    const leases = Object.entries(lease);
    cells.push(unit.events.length, unit.deadLetters.length, leases.length);
    for (const [executor, count] of leases) cells.push(text(executor), count);
    for (const event of unit.events) {
      if (event.identity) {
        keys.push(event.identity.key);
        cells.push(1, event.identity.receivedMs, event.identity.expiresMs);
      } else {
        cells.push(0);
      }
      cells.push(event.deliveries.length);
      for (const delivery of event.deliveries) packDelivery(delivery);
      deliveries += event.deliveries.length;
    }
    for (const letter of unit.deadLetters) packDeadLetter(letter);
    events += unit.events.length;
    deadLetters += unit.deadLetters.length;
  }
  const joined = new Uint8Array(keys.length * KEY_BYTES);
  for (const [index, key] of keys.entries()) joined.set(key, index * KEY_BYTES);
  // A UTF-16 unit is at most three bytes of UTF-8.
  const maxBytes = payloadUnits * 3 + (deliveries + deadLetters) * ROW_BYTES;
  return { nowMs, settlements, units: units.length, maxBytes, events, deliveries, texts, keys: joined, cells };
}

/** Reads a group back. The caller asks for what comes next in the order above. */
export function groupReader(message: GroupMessage) {
  const { cells, keys, texts } = message;
  let cell = 0;
  let key = 0;
  // The packer wrote a number, a text, or a text or null where each is asked for.
  const number = (): number => cells[cell++] as number;
  return {
    number,
    string: (): string => cells[cell++] as string,
    nullable: (): string | null => cells[cell++] as string | null,
    name: (): string | null => texts[number()] ?? null,
    key: (): Uint8Array => keys.subarray(key, (key += KEY_BYTES)),
  };
}
