import { expect, test } from "vitest";
import { action, arrival, match, sha256 } from "../../test/kit/engine-fixtures.ts";
import { effectsOf, type EffectsInput } from "./effects.ts";

const RECEIVED = 1_700_000_000_000;
const DAY = 86_400_000;
const context = {
  orderOf: (id: string) => (payload: object) => (id === "ordered" ? JSON.stringify(payload) : null),
  sha256,
  retentionMs: DAY,
  onBug: (error: unknown) => {
    throw error;
  },
};
const input = (fields: Partial<EffectsInput> = {}): EffectsInput => ({
  arrival: arrival("e1"),
  collector: "hook",
  receivedMs: RECEIVED,
  traceparent: null,
  ...fields,
});
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

test("no action, no effect", () => {
  expect(effectsOf(input(), [], context).effects).toBeNull();
  expect(effectsOf(input(), [match("root.r", [], { status: "partially_matched" })], context).effects).toBeNull();
});

test("an action becomes a delivery with all that its attempt needs", () => {
  const settings = { dryRun: true };
  const matches = [match("root.r", [action("ordered", { payload: { a: 1n }, settings })])];
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const { effects } = effectsOf(
    input({ traceparent }),
    matches.map((one) => ({ ...one, actions: one.actions.map((a) => ({ ...a, payload: { a: 1 } })) })),
    context,
  );
  expect(effects!.deliveries).toEqual([
    {
      key: expect.any(Uint8Array),
      executor: "ordered",
      orderKey: '{"a":1}',
      payload: '{"a":1}',
      rulePath: "root.r",
      collector: "hook",
      eventId: "e1",
      eventMs: 1000,
      receivedMs: RECEIVED,
      traceparent,
      settings,
    },
  ]);
  expect(effects!.identity).toEqual({ key: expect.any(Uint8Array), receivedMs: RECEIVED, expiresMs: RECEIVED + DAY });
});

test.each([
  ["its own order key", { orderKey: "k" }, "k"],
  ["its own wish for no order", { orderKey: null }, null],
  ["the executor's", {}, "{}"],
])("an action has %s", (_, fields, orderKey) => {
  const { effects } = effectsOf(input(), [match("root.r", [action("ordered", fields)])], context);
  expect(effects!.deliveries[0]!.orderKey).toBe(orderKey);
});

test("every action, iteration and foreach position has a key of its own, the same at each planning", () => {
  const actions = [action("a"), action("a", { ordinal: 1 }), action("b"), action("b", { ordinal: 1, foreach: [0] })];
  const matches = [0, 1, 2, 3, 4].map((iteration) => match("root.r", actions, { iteration }));
  const keys = () => effectsOf(input(), matches, context).effects!.deliveries.map(({ key }) => hex(key));
  expect(new Set(keys()).size).toBe(20);
  expect(keys()).toEqual(keys());
});

test("keys are the same when a repeat is received later, and others when the identity is known for less", () => {
  const matches = [match("root.r", [action("a")])];
  const plan = (knownForMs: number | undefined, receivedMs: number) => {
    const given = arrival("e1", knownForMs === undefined ? {} : { knownForMs });
    const { identity, deliveries } = effectsOf(input({ arrival: given, receivedMs }), matches, context).effects!;
    return { identity: hex(identity!.key), delivery: hex(deliveries[0]!.key), expiresMs: identity!.expiresMs };
  };
  expect(plan(undefined, RECEIVED + 5)).toMatchObject({ delivery: plan(undefined, RECEIVED).delivery });
  expect(plan(2 * DAY, RECEIVED)).toEqual(plan(undefined, RECEIVED));
  const short = plan(60_000, RECEIVED);
  const later = plan(60_000, RECEIVED + 60_001);
  expect(short.expiresMs).toBe(RECEIVED + 60_000);
  expect(later.identity).toBe(short.identity);
  expect(later.delivery).not.toBe(short.delivery);
});

test("with a cause that every reader of the input knows, keys do not depend on the time of receipt", () => {
  const key = (causeMs: number, receivedMs: number): string => {
    const read = { ...arrival("e1", { knownForMs: 60_000 }), causeMs };
    const { effects } = effectsOf(input({ arrival: read, receivedMs }), [match("root.r", [action("a")])], context);
    return hex(effects!.deliveries[0]!.key);
  };
  expect(key(5000, RECEIVED)).toBe(key(5000, RECEIVED + 9));
  expect(key(5000, RECEIVED)).not.toBe(key(5001, RECEIVED));
});

test("the trace of an event goes before that of its emission", () => {
  const own = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const trace = (fields: object) =>
    effectsOf(
      input({ arrival: { ...arrival("e1"), ...fields }, traceparent: "of-all" }),
      [match("r", [action("a")])],
      context,
    ).effects!.deliveries[0]!.traceparent;
  expect([trace({ traceparent: own }), trace({})]).toEqual([own, "of-all"]);
});

test("an id that was made up here is not recorded", () => {
  const made = arrival("0192f3a1-7c3e-7abc-8def-0123456789ab", { identity: "generated" });
  expect(effectsOf(input({ arrival: made }), [match("root.r", [action("a")])], context).effects!.identity).toBeNull();
});

test("actions.md, Executors: what a foreach cannot ask for is a dead letter, beside the other actions of its rule", () => {
  const reason = "${event.payload.list} is an object where foreach needs an array";
  const dead = { id: "foreach", foreach: [], code: "foreach_target", reason, payload: { target: { n: 1n } } } as const;
  const planned = effectsOf(input(), [match("root.r", [action("a")], { dead: [dead] })], context);
  expect(planned.effects!.deliveries).toHaveLength(1);
  expect(planned.deadLetters).toEqual([
    {
      kind: "delivery",
      collector: "hook",
      executor: "foreach",
      rulePath: "root.r",
      eventId: "e1",
      code: "foreach_target",
      reason,
      payload: '{"target":{"n":1}}',
      createdMs: RECEIVED,
    },
  ]);
  const alone = effectsOf(input(), [match("root.r", [], { dead: [dead] })], context);
  expect(alone.deadLetters).toHaveLength(1);
  expect(alone.effects!.identity).not.toBeNull();
});
