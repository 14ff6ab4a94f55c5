/**
 * Keys of events and deliveries (rule-language.md, Delivery key and Identity).
 *
 * A delivery key is SHA-256 over length-prefixed (cause, rule path, list, executor id, ordinal, foreach indexes); the
 * cause of a stateless rule is the event's identity and the iteration. The store keeps 24 bytes of it:
 *
 *     8 bytes of locality | first 16 bytes of the hash
 *
 * so that keys made together lie together in the store's index, and a random key does not cost a page of its own. The
 * locality may come only from what a repeat brings again, else the same delivery would get a second key:
 *
 *     event id a UUIDv7            its first 8 bytes: 48 bits of time, version, 12 random bits
 *     event id a place in Kafka    2 bytes of partition, 6 of offset (`topic/partition/offset/time`)
 *     known for a shorter time     the recorded time of receipt, which is part of the cause then (delivery keys only)
 *     any other id                 8 bytes of the hash of (collector, event id)
 *
 * Targets see only the hash half, as hex (`keyText`).
 */

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** What makes a repeated event known. */
export interface EventIdentity {
  readonly collector: string;
  readonly eventId: string;
  /** Set when the identity is known for a shorter time than the retention: a repeat after it is another event. */
  readonly receivedMs: number | null;
}

/** What one delivery is among all that its event causes. */
export interface DeliveryPlace {
  readonly iteration: number | string | null;
  readonly rulePath: string;
  readonly list: "actions" | "resolve_actions";
  readonly executor: string;
  readonly ordinal: number;
  readonly foreach: readonly number[];
}

export interface EventKeys {
  /** Key of the identity itself: the same whenever the event was received. */
  identity(): Uint8Array;
  delivery(place: DeliveryPlace): Uint8Array;
}

export function eventKeys(event: EventIdentity, sha256: Sha256): EventKeys {
  const { collector, eventId, receivedMs } = event;
  let hash: Uint8Array | undefined;
  const identityHash = (): Uint8Array => (hash ??= sha256(encode(["identity", collector, eventId])));
  const locality = uuid7Locality(eventId) ?? placeLocality(eventId);
  const stable = (): Uint8Array => locality ?? identityHash().subarray(16, 24);
  const own = (): Uint8Array => (receivedMs !== null && locality === null ? timeLocality(receivedMs) : stable());
  const cause = [collector, eventId, receivedMs === null ? "" : String(receivedMs)];
  return {
    identity: () => join(stable(), identityHash()),
    delivery({ iteration, rulePath, list, executor, ordinal, foreach }) {
      const parts = [
        "delivery",
        ...cause,
        iteration === null ? "" : typeof iteration === "number" ? `#${iteration}` : `.${iteration}`,
        rulePath,
        list,
        executor,
        String(ordinal),
        foreach.join(","),
      ];
      return join(own(), sha256(encode(parts)));
    },
  };
}

const utf8 = new TextEncoder();

/** Each part behind its length, so that no two lists of parts give the same bytes. */
function encode(parts: readonly string[]): Uint8Array {
  let text = "";
  for (const part of parts) text += `${part.length}:${part}`;
  return utf8.encode(text);
}

function join(locality: Uint8Array, hash: Uint8Array): Uint8Array {
  const key = new Uint8Array(24);
  key.set(locality.subarray(0, 8));
  key.set(hash.subarray(0, 16), 8);
  return key;
}

const UUID7 = /^([0-9a-f]{8})-([0-9a-f]{4})-(7[0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:#\d+)?$/i;

function uuid7Locality(eventId: string): Uint8Array | null {
  const found = UUID7.exec(eventId);
  if (!found) return null;
  const digits = found[1]! + found[2]! + found[3]!;
  return Uint8Array.from({ length: 8 }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** A partition below 65,536 and an offset that a double holds exactly; any other id is no such place, and nothing is lost. */
const PLACE = /\/(\d{1,5})\/(\d{1,15})\/\d+(?:#\d+)?$/;

function placeLocality(eventId: string): Uint8Array | null {
  const found = PLACE.exec(eventId);
  const offset = Number(found?.[2]);
  if (!found || offset >= 2 ** 48) return null;
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Number(found[1]));
  view.setUint16(2, Math.floor(offset / 2 ** 32));
  view.setUint32(4, offset);
  return bytes;
}

/** Big-endian, so that later keys sort behind earlier ones. */
function timeLocality(ms: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, Math.trunc(ms))));
  return bytes;
}
