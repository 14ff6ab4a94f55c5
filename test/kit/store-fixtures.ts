import { hash } from "node:crypto";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventEffects, NewDeadLetter, StoreOptions, StoreUnit } from "../../src/component/store.ts";
import type { NewDelivery } from "../../src/core/delivery/delivery.ts";

/** 24 bytes that look like a key: hash locality, then the hash. */
export const keyOf = (text: string): Uint8Array => new Uint8Array(hash("sha256", text, "buffer")).slice(0, 24);

export const START_MS = 1_700_000_000_000;

/** A delivery named by its event id; everything else may be said. */
export const delivery = (eventId: string, fields: Partial<NewDelivery> = {}): NewDelivery => ({
  key: keyOf(`delivery ${eventId}`),
  executor: "icinga2",
  orderKey: null,
  payload: `{"event":"${eventId}"}`,
  rulePath: "root.main.rules.one",
  collector: "hook",
  eventId,
  eventMs: START_MS,
  receivedMs: START_MS,
  traceparent: null,
  settings: null,
  ...fields,
});

export const event = (...deliveries: readonly NewDelivery[]): EventEffects => ({ identity: null, deliveries });

/** An event whose identity is recorded, known for `forMs`. */
export const known = (id: string, receivedMs: number, forMs: number, ...deliveries: NewDelivery[]): EventEffects => ({
  identity: { key: keyOf(`identity ${id}`), receivedMs, expiresMs: receivedMs + forMs },
  deliveries,
});

export const unit = (...events: readonly EventEffects[]): StoreUnit => ({ events, deadLetters: [] });

/** One unit of one event of the named deliveries. */
export const unitOf = (...deliveries: readonly NewDelivery[]): StoreUnit => unit(event(...deliveries));

export const deadInput = (reason: string, fields: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
  kind: "input",
  collector: "hook",
  executor: null,
  rulePath: null,
  eventId: null,
  code: "unreadable",
  reason,
  payload: "{broken",
  createdMs: START_MS,
  ...fields,
});

export const storeOptions = (path: string, fields: Partial<StoreOptions> = {}): StoreOptions => ({
  path,
  retentionMs: 86_400_000,
  maxBytes: 2 ** 31,
  historyBytes: 2 ** 28,
  deadLetterBytes: 2 ** 28,
  ...fields,
});

/** An empty folder, in memory where there is such a file system: what is tested here is not the disk. */
export const storeFolder = (): string =>
  mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "squall-store-"));
