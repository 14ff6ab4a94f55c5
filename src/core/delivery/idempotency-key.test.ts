import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText } from "./delivery.ts";
import { eventKeys, type DeliveryPlace, type EventIdentity } from "./idempotency-key.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const identity: EventIdentity = { collector: "hook", eventId: "e1", receivedMs: null };
const place: DeliveryPlace = {
  iteration: null,
  rulePath: "root.main.rules.one",
  list: "actions",
  executor: "icinga2",
  ordinal: 0,
  foreach: [],
};
const keyOf = (event: Partial<EventIdentity> = {}, at: Partial<DeliveryPlace> = {}): string =>
  hex(eventKeys({ ...identity, ...event }, sha256).delivery({ ...place, ...at }));

test("the key is SHA-256 over length-prefixed parts, as targets see it", () => {
  const text = "8:delivery4:hook2:e10:0:19:root.main.rules.one7:actions7:icinga21:00:";
  const key = eventKeys(identity, sha256).delivery(place);
  expect(key).toHaveLength(24);
  expect(keyText(key)).toBe(createHash("sha256").update(text).digest("hex").slice(0, 32));
});

test.each<[string, Partial<EventIdentity>, Partial<DeliveryPlace>]>([
  ["collector", { collector: "other" }, {}],
  ["event id", { eventId: "e2" }, {}],
  ["recorded time", { receivedMs: 1 }, {}],
  ["iteration", {}, { iteration: 0 }],
  ["iteration by name", {}, { iteration: "0" }],
  ["rule", {}, { rulePath: "root.main.rules.two" }],
  ["list", {}, { list: "resolve_actions" }],
  ["executor", {}, { executor: "icinga2_dc2" }],
  ["ordinal", {}, { ordinal: 1 }],
  ["foreach index", {}, { foreach: [0] }],
  ["nested foreach", {}, { foreach: [0, 1] }],
  ["a part moved over to its neighbour", { collector: "hooke", eventId: "1" }, {}],
])("another %s makes another key", (_, event, at) => expect(keyOf(event, at)).not.toBe(keyOf()));

test("an iterator over five elements gives five keys, and the same five again", () => {
  const keys = (): string[] => [0, 1, 2, 3, 4].map((iteration) => keyOf({}, { iteration }));
  expect(new Set(keys()).size).toBe(5);
  expect(keys()).toEqual(keys());
});

test("different causes and places never share a key", () => {
  const part = fc.stringMatching(/^[a:0-9.#,]{0,4}$/);
  const every = fc.record({
    collector: part,
    eventId: part,
    rulePath: part,
    executor: part,
    iteration: fc.option(fc.oneof(fc.nat(20), part)),
    ordinal: fc.nat(12),
    foreach: fc.array(fc.nat(12), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(every, every, (a, b) => {
      fc.pre(JSON.stringify(a) !== JSON.stringify(b));
      const key = ({ collector, eventId, ...rest }: typeof a) => keyOf({ collector, eventId }, rest);
      expect(key(a)).not.toBe(key(b));
    }),
    { numRuns: 500 },
  );
});

describe("locality", () => {
  const uuid = "0192f3a1-7c3e-7abc-8def-0123456789ab";
  const localityOf = (event: Partial<EventIdentity>) => keyOf(event).slice(0, 16);

  test.each([uuid, uuid.toUpperCase(), `${uuid}#3`])("of %s is the time in it", (eventId) =>
    expect(localityOf({ eventId })).toBe("0192f3a17c3e7abc"),
  );
  test.each([
    ["logs/3/258/1700000000000", "0003000000000102"],
    ["logs/3/258/1700000000000#2", "0003000000000102"],
    ["a/b/65535/281474976710655/0", "ffffffffffffffff"],
  ])("of a place in Kafka, %s, is its partition and offset", (eventId, locality) =>
    expect(localityOf({ eventId })).toBe(locality),
  );
  test("of later records of a partition sorts behind", () => {
    const keys = [9, 10, 4_294_967_296, 999_999_999_999].map((offset) =>
      localityOf({ eventId: `logs/3/${offset}/17` }),
    );
    expect([...keys].sort()).toEqual(keys);
  });
  test("of what only looks like a place is of the hash", () => {
    const ids = [
      "logs/3/281474976710656/1",
      "logs/3/9999999999999999/1",
      "logs/123456/1/1",
      "logs/3/1",
      "logs/3/1/1/x",
    ];
    for (const eventId of ids) expect(localityOf({ eventId })).not.toMatch(/^(0003|e240)/);
  });
  test("of a place does not come from the time of receipt", () =>
    expect(localityOf({ eventId: "logs/3/258/17", receivedMs: 1 })).toBe("0003000000000102"));
  test("of another id is stable over repeats, and shared by all deliveries of the event", () => {
    expect(localityOf({ eventId: "order-17" })).toBe(localityOf({ eventId: "order-17" }));
    expect(keyOf({}, { ordinal: 1 }).slice(0, 16)).toBe(keyOf().slice(0, 16));
    expect(localityOf({ eventId: "order-17" })).not.toBe(localityOf({ eventId: "order-18" }));
  });
  test("of an id known for a shorter time is the time of receipt", () =>
    expect(localityOf({ receivedMs: 1_700_000_000_000 })).toBe("0000018bcfe56800"));
});

describe("identity", () => {
  const identityOf = (event: Partial<EventIdentity>) => hex(eventKeys({ ...identity, ...event }, sha256).identity());

  test("is the same whenever the event was received", () => {
    expect(identityOf({ receivedMs: 1 })).toBe(identityOf({ receivedMs: 2 }));
    expect(identityOf({ receivedMs: 1 })).toBe(identityOf({}));
  });
  test("is of collector and event id", () => {
    const all = [identityOf({}), identityOf({ collector: "b" }), identityOf({ eventId: "e2" })];
    expect(new Set(all).size).toBe(3);
    expect(identityOf({})).toHaveLength(48);
  });
});
