import { describe, expect, test } from "vitest";
import { action, arrival, bench, emission, match, recorder, running, sha256 } from "../../test/kit/engine-fixtures.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { silentLogger } from "../component/logger.ts";
import type { Counter, Metrics } from "../component/metrics.ts";
import { noMetrics } from "../component/metrics.ts";
import type { CommitResult, Store, StoreUnit } from "../component/store.ts";
import { AppError } from "../component/app-error.ts";
import type { Event } from "../core/event/event.ts";
import type { RuleMatch } from "../core/match/matcher.ts";
import { createHealthBoard } from "./health-board.ts";
import { createIngest, type IngestDeps } from "./ingest.ts";

const matcherOf = (rule: (event: Event) => readonly RuleMatch[]) => ({
  match: rule,
  trace: () => {
    throw new Error("not asked for");
  },
});

/** Every event asks for one delivery to `target`, with its payload. */
const oneEach = (event: Event): readonly RuleMatch[] => [
  match("root.rules.one", [action("target", { payload: event.payload })]),
];

function ingestOn(store: Pick<Store, "commit">, fields: Partial<IngestDeps> & { rule?: typeof oneEach } = {}) {
  const clock = fields.clock ?? manualClock();
  return createIngest({
    store,
    dispatcher: { reserve: () => ({}), accept: () => undefined },
    generation: () => ({ number: 1, matcher: matcherOf(fields.rule ?? oneEach), orderOf: () => () => null }),
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(clock),
    sha256,
    commitTimeoutMs: 10_000,
    retentionMs: 86_400_000,
    ...fields,
  });
}

const committed = (unit: StoreUnit): CommitResult => ({
  duplicate: unit.events.map(() => false),
  leased: [],
  waiting: [],
  collisions: 0,
});

function recordingStore() {
  const units: StoreUnit[] = [];
  return { units, store: { commit: async (unit: StoreUnit) => (units.push(unit), committed(unit)) } };
}

test("an event goes from its collector through the store to its target, and is settled", async () => {
  const target = recorder();
  const { clock, store, dispatcher, health } = bench([running("target", target)]);
  const ingest = ingestOn(store, { dispatcher, clock, health });
  await ingest.emitFor("hook")(emission([arrival("e1", { payload: { n: 1 } })]));
  await clock.advance(0);
  expect(target.items).toMatchObject([{ payload: { n: 1 }, eventId: "e1", rulePath: "root.rules.one", attempts: 0 }]);
  expect(await store.listDeliveries({})).toMatchObject({ items: [{ state: "delivered", eventId: "e1" }] });
  // The same again is known, and has no effect.
  await ingest.emitFor("hook")(emission([arrival("e1", { payload: { n: 1 } })]));
  await clock.advance(0);
  expect(target.items).toHaveLength(1);
});

test("what causes nothing never reaches the store", async () => {
  const { units, store } = recordingStore();
  const ingest = ingestOn(store, { rule: () => [match("root.r", [], { status: "partially_matched" })] });
  await ingest.emitFor("hook")(emission([arrival("e1"), arrival("e2")]));
  expect(units).toEqual([]);
});

test("one emission is one unit", async () => {
  const { units, store } = recordingStore();
  const ingest = ingestOn(store, { rule: (event) => (event.id === "idle" ? [] : oneEach(event)) });
  const rejected = [
    { index: 2, reason: "not valid JSON", sample: "{" },
    { index: 3, reason: "internal: a bug", sample: "[]" },
  ];
  await ingest.emitFor("hook")(emission([arrival("e1"), arrival("idle"), arrival("e2")], { rejected }));
  expect(units).toHaveLength(1);
  expect(units[0]!.events.map(({ deliveries }) => deliveries.map(({ eventId }) => eventId))).toEqual([["e1"], ["e2"]]);
  expect(units[0]!.deadLetters).toMatchObject([
    { kind: "input", collector: "hook", code: "unreadable", reason: "not valid JSON", payload: "{" },
    { kind: "input", code: "internal" },
  ]);
});

test("an event that meets a bug becomes a dead letter, the others go on", async () => {
  const { units, store } = recordingStore();
  const errors: unknown[] = [];
  const rule = (event: Event) => {
    if (event.id === "bad") throw new Error("bug");
    return oneEach(event);
  };
  const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) };
  await ingestOn(store, { rule, logger }).emitFor("hook")(emission([arrival("bad"), arrival("good")]));
  expect(units[0]!.deadLetters).toMatchObject([{ kind: "input", eventId: "bad", code: "internal" }]);
  expect(units[0]!.events).toHaveLength(1);
  expect(errors).toMatchObject([{ event_id: "bad", err: new Error("bug") }]);
});

test("an order template that meets a bug makes a dead letter of that action alone", async () => {
  const { units, store } = recordingStore();
  const orderOf = () => () => {
    throw new Error("bug");
  };
  const rule = () => [match("root.r", [action("a"), action("b", { orderKey: "k" })])];
  const ingest = ingestOn(store, { generation: () => ({ number: 1, matcher: matcherOf(rule), orderOf }) });
  await ingest.emitFor("hook")(emission([arrival("e1")]));
  expect(units[0]!.deadLetters).toMatchObject([
    { kind: "delivery", executor: "a", rulePath: "root.r", code: "internal" },
  ]);
  expect(units[0]!.events[0]!.deliveries).toMatchObject([{ executor: "b", orderKey: "k" }]);
});

test("a foreach over no array makes a dead letter, which is counted, and the event's identity is kept", async () => {
  const { units, store } = recordingStore();
  const counted: unknown[] = [];
  const metrics: Metrics = {
    ...noMetrics,
    counter: (name) => ({ inc: (labels) => void (name === "squall_dead_letters_total" && counted.push(labels)) }),
  };
  const dead = { id: "foreach", foreach: [], code: "foreach_target", reason: "why", payload: { target: 1 } } as const;
  const rule = () => [match("root.r", [], { dead: [dead] })];
  await ingestOn(store, { rule, metrics }).emitFor("hook")(emission([arrival("e1")]));
  expect(units[0]!.deadLetters).toMatchObject([{ executor: "foreach", rulePath: "root.r", reason: "why" }]);
  expect(units[0]!.events).toMatchObject([{ identity: {}, deliveries: [] }]);
  expect(counted).toEqual([{ executor: "foreach", code: "foreach_target" }]);
});

describe("a commit that takes too long", () => {
  function slow() {
    const clock = manualClock();
    const { promise, resolve, reject } = Promise.withResolvers<CommitResult>();
    const accepted: unknown[] = [];
    const health = createHealthBoard(clock);
    const dispatcher = {
      reserve: () => ({ target: 1 }),
      accept: (reservation: object, result: CommitResult | null) => void accepted.push([reservation, result]),
    };
    const ingest = ingestOn({ commit: () => promise }, { clock, dispatcher, health });
    return { clock, resolve, reject, accepted, health, ingest };
  }

  test("is refused with a time to come back, to the millisecond", async () => {
    const { clock, ingest, health } = slow();
    let ended: unknown;
    ingest
      .emitFor("hook")(emission([arrival("e1")]))
      .catch((error: unknown) => (ended = error));
    await clock.advance(9_999);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toMatchObject({ code: "commit_timeout", retryAfterMs: 5000 });
    expect(health.reasons()).toMatchObject([{ subject: "store", code: "commit_timeout" }]);
  });

  test("still brings its deliveries to the dispatcher when it succeeds after all", async () => {
    const { clock, ingest, accepted, resolve, health } = slow();
    const emitted = ingest.emitFor("hook")(emission([arrival("e1")]));
    emitted.catch(() => undefined);
    await clock.advance(10_000);
    await expect(emitted).rejects.toMatchObject({ code: "commit_timeout" });
    expect(accepted).toEqual([]);
    const result = { duplicate: [false], leased: [], waiting: ["target"], collisions: 0 };
    resolve(result);
    await clock.advance(0);
    expect(accepted).toEqual([[{ target: 1 }, result]]);
    expect(health.reasons()).toEqual([]);
  });

  test("gives its room back when it fails after all", async () => {
    const { clock, ingest, accepted, reject } = slow();
    const emitted = ingest.emitFor("hook")(emission([arrival("e1")]));
    emitted.catch(() => undefined);
    await clock.advance(10_000);
    reject(new AppError("disk_full", "no space"));
    await clock.advance(0);
    expect(accepted).toEqual([[{ target: 1 }, null]]);
  });
});

test.each([
  [new AppError("store_full", "full"), "store_full"],
  [new AppError("disk_full", "full"), "disk_full"],
  [new Error("what is this"), "internal"],
])("a failed commit is told to the sender: %s", async (error, code) => {
  const commit = async () => {
    throw error;
  };
  const ingest = ingestOn({ commit });
  await expect(ingest.emitFor("hook")(emission([arrival("e1")]))).rejects.toMatchObject({ code });
});

test("health names a refusing store until a commit succeeds", async () => {
  const clock = manualClock();
  const health = createHealthBoard(clock);
  let full = true;
  const commit = async (unit: StoreUnit) => {
    if (full) throw new AppError("disk_full", "12 bytes are free");
    return committed(unit);
  };
  const emit = ingestOn({ commit }, { health, clock }).emitFor("hook");
  await expect(emit(emission([arrival("e1")]))).rejects.toThrow("12 bytes");
  expect(health.reasons()).toMatchObject([{ code: "disk_full", level: "not_ready" }]);
  full = false;
  await emit(emission([arrival("e1")]));
  expect(health.reasons()).toEqual([]);
});

test("stopping refuses new events at once and waits for those under way", async () => {
  const clock = manualClock();
  const { promise, resolve } = Promise.withResolvers<CommitResult>();
  const ingest = ingestOn({ commit: () => promise }, { clock });
  const steps: string[] = [];
  void ingest
    .emitFor("hook")(emission([arrival("e1")]))
    .then(() => steps.push("answered"));
  const stopped = ingest.stop().then(() => steps.push("stopped"));
  await expect(ingest.emitFor("hook")(emission([arrival("e2")]))).rejects.toMatchObject({ code: "shutting_down" });
  await clock.advance(0);
  expect(steps).toEqual([]);
  resolve({ duplicate: [false], leased: [], waiting: [], collisions: 0 });
  await stopped;
  expect(steps).toEqual(["answered", "stopped"]);
});

test("the generation is read once for all events of an emission", async () => {
  const { store } = recordingStore();
  let asked = 0;
  const generation = () => ({ number: ++asked, matcher: matcherOf(oneEach), orderOf: () => () => null });
  await ingestOn(store, { generation }).emitFor("hook")(emission([arrival("e1"), arrival("e2")]));
  expect(asked).toBe(1);
});

test("everything is counted", async () => {
  const counts: Record<string, number> = {};
  const metrics: Metrics = {
    ...noMetrics,
    counter: <L extends string>(name: string): Counter<L> => ({
      inc: (labels, count = 1) => {
        const key = [name, ...Object.values<string>(labels)].join(" ");
        counts[key] = (counts[key] ?? 0) + count;
      },
    }),
  };
  const { clock, store, dispatcher } = bench([running("target", recorder())]);
  const rule = (event: Event) =>
    event.id === "idle" ? [match("root.rules.half", [], { status: "partially_matched" })] : oneEach(event);
  const emit = ingestOn(store, { dispatcher, metrics, rule, clock }).emitFor("hook");
  await emit(emission([arrival("e1"), arrival("idle"), arrival("e2")]));
  await emit(emission([arrival("e2"), arrival("e3")]));
  expect(counts).toEqual({
    "squall_events_received_total hook": 5,
    "squall_events_duplicate_total hook": 1,
    "squall_events_without_effect_total hook": 1,
    "squall_rule_matches_total root.rules.one matched": 4,
    "squall_rule_matches_total root.rules.half partially_matched": 1,
  });
});

test("a large batch is matched in slices between which others run, and is one unit all the same", async () => {
  const { units, store } = recordingStore();
  let tookMs = 0;
  const clock = { ...manualClock(), monotonicMs: () => tookMs };
  let others = 0;
  const seen: number[] = [];
  const slow = (event: Event): readonly RuleMatch[] => {
    seen.push(others);
    tookMs++;
    return oneEach(event);
  };
  const ingest = ingestOn(store, { clock, rule: slow });
  const arrivals = Array.from({ length: 64 }, (_, i) => arrival(`e${i}`));
  const answered = ingest.emitFor("hook")(emission(arrivals));
  const other = (): void => {
    others++;
    if (units.length === 0) setImmediate(other);
  };
  setImmediate(other);
  await answered;
  expect(units.map((unit) => unit.events.length)).toEqual([64]);
  expect(new Set(seen).size).toBeGreaterThan(2);
});
