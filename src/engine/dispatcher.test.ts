import { describe, expect, test } from "vitest";
import { bench, PLAIN_RETRY, recorder, running, type Bench, type FakeOptions } from "../../test/kit/engine-fixtures.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { delivery, keyOf, unitOf } from "../../test/kit/store-fixtures.ts";
import { AppError } from "../component/app-error.ts";
import type { ExecutorItem } from "../component/define-executor.ts";
import { silentLogger } from "../component/logger.ts";
import { noMetrics } from "../component/metrics.ts";
import type { Store } from "../component/store.ts";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import { delivered, reject, retry, superseded, unavailable, type Outcome } from "../core/delivery/outcome.ts";
import { createDispatcher, type RunningExecutor } from "./dispatcher.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Commits as ingest does, by the fast path. */
async function commit({ store, dispatcher }: Bench, ...deliveries: readonly NewDelivery[]): Promise<void> {
  const wanted = new Map<string, number>();
  for (const { executor } of deliveries) wanted.set(executor, (wanted.get(executor) ?? 0) + 1);
  const reservation = dispatcher.reserve(wanted);
  dispatcher.accept(reservation, await store.commit(unitOf(...deliveries), reservation));
}

const to = (executor: string, eventId: string, fields: Partial<NewDelivery> = {}): NewDelivery =>
  delivery(eventId, { executor, key: keyOf(`${executor} ${eventId}`), ...fields });

const many = (
  executor: string,
  count: number,
  fields: (n: number) => Partial<NewDelivery> = () => ({}),
): NewDelivery[] => Array.from({ length: count }, (_, n) => to(executor, `e${n}`, fields(n)));

const idsOf = (items: readonly ExecutorItem[]): string[] => items.map(({ eventId }) => eventId);

async function states({ store }: Bench): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.listDeliveries({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    for (const { state, code } of page.items) {
      const name = state === "dead" ? `dead ${code}` : state;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  return counts;
}

/** Times of the attempts after the start, in milliseconds. */
function timed(clock: { nowMs(): number }, answer: (item: ExecutorItem) => Outcome) {
  const startMs = clock.nowMs();
  const times: number[] = [];
  return {
    times,
    execute: async (item: ExecutorItem) => {
      times.push(clock.nowMs() - startMs);
      return answer(item);
    },
  };
}

/** An executor whose requests end when told. */
function held() {
  const begun: { item: ExecutorItem; signal: AbortSignal; end(outcome?: Outcome): void }[] = [];
  return {
    begun,
    execute: (item: ExecutorItem, { signal }: { signal: AbortSignal }) => {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      begun.push({ item, signal, end: (outcome = delivered()) => resolve(outcome) });
      return promise;
    },
  };
}

describe("outcomes", () => {
  test.each<[string, Outcome, Record<string, number>]>([
    ["delivered", delivered(), { delivered: 1 }],
    ["superseded", superseded("newer"), { superseded: 1 }],
    ["reject", reject("no"), { "dead reject": 1 }],
    ["retry", retry("busy"), { waiting: 1 }],
    ["unavailable", unavailable("down"), { waiting: 1 }],
  ])("%s", async (_, outcome, expected) => {
    const at = bench([
      running(
        "a",
        recorder(() => outcome),
      ),
    ]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(0);
    expect(await states(at)).toEqual(expected);
  });

  test("the dead letter tells reason, answer and attempts", async () => {
    const at = bench([
      running(
        "a",
        recorder(() => reject("HTTP 400", "bad index")),
      ),
    ]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(0);
    expect((await at.store.listDeliveries({ state: "dead" })).items).toMatchObject([
      { code: "reject", reason: "HTTP 400", response: "bad index", attempts: 1, payload: '{"event":"e1"}' },
    ]);
  });
});

test("a signal that ended a request is no other request's; one that did not may be", async () => {
  const { begun, execute } = held();
  const at = bench([running("a", { execute }, { dispatch: { concurrency: 1, timeoutMs: 5000 } })]);
  await commit(at, ...many("a", 3));
  await at.clock.advance(0);
  begun[0]!.end();
  await at.clock.advance(0);
  expect(begun[1]!.signal.aborted).toBe(false);
  await at.clock.advance(5000);
  expect(begun[1]!.signal.aborted).toBe(true);
  begun[1]!.end(retry("ended"));
  await at.clock.advance(0);
  expect(begun[2]!.signal.aborted).toBe(false);
});

describe("retry", () => {
  test("comes to the millisecond", async () => {
    const clock = manualClock();
    const backoff = { type: "exponential", initialMs: 1000, maxMs: 5000, multiplier: 2, jitter: 0 } as const;
    const target = timed(clock, () => retry("busy"));
    const at = bench([running("a", target, { dispatch: { retry: { ...PLAIN_RETRY, backoff } } })], { clock });
    await commit(at, to("a", "e1"));
    await clock.advance(20_000);
    expect(target.times).toEqual([0, 1000, 3000, 7000, 12_000, 17_000]);
  });

  test("heeds Retry-After", async () => {
    const clock = manualClock();
    const target = timed(clock, ({ attempts }) =>
      attempts === 0 ? retry("busy", { retryAfterMs: 7777 }) : delivered(),
    );
    const at = bench([running("a", target)], { clock });
    await commit(at, to("a", "e1"));
    await clock.advance(20_000);
    expect(target.times).toEqual([0, 7777]);
  });

  test("ends with max_attempts", async () => {
    const target = recorder(() => retry("busy"));
    const at = bench([running("a", target, { dispatch: { retry: { ...PLAIN_RETRY, maxAttempts: 3 } } })]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(MINUTE);
    expect(target.items.map(({ attempts }) => attempts)).toEqual([0, 1, 2]);
    expect(await states(at)).toEqual({ "dead max_attempts": 1 });
  });

  test("the give-up clock runs over attempts and a restart", async () => {
    const clock = manualClock();
    const target = timed(clock, () => retry("HTTP 404", { giveUp: { code: "object_missing", forMs: 5500 } }));
    const first = bench([running("a", target)], { clock });
    await commit(first, to("a", "e1"));
    await clock.advance(2000);
    await first.dispatcher.stop(0);
    const second = bench([running("a", target)], { clock, contents: first.contents });
    await clock.advance(10_000);
    expect(target.times).toEqual([0, 1000, 2000, 3000, 4000, 5000, 5500]);
    expect(await states(second)).toEqual({ "dead object_missing": 1 });
  });

  test("is the same delivery with the same key, counted up", async () => {
    const target = recorder(({ attempts }) => (attempts < 2 ? retry("busy") : delivered()));
    const at = bench([running("a", target)]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(MINUTE);
    expect(target.items.map(({ attempts }) => attempts)).toEqual([0, 1, 2]);
    expect(new Set(target.items.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await states(at)).toEqual({ delivered: 1 });
  });
});

describe("order", () => {
  test("deliveries of one key go one at a time and in order, other keys beside them", async () => {
    const target = held();
    const at = bench([running("a", target)]);
    await commit(
      at,
      to("a", "x1", { orderKey: "x" }),
      to("a", "x2", { orderKey: "x" }),
      to("a", "y1", { orderKey: "y" }),
    );
    await commit(at, to("a", "x3", { orderKey: "x" }), to("a", "n1"));
    await at.clock.advance(0);
    const begun = () => idsOf(target.begun.map(({ item }) => item)).join(" ");
    expect(begun()).toBe("x1 y1 n1");
    target.begun[0]!.end();
    await at.clock.advance(0);
    expect(begun()).toBe("x1 y1 n1 x2");
    target.begun[3]!.end();
    await at.clock.advance(0);
    expect(begun()).toBe("x1 y1 n1 x2 x3");
  });

  test("a waiting one blocks only its own key, until it is delivered", async () => {
    const clock = manualClock();
    const order: string[] = [];
    const execute = async ({ eventId, attempts }: ExecutorItem) => {
      order.push(`${eventId}@${clock.nowMs() - 1_700_000_000_000}`);
      return eventId === "x1" && attempts < 2 ? retry("busy") : delivered();
    };
    const at = bench([running("a", { execute })], { clock });
    const keyed = ["x1", "y1", "x2", "y2", "x3"].map((id) => to("a", id, { orderKey: id[0]! }));
    await commit(at, ...keyed);
    await clock.advance(10_000);
    expect(order).toEqual(["x1@0", "y1@0", "y2@0", "x1@1000", "x1@2000", "x2@2000", "x3@2000"]);
    expect(await states(at)).toEqual({ delivered: 5 });
  });

  test("a dead one lets its follower go", async () => {
    const target = recorder(({ eventId }) => (eventId === "x1" ? reject("no") : delivered()));
    const at = bench([running("a", target)]);
    await commit(at, to("a", "x1", { orderKey: "x" }), to("a", "x2", { orderKey: "x" }));
    await at.clock.advance(0);
    expect(idsOf(target.items)).toEqual(["x1", "x2"]);
  });

  test("keys of a hundred each, in every order of arrival, with failures between", async () => {
    const next = new Map<string, number>();
    const concurrent = new Map<string, number>();
    const problems: string[] = [];
    let failures = 0;
    const execute = async ({ eventId, attempts }: ExecutorItem) => {
      const [key, n] = eventId.split("#") as [string, string];
      concurrent.set(key, (concurrent.get(key) ?? 0) + 1);
      if (concurrent.get(key) !== 1 || Number(n) !== (next.get(key) ?? 0)) problems.push(eventId);
      await Promise.resolve();
      concurrent.set(key, 0);
      if (attempts === 0 && Number(n) % 7 === 3) {
        failures++;
        return retry("busy", { giveUp: { code: "x", forMs: DAY } });
      }
      next.set(key, Number(n) + 1);
      return delivered();
    };
    const at = bench([running("a", { execute }, { dispatch: { prefetch: 50, concurrency: 8 } })]);
    for (let n = 0; n < 100; n++)
      await commit(at, ...["k", "l", "m", "n"].map((key) => to("a", `${key}#${n}`, { orderKey: key })));
    await at.clock.advance(30 * MINUTE);
    expect(Object.fromEntries(next)).toEqual({ k: 100, l: 100, m: 100, n: 100 });
    expect(problems).toEqual([]);
    expect(failures).toBe(4 * 14);
  });
});

describe("limits", () => {
  test("no more requests at once than concurrency", async () => {
    const target = held();
    const at = bench([running("a", target, { dispatch: { concurrency: 3 } })]);
    await commit(at, ...many("a", 10));
    await at.clock.advance(0);
    expect(target.begun).toHaveLength(3);
    target.begun[1]!.end();
    await at.clock.advance(0);
    expect(target.begun).toHaveLength(4);
  });

  test("no more a second than the rate", async () => {
    const clock = manualClock();
    const target = timed(clock, () => delivered());
    const at = bench([running("a", target, { dispatch: { rate: { perSecond: 10, burst: 2 } } })], { clock });
    await commit(at, ...many("a", 5));
    await clock.advance(1000);
    expect(target.times).toEqual([0, 0, 100, 200, 300]);
  });

  test("thousands of deliveries, never more of them in memory than prefetch", async () => {
    let most = 0;
    const target = recorder();
    const at: Bench = bench([running("a", target, { dispatch: { prefetch: 100 } })], {
      wrap: (store) => ({
        ...store,
        take: async (...args) => {
          const taken = await store.take(...args);
          most = Math.max(most, taken.runs.flat().length + (at.dispatcher.status()[0]?.held ?? 0));
          return taken;
        },
      }),
    });
    for (let n = 0; n < 50; n++)
      await commit(at, ...many("a", 100).map((one) => ({ ...one, key: keyOf(`${n} ${one.eventId}`) })));
    await at.clock.advance(MINUTE);
    expect(target.items).toHaveLength(5000);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(100);
    expect(at.dispatcher.status()).toMatchObject([{ held: 0, inFlight: 0 }]);
  });

  test("new deliveries do not overtake those that wait in the store for ever", async () => {
    const target = held();
    // A take is not worth its while for one free place of eight, which each new delivery would fill.
    const at = bench([running("a", target, { dispatch: { prefetch: 8, concurrency: 1 } })]);
    await commit(at, ...many("a", 20));
    await at.clock.advance(0);
    for (let n = 0; n < 20; n++) {
      await commit(at, to("a", `late${n}`));
      target.begun.at(-1)!.end();
      await at.clock.advance(0);
    }
    expect(idsOf(target.begun.map(({ item }) => item)).slice(0, 20)).toEqual(
      many("a", 20).map(({ eventId }) => eventId),
    );
  });
});

describe("room", () => {
  test("is not all taken by new deliveries while an older one waits to be taken", async () => {
    const target = held();
    const at = bench([running("a", target, { dispatch: { prefetch: 8, concurrency: 1 } })]);
    await at.clock.advance(0);
    await commit(at, ...many("a", 8));
    await at.store.commit(unitOf(to("a", "old")));
    at.dispatcher.wake("a");
    for (let n = 0; n < 12; n++) {
      target.begun.at(-1)!.end();
      await at.clock.advance(0);
      await commit(at, to("a", `late${n}`));
    }
    expect(idsOf(target.begun.map(({ item }) => item))).toContain("old");
  });

  test("is kept once for each commit under way", async () => {
    const at = bench([running("a", held(), { dispatch: { prefetch: 10 } })]);
    await at.clock.advance(0);
    const wanted = new Map([["a", 8]]);
    expect([at.dispatcher.reserve(wanted), at.dispatcher.reserve(wanted), at.dispatcher.reserve(wanted)]).toEqual([
      { a: 8 },
      { a: 2 },
      {},
    ]);
    at.dispatcher.accept({ a: 8 }, null);
    expect(at.dispatcher.reserve(wanted)).toEqual({ a: 8 });
  });

  test("is not given twice while a take is under way", async () => {
    const taken = Promise.withResolvers<void>();
    const at = bench([running("a", held(), { dispatch: { prefetch: 10 } })], {
      wrap: (store) => ({ ...store, take: (...args) => taken.promise.then(() => store.take(...args)) }),
    });
    expect(at.dispatcher.reserve(new Map([["a", 8]]))).toEqual({});
    taken.resolve();
    await at.clock.advance(0);
    expect(at.dispatcher.reserve(new Map([["a", 8]]))).toEqual({ a: 8 });
  });
});

describe("batches", () => {
  const batching = (options: FakeOptions & { ordered?: boolean } = {}) => {
    const sent: string[] = [];
    const executor = running(
      "a",
      {
        executeBatch: async (items: readonly ExecutorItem[]) => {
          sent.push(idsOf(items).join(" "));
          return items.map(({ eventId }) => (eventId.startsWith("bad") ? reject("no") : delivered()));
        },
      },
      {
        dispatch: { batch: { maxItems: 3, maxBytes: 1e6, lingerMs: 100 }, ...options.dispatch },
        type: { ordered: options.ordered ?? false },
      },
    );
    return { sent, executor };
  };

  test("go when they are full, or when the linger is over, each item with its own outcome", async () => {
    const { sent, executor } = batching();
    const at = bench([executor]);
    await commit(at, to("a", "e1"), to("a", "bad"), to("a", "e3"), to("a", "e4"));
    await at.clock.advance(0);
    expect(sent).toEqual(["e1 bad e3"]);
    await at.clock.advance(99);
    expect(sent).toHaveLength(1);
    await at.clock.advance(1);
    expect(sent).toEqual(["e1 bad e3", "e4"]);
    expect(await states(at)).toEqual({ delivered: 3, "dead reject": 1 });
  });

  test.each([
    [false, ["x1", "x2"]],
    [true, ["x1 x2"]],
  ])("two of one order key together only when the type is ordered (%s)", async (ordered, expected) => {
    const { sent, executor } = batching({ ordered });
    const at = bench([executor]);
    // Committed while nothing is taken, so that the store gives them as one run.
    await at.store.commit(unitOf(to("a", "x1", { orderKey: "x" }), to("a", "x2", { orderKey: "x" })));
    at.dispatcher.wake("a");
    await at.clock.advance(MINUTE);
    expect(sent).toEqual(expected);
  });

  test("a batch is one request", async () => {
    const { sent, executor } = batching({ dispatch: { rate: { perSecond: 1, burst: 1 } } });
    const at = bench([executor]);
    await commit(at, ...many("a", 6));
    await at.clock.advance(0);
    expect(sent).toHaveLength(1);
    await at.clock.advance(1000);
    expect(sent).toHaveLength(2);
  });
});

describe("a dead target", () => {
  test("opens the breaker, is named in health, burns nothing, and goes on when it is back", async () => {
    let down = true;
    const clock = manualClock();
    const target = timed(clock, () => (down ? unavailable("connection refused") : delivered()));
    const at = bench(
      [running("a", target, { dispatch: { concurrency: 1, retry: { ...PLAIN_RETRY, maxAttempts: 1 } } })],
      { clock },
    );
    await commit(at, ...many("a", 5));
    await clock.advance(120 * MINUTE - 1);
    expect(target.times).toHaveLength(240);
    expect(target.times.slice(0, 4)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(at.health.reasons()).toMatchObject([
      { subject: "executor:a", code: "unavailable", message: "connection refused", level: "degraded" },
    ]);
    expect(at.dispatcher.status()).toMatchObject([{ breaker: "open" }]);
    down = false;
    await clock.advance(1);
    expect(at.health.reasons()).toEqual([]);
    expect(await states(at)).toEqual({ delivered: 5 });
    expect((await at.store.listDeliveries({})).items.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1]);
  });

  test("an outage of retries burns no attempt beyond those that opened the breaker", async () => {
    let down = true;
    const target = recorder(() => (down ? retry("HTTP 503") : delivered()));
    const dispatch = {
      concurrency: 4,
      breaker: { failures: 3, openForMs: 30_000 },
      retry: { ...PLAIN_RETRY, maxAttempts: 2 },
    };
    const at = bench([running("a", target, { dispatch })]);
    await commit(at, ...many("a", 20));
    await at.clock.advance(120 * MINUTE);
    expect(await states(at)).not.toHaveProperty("dead max_attempts");
    down = false;
    await at.clock.advance(MINUTE);
    expect(await states(at)).toEqual({ delivered: 20 });
  });

  test("probes take turns, so that one delivery that always fails does not keep the breaker open", async () => {
    const target = recorder(({ eventId }) => (eventId === "e0" ? retry("HTTP 500") : delivered()));
    const dispatch = { concurrency: 1, breaker: { failures: 1, openForMs: 30_000 } };
    const at = bench([running("a", target, { dispatch })]);
    await commit(at, ...many("a", 5));
    await at.clock.advance(30_000);
    expect(await states(at)).toEqual({ waiting: 1, delivered: 4 });
  });

  test("max_age runs on while nothing is attempted, in memory and on disk", async () => {
    const target = recorder(() => unavailable("down"));
    const dispatch = { prefetch: 10, retry: { ...PLAIN_RETRY, maxAgeMs: 10 * MINUTE } };
    const at = bench([running("a", target, { dispatch })]);
    await commit(at, ...many("a", 50));
    await at.clock.advance(11 * MINUTE);
    expect(await states(at)).toEqual({ "dead max_age": 50 });
  });

  test("max_age does not wait for the next probe", async () => {
    const target = recorder(() => unavailable("down"));
    const dispatch = { breaker: { failures: 1, openForMs: DAY }, retry: { ...PLAIN_RETRY, maxAgeMs: 10 * MINUTE } };
    const at = bench([running("a", target, { dispatch })]);
    await commit(at, ...many("a", 50));
    await at.clock.advance(10 * MINUTE - 1);
    expect(await states(at)).toMatchObject({ waiting: 16, pending: 34 });
    await at.clock.advance(MINUTE);
    expect(await states(at)).toEqual({ "dead max_age": 50 });
    expect(target.items).toHaveLength(16);
  });

  test("is not read more of from the store than a probe needs", async () => {
    const at = bench([
      running(
        "a",
        recorder(() => unavailable("down")),
        { dispatch: { concurrency: 1 } },
      ),
    ]);
    await commit(at, ...many("a", 5));
    await at.clock.advance(0);
    await at.store.commit(unitOf(...many("a", 20, (n) => ({ key: keyOf(`more ${n}`) }))));
    at.dispatcher.wake();
    await at.clock.advance(0);
    expect(at.dispatcher.status()).toMatchObject([{ breaker: "open", held: 4 }]);
  });

  test("holds at most prefetch in memory and delays no other", async () => {
    const dead = held();
    const alive = recorder();
    const at = bench([
      running("dead", dead, { dispatch: { prefetch: 10, concurrency: 4 } }),
      running("alive", alive, { dispatch: { prefetch: 10 } }),
    ]);
    for (let n = 0; n < 100; n++) await commit(at, to("dead", `d${n}`), to("alive", `a${n}`));
    await at.clock.advance(0);
    expect(alive.items).toHaveLength(100);
    expect(dead.begun).toHaveLength(4);
    expect(at.dispatcher.status()).toMatchObject([
      { id: "dead", held: 10, inFlight: 4 },
      { id: "alive", held: 0 },
    ]);
    expect(await at.store.stats()).toMatchObject({ executors: { dead: { pending: 100 } } });
  });
});

describe("executors that are not in the configuration", () => {
  test("their deliveries wait, named in health, until max_age", async () => {
    const at = bench([running("a", recorder())]);
    const own = { settings: { retry: { ...PLAIN_RETRY, maxAgeMs: 2 * DAY } } };
    await commit(at, ...many("gone", 300), to("gone", "patient", own), to("a", "e1"));
    await at.clock.advance(MINUTE);
    expect(at.health.reasons()).toMatchObject([{ subject: "executor:gone", code: "executor_missing" }]);
    expect(await states(at)).toEqual({ pending: 301, delivered: 1 });
    await at.clock.advance(DAY);
    expect(await states(at)).toMatchObject({ pending: 1, "dead max_age": 300 });
    await at.clock.advance(DAY);
    expect(await states(at)).toMatchObject({ "dead max_age": 301 });
    await at.clock.advance(MINUTE);
    expect(at.health.reasons()).toEqual([]);
  });

  test("go on when it comes back", async () => {
    const target = recorder();
    const at = bench([]);
    await commit(at, ...many("a", 5));
    await at.clock.advance(MINUTE);
    expect(at.health.reasons()).toMatchObject([{ subject: "executor:a", code: "executor_missing" }]);
    await at.dispatcher.configure([running("a", target)]);
    await at.clock.advance(0);
    expect(target.items).toHaveLength(5);
    await at.clock.advance(MINUTE);
    expect(at.health.reasons()).toEqual([]);
  });
});

test("an executor that comes back while its old deliveries are looked through gets them", async () => {
  const target = recorder();
  const looked = Promise.withResolvers<void>();
  let first = true;
  const at = bench([], {
    wrap: (store) => ({
      ...store,
      async take(...args) {
        const taken = await store.take(...args);
        if (first) {
          first = false;
          await looked.promise;
        }
        return taken;
      },
    }),
  });
  const seed = bench([], { contents: at.contents });
  await seed.store.commit(unitOf(...many("a", 3)));
  await at.clock.advance(MINUTE);
  void at.dispatcher.configure([running("a", target)]);
  await at.clock.advance(0);
  expect(target.items).toHaveLength(0);
  looked.resolve();
  await at.clock.advance(0);
  expect(target.items).toHaveLength(3);
});

describe("reload", () => {
  test("what is leased for an executor that has gone meanwhile is given back", async () => {
    const target = recorder();
    const one = running("a", target);
    const at = bench([one]);
    await at.clock.advance(0);
    const reservation = at.dispatcher.reserve(new Map([["a", 1]]));
    const result = await at.store.commit(unitOf(to("a", "e1")), reservation);
    expect(result.leased).toHaveLength(1);
    await at.dispatcher.configure([]);
    at.dispatcher.accept(reservation, result);
    await at.dispatcher.configure([one]);
    await at.clock.advance(0);
    expect(idsOf(target.items)).toEqual(["e1"]);
  });

  test("an unchanged executor keeps its breaker, its requests and what it holds", async () => {
    const target = held();
    const same = running("a", target, { dispatch: { concurrency: 1 } });
    const at = bench([same]);
    await commit(at, ...many("a", 3));
    await at.clock.advance(0);
    await at.dispatcher.configure([same, running("b", recorder())]);
    await at.clock.advance(0);
    expect(target.begun).toHaveLength(1);
    target.begun[0]!.end(unavailable("down"));
    await at.clock.advance(0);
    await at.dispatcher.configure([same]);
    expect(at.dispatcher.status()).toMatchObject([{ id: "a", breaker: "open" }]);
    expect(at.health.reasons()).toHaveLength(1);
  });

  test("a changed one takes over what waits, and what is in flight is neither lost nor doubled", async () => {
    const before = held();
    const after = recorder();
    const at = bench([running("a", before, { dispatch: { concurrency: 2 } })]);
    await commit(at, ...many("a", 5));
    await at.clock.advance(0);
    let free = false;
    const configured = at.dispatcher.configure([running("a", after, { hash: "new" })]).then(() => (free = true));
    await at.clock.advance(0);
    expect(idsOf(after.items)).toEqual(["e2", "e3", "e4"]);
    expect(free).toBe(false);
    before.begun[0]!.end();
    before.begun[1]!.end(retry("busy"));
    await configured;
    await at.clock.advance(1000);
    expect(idsOf(after.items)).toEqual(["e2", "e3", "e4", "e1"]);
    expect(await states(at)).toEqual({ delivered: 5 });
  });

  test("a changed one starts with a closed breaker", async () => {
    const at = bench([
      running(
        "a",
        recorder(() => unavailable("401")),
      ),
    ]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(0);
    expect(at.dispatcher.status()).toMatchObject([{ breaker: "open" }]);
    const target = recorder();
    await at.dispatcher.configure([running("a", target, { hash: "new" })]);
    expect(at.health.reasons()).toEqual([]);
    await commit(at, to("a", "e2"));
    await at.clock.advance(30_000);
    expect(idsOf(target.items)).toEqual(["e2", "e1"]);
  });

  test("one that is gone gives back what it holds and lets its requests end; its order is kept when it is back", async () => {
    const target = held();
    const one = running("a", target, { dispatch: { concurrency: 1 } });
    const at = bench([one]);
    await commit(at, to("a", "x1", { orderKey: "x" }), to("a", "x2", { orderKey: "x" }), to("a", "n1"));
    await at.clock.advance(0);
    let free = false;
    const gone = at.dispatcher.configure([]).then(() => (free = true));
    await at.clock.advance(0);
    expect(at.dispatcher.status()).toEqual([]);
    await at.dispatcher.configure([one]);
    await at.clock.advance(0);
    // x1 is still under way, so x2 is not.
    expect(idsOf(target.begun.map(({ item }) => item))).toEqual(["x1"]);
    expect(free).toBe(false);
    target.begun[0]!.end();
    await gone;
    for (let n = 1; n < 3; n++) {
      await at.clock.advance(0);
      target.begun[n]!.end();
    }
    await at.clock.advance(0);
    expect(idsOf(target.begun.map(({ item }) => item)).toSorted()).toEqual(["n1", "x1", "x2"]);
    expect(await states(at)).toEqual({ delivered: 3 });
  });
});

describe("stop", () => {
  test("begins nothing new, lets requests end and settles them", async () => {
    const target = held();
    const at = bench([running("a", target, { dispatch: { concurrency: 2 } })]);
    await commit(at, ...many("a", 5));
    await at.clock.advance(0);
    let stopped = false;
    const stopping = at.dispatcher.stop(15_000).then(() => (stopped = true));
    await commit(at, to("a", "late"));
    target.begun[0]!.end();
    await at.clock.advance(5000);
    expect(stopped).toBe(false);
    target.begun[1]!.end(retry("busy"));
    await stopping;
    expect(target.begun).toHaveLength(2);
    expect(await states(at)).toEqual({ delivered: 1, waiting: 1, pending: 4 });
    expect(at.clock.pending).toBe(0);
  });

  test("does not wait longer than the deadline, and ends what is left", async () => {
    const target = held();
    const at = bench([running("a", target)]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(0);
    let stopped = false;
    void at.dispatcher.stop(5000).then(() => (stopped = true));
    await at.clock.advance(4999);
    expect(stopped).toBe(false);
    await at.clock.advance(1);
    expect(stopped).toBe(true);
    expect(target.begun[0]!.signal.aborted).toBe(true);
    target.begun[0]!.end();
    await at.clock.advance(0);
    expect(await states(at)).toEqual({ pending: 1 });
  });
});

describe("after a crash", () => {
  test("all that was not settled is sent again under the same keys", async () => {
    const first = held();
    const before = bench([running("a", first)]);
    await commit(before, to("a", "e1"), to("a", "x1", { orderKey: "x" }), to("a", "x2", { orderKey: "x" }));
    await before.clock.advance(0);
    first.begun[0]!.end();
    await before.clock.advance(0);
    const target = recorder();
    const after = bench([running("a", target)], { contents: before.contents, clock: before.clock });
    await after.clock.advance(0);
    expect(idsOf(target.items)).toEqual(["x1", "x2"]);
    expect(target.items[0]!.idempotencyKey).toBe(first.begun[1]!.item.idempotencyKey);
    expect(await states(after)).toEqual({ delivered: 3 });
  });
});

describe("the store", () => {
  const failing = (verb: "settle" | "take", times: number) => {
    let left = times;
    return (store: Store): Store => ({
      ...store,
      [verb]: (...args: never[]) => {
        if (left-- > 0) return Promise.reject(new AppError("store_failed", "the worker died"));
        return (store[verb] as (...all: never[]) => unknown)(...args); // the same arguments
      },
    });
  };

  test("an outcome that cannot be recorded leads to its failure handling, and is not sent again by this process", async () => {
    const failures: unknown[] = [];
    const target = recorder();
    const at = bench([]);
    const store = failing("settle", 1)(at.store);
    const dispatcher = createDispatcher({
      store,
      clock: at.clock,
      logger: silentLogger,
      metrics: noMetrics,
      health: at.health,
      random: () => 0.5,
      onStoreFailure: (error) => void failures.push(error),
    });
    void dispatcher.configure([running("a", target)]);
    dispatcher.start();
    await commit({ ...at, store, dispatcher }, to("a", "e1"), to("a", "e2"));
    await at.clock.advance(MINUTE);
    expect(failures).toMatchObject([{ code: "store_failed" }]);
    expect(idsOf(target.items)).toEqual(["e1", "e2"]);
  });

  test("is asked again when it could not give anything", async () => {
    const target = recorder();
    const contents = bench([]).contents;
    const seed = bench([], { contents });
    await seed.store.commit(unitOf(to("a", "e1")));
    const at = bench([running("a", target)], { contents, wrap: failing("take", 1) });
    await at.clock.advance(999);
    expect(target.items).toHaveLength(0);
    await at.clock.advance(1);
    expect(target.items).toHaveLength(1);
  });

  test("dead letters that were made pending are sent when the dispatcher is woken", async () => {
    let broken = true;
    const target = recorder(() => (broken ? reject("no") : delivered()));
    const at = bench([running("a", target)]);
    await commit(at, to("a", "e1"));
    await at.clock.advance(0);
    broken = false;
    expect(await at.store.retryDead({})).toBe(1);
    at.dispatcher.wake();
    await at.clock.advance(0);
    expect(await states(at)).toEqual({ delivered: 1 });
  });

  test("is not asked without reason", async () => {
    let takes = 0;
    const at = bench([running("a", recorder())], {
      wrap: (store) => ({ ...store, take: (...args) => (takes++, store.take(...args)) }),
    });
    await at.clock.advance(0);
    const atStart = takes;
    for (let n = 0; n < 100; n++) {
      await commit(at, to("a", `e${n}`, { orderKey: `k${n}` }));
      await at.clock.advance(0);
    }
    await at.clock.advance(MINUTE);
    expect(takes - atStart).toBe(0);
  });
});

test("nothing is sent before start", async () => {
  const at = bench([]);
  const target = recorder();
  const deps = { store: at.store, clock: at.clock, logger: silentLogger, metrics: noMetrics, health: at.health };
  const dispatcher = createDispatcher({ ...deps, random: () => 0.5 });
  const executors: readonly RunningExecutor[] = [running("a", target)];
  await dispatcher.configure(executors);
  await commit({ ...at, dispatcher }, to("a", "e1"));
  await at.clock.advance(0);
  expect(target.items).toEqual([]);
  dispatcher.start();
  await at.clock.advance(0);
  expect(target.items).toHaveLength(1);
});
