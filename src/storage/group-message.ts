/**
 * A group on its way to the worker: packed, because cloning thousands of small objects and strings costs as much as
 * writing their rows. All texts and keys stand one after the other in `bytes` (UTF-8), all numbers in `numbers`; both are
 * handed over without a copy, and the texts go into the database without ever being strings again. Written and read in
 * this order, a text as its length in bytes among the numbers (-1 for null), a key as nothing:
 *
 *   unit      events, dead letters, leases, then (executor, count) for each lease
 *   event     has identity (1 or 0), [key, received, expires,] deliveries
 *   delivery  key, executor, order key, rule path, collector, event id, event time, received, extra, payload
 *   dead      kind, collector, executor, rule path, event id, code, reason, payload, created, event (-1: none)
 *
 * Executors, rule paths and collectors are indexes into `names`, -1 for null.
 */
import type { NewDeadLetter, Settlement, StoreUnit } from "../component/store.ts";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import type { Journal } from "./checkpoints.ts";
import { KEY_BYTES } from "./delivery-key.ts";
import { writeExtra } from "./delivery-row.ts";
import { KIND } from "./schema.ts";
import { ROW_BYTES } from "./space.ts";

export interface GroupMessage {
  readonly nowMs: number;
  readonly settlements: readonly Settlement[];
  readonly units: number;
  readonly events: number;
  readonly deliveries: number;
  /** No less than what the units add to the store (space.ts). */
  readonly maxBytes: number;
  readonly names: readonly string[];
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
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
  /** How long the writer had nothing to do before this group, and how long the disk took for it. */
  readonly idleMs: number;
  readonly syncMs: number;
  readonly journal: Journal;
}

export interface LeasingUnit {
  readonly unit: StoreUnit;
  readonly lease: Readonly<Record<string, number>>;
  /** About what it takes, so that the room for it need not grow; wrong only when texts are not ASCII. */
  readonly bytes?: number;
}

/** Each text is written where three times its length is free. */
const SPARE_BYTES = 8_192;

export function packGroup(
  nowMs: number,
  settlements: readonly Settlement[],
  units: readonly LeasingUnit[],
): GroupMessage {
  const names: string[] = [];
  const indexes = new Map<string, number>();
  let expected = 0;
  for (const unit of units) expected += unit.bytes ?? 0;
  let numbers = new Float64Array(4_096);
  let bytes = Buffer.allocUnsafeSlow(SPARE_BYTES + expected);
  let numbersEnd = 0;
  let bytesEnd = 0;
  let events = 0;
  let deliveries = 0;
  let deadLetters = 0;

  const number = (value: number): void => {
    if (numbersEnd === numbers.length) {
      const larger = new Float64Array(numbers.length * 2);
      larger.set(numbers);
      numbers = larger;
    }
    numbers[numbersEnd++] = value;
  };
  const reserve = (length: number): void => {
    if (bytesEnd + length <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, bytesEnd + length));
    bytes.copy(larger, 0, 0, bytesEnd);
    bytes = larger;
  };
  const text = (value: string | null): void => {
    if (value === null) return number(-1);
    // A UTF-16 unit is at most three bytes of UTF-8.
    reserve(value.length * 3);
    const length = bytes.write(value, bytesEnd);
    bytesEnd += length;
    number(length);
  };
  const key = (value: Uint8Array): void => {
    reserve(KEY_BYTES);
    bytes.set(value, bytesEnd);
    bytesEnd += KEY_BYTES;
  };
  const name = (value: string | null): void => {
    let index = value === null ? -1 : indexes.get(value);
    if (index === undefined) {
      // Not null: null has its index.
      index = names.push(value as string) - 1;
      indexes.set(value as string, index);
    }
    number(index);
  };
  const packDelivery = (delivery: NewDelivery): void => {
    key(delivery.key);
    name(delivery.executor);
    text(delivery.orderKey);
    name(delivery.rulePath);
    name(delivery.collector);
    text(delivery.eventId);
    number(delivery.eventMs);
    number(delivery.receivedMs);
    text(writeExtra(delivery));
    text(delivery.payload);
  };
  const packDeadLetter = (letter: NewDeadLetter): void => {
    number(KIND[letter.kind]);
    name(letter.collector);
    name(letter.executor);
    name(letter.rulePath);
    text(letter.eventId);
    text(letter.code);
    text(letter.reason);
    text(letter.payload);
    number(letter.createdMs);
    number(letter.ofEvent ?? -1);
  };
  for (const { unit, lease } of units) {
    const leases = Object.keys(lease);
    number(unit.events.length);
    number(unit.deadLetters.length);
    number(leases.length);
    for (const executor of leases) {
      name(executor);
      number(lease[executor]!);
    }
    for (const event of unit.events) {
      if (event.identity) {
        number(1);
        key(event.identity.key);
        number(event.identity.receivedMs);
        number(event.identity.expiresMs);
      } else {
        number(0);
      }
      number(event.deliveries.length);
      for (const delivery of event.deliveries) packDelivery(delivery);
      deliveries += event.deliveries.length;
    }
    for (const letter of unit.deadLetters) packDeadLetter(letter);
    events += unit.events.length;
    deadLetters += unit.deadLetters.length;
  }
  const maxBytes = bytesEnd + (deliveries + deadLetters) * ROW_BYTES;
  return { nowMs, settlements, units: units.length, events, deliveries, maxBytes, names, numbers, bytes };
}

/** What can be handed over without a copy. */
export const transferOf = ({ numbers, bytes }: GroupMessage): readonly ArrayBuffer[] => [numbers.buffer, bytes.buffer];

/** Reads a group back. The caller asks for what comes next in the order above. */
export function groupReader({ numbers, bytes }: GroupMessage) {
  let numberAt = 0;
  let byteAt = 0;
  const number = (): number => numbers[numberAt++]!;
  const take = (length: number): Uint8Array => {
    const from = byteAt;
    byteAt += length;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + from, length);
  };
  return {
    number,
    /** UTF-8. */
    text: (): Uint8Array => take(number()),
    textOrNull(): Uint8Array | null {
      const length = number();
      return length < 0 ? null : take(length);
    },
    key: (): Uint8Array => take(KEY_BYTES),
  };
}
