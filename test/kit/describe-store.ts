import { afterEach, describe, expect, test } from "vitest";
import type { AppError } from "../../src/component/app-error.ts";
import { silentLogger } from "../../src/component/logger.ts";
import type { DeliveryQuery, DeliveryState, Store, StoreOptions, Taken } from "../../src/component/store.ts";
import type { Delivery } from "../../src/core/delivery/delivery.ts";
import type { StoreDeps } from "../../src/storage/store-deps.ts";
import { manualClock } from "./manual-clock.ts";
import { deadInput, delivery, event, keyOf, known, START_MS, unit, unitOf } from "./store-fixtures.ts";

export interface OpenedStore {
  readonly store: Store;
  /** Ends the store as a crash would, and opens what is left. */
  reopen(): Promise<Store>;
  /** Ends it for good and removes what it left. */
  dispose(): Promise<void>;
}

/** Opens an empty store with the given limits; the rest of the options is generous. */
export type OpenStore = (limits: Partial<StoreOptions>, deps: StoreDeps) => Promise<OpenedStore>;

/** What every store does. */
export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    const opened: OpenedStore[] = [];
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.dispose();
    });
    async function start(limits: Partial<StoreOptions> = {}, more: Partial<StoreDeps> = {}) {
      const clock = manualClock(START_MS);
      const each = await open(limits, { clock, logger: silentLogger, ...more });
      opened.push(each);
      const { store } = each;
      const take = (executor = "icinga2", limit = 100, runLimit?: number) =>
        store.take(executor, limit, clock.nowMs(), runLimit);
      const settle = (id: number, state: "delivered" | "superseded" | "dead" | "waiting", fields: object = {}) =>
        store.settle({ id, state, attempts: 1, atMs: clock.nowMs(), ...fields });
      return { store, clock, take, settle, reopen: () => each.reopen() };
    }
    const states = async (store: Store, query: DeliveryQuery = {}): Promise<[string | null, DeliveryState][]> =>
      (await store.listDeliveries(query)).items.map(({ eventId, state }) => [eventId, state]);

    describe("commit and take", () => {
      test("a committed delivery is taken whole", async () => {
        const { store, take } = await start();
        const settings = { dryRun: true };
        const given = delivery("e1", {
          traceparent: "00-1-2-01",
          settings,
          hops: 2,
          orderKey: "host",
          payload: '{"ü":"€𝄞"}',
        });
        const result = await store.commit(unitOf(given));
        expect(result).toEqual({ duplicate: [false], leased: [], waiting: ["icinga2"], collisions: 0 });
        const { runs, nextDueMs, more } = await take();
        expect(runs).toEqual([[{ ...given, id: runs[0]![0]!.id, committedMs: START_MS, attempts: 0, giveUp: null }]]);
        expect({ nextDueMs, more }).toEqual({ nextDueMs: null, more: false });
      });
      test("ids grow in commit order", async () => {
        const { store, take } = await start();
        await store.commit(unitOf(delivery("a"), delivery("b")));
        await store.commit(unitOf(delivery("c")));
        const ids = idsOf(await take());
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        expect(ids).toHaveLength(3);
      });
      test("commits made at once are each answered with their own", async () => {
        const { store } = await start();
        const all = Array.from({ length: 300 }, (_, n) => `e${n}`);
        const results = await Promise.all(
          all.map((id) => store.commit(unitOf(delivery(id, { executor: id })), { [id]: 1 })),
        );
        expect(results.map(({ leased }) => leased.map(({ eventId }) => eventId))).toEqual(all.map((id) => [id]));
      });
      test("a unit larger than a group is committed whole", async () => {
        const { store } = await start();
        const events = Array.from({ length: 5_000 }, (_, n) => event(delivery(`e${n}`)));
        const [, large] = await Promise.all([
          store.commit(unitOf(delivery("before"))),
          store.commit(unit(...events), { icinga2: 10_000 }),
          store.commit(unitOf(delivery("after"))),
        ]);
        expect(large.leased).toHaveLength(5_000);
        expect((await store.stats()).executors["icinga2"]?.pending).toBe(5_002);
      });
      test("a unit without effects is fine", async () => {
        const { store } = await start();
        const result = { duplicate: [], leased: [], waiting: [], collisions: 0 };
        expect(await store.commit(unit())).toEqual(result);
      });
      test("take of an unknown executor finds nothing", async () => {
        const { take } = await start();
        expect(await take("none")).toEqual({ runs: [], nextDueMs: null, more: false });
      });
      test("executors do not see each other's deliveries", async () => {
        const { store, take } = await start();
        await store.commit(unitOf(delivery("a", { executor: "one" }), delivery("b", { executor: "two" })));
        expect(eventsOf(await take("two"))).toEqual([["b"]]);
        expect(await store.pendingExecutors()).toEqual(expect.arrayContaining(["one", "two"]));
      });
      test("odd names are only names", async () => {
        const { store, take } = await start();
        const executor = "__proto__";
        await store.commit(unitOf(delivery("a", { executor, collector: "constructor", rulePath: "toString" })));
        expect(eventsOf(await take(executor))).toEqual([["a"]]);
        expect(await store.pendingExecutors()).toEqual([executor]);
      });
    });

    describe("leases", () => {
      test("commit leases up to the number asked for, per executor", async () => {
        const { store, take } = await start();
        const other = delivery("d", { executor: "other" });
        const result = await store.commit(unitOf(delivery("a"), delivery("b"), delivery("c"), other), {
          icinga2: 2,
          none: 5,
        });
        expect(result.leased.map(({ eventId }) => eventId)).toEqual(["a", "b"]);
        expect([...result.waiting].sort()).toEqual(["icinga2", "other"]);
        expect(eventsOf(await take())).toEqual([["c"]]);
      });
      test("only what is ready is leased by commit", async () => {
        const { store, settle } = await start();
        const ordered = (id: string) => delivery(id, { orderKey: "host" });
        const first = await store.commit(unitOf(ordered("a"), ordered("b")), { icinga2: 9 });
        expect(first.leased.map(({ eventId }) => eventId)).toEqual(["a"]);
        expect(first.waiting).toEqual(["icinga2"]);
        const second = await store.commit(unitOf(ordered("c")), { icinga2: 9 });
        expect(second.leased).toEqual([]);
        await settle(first.leased[0]!.id, "delivered");
        const third = await store.commit(unitOf(delivery("d", { orderKey: "other" })), { icinga2: 9 });
        expect(third.leased.map(({ eventId }) => eventId)).toEqual(["d"]);
      });
      test("what is leased is not taken again until released", async () => {
        const { store, take } = await start();
        await store.commit(unitOf(delivery("a"), delivery("b"), delivery("c")));
        const first = await take("icinga2", 2);
        expect(eventsOf(first)).toEqual([["a"], ["b"]]);
        expect(first.more).toBe(true);
        expect(eventsOf(await take())).toEqual([["c"]]);
        expect(eventsOf(await take())).toEqual([]);
        store.release([idsOf(first)[1]!, 999_999]);
        expect(eventsOf(await take())).toEqual([["b"]]);
      });
      test("released ones come in their old order", async () => {
        const { store, take } = await start();
        const names = ["a", "b", "c", "d", "e", "f"];
        for (const id of names) await store.commit(unitOf(delivery(id)));
        const ids = idsOf(await take());
        store.release([ids[4]!, ids[0]!, ids[2]!]);
        expect(eventsOf(await take("icinga2", 2))).toEqual([["a"], ["c"]]);
        store.release([ids[5]!]);
        expect(eventsOf(await take("icinga2", 1))).toEqual([["e"]]);
        expect(eventsOf(await take("icinga2", 5))).toEqual([["f"]]);
      });
      test("leases are gone after a crash, and everything unsettled is pending", async () => {
        const { store, take, settle, clock, reopen } = await start();
        await store.commit(unitOf(delivery("a"), delivery("b"), delivery("c")), { icinga2: 3 });
        const [a] = idsOf(await take());
        expect(a).toBeUndefined();
        const ids = (await store.listDeliveries({})).items.map(({ id }) => id).reverse();
        await settle(ids[1]!, "delivered");
        const again = await reopen();
        expect(await again.pendingExecutors()).toEqual(["icinga2"]);
        expect(eventsOf(await again.take("icinga2", 10, clock.nowMs()))).toEqual([["a"], ["c"]]);
        const fresh = await again.commit(unitOf(delivery("d")), { icinga2: 1 });
        expect(fresh.leased[0]!.id).toBeGreaterThan(Math.max(...ids));
      });
    });

    describe("order", () => {
      const ordered = (id: string, orderKey: string) => delivery(id, { orderKey });
      test("of one order key only the first is ready", async () => {
        const { store, take, settle } = await start();
        await store.commit(unitOf(ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b"), ordered("a3", "a")));
        const first = await take();
        expect(eventsOf(first)).toEqual([["a1"], ["b1"]]);
        await settle(idsOf(first)[0]!, "delivered");
        expect(eventsOf(await take())).toEqual([["a2"]]);
      });
      test("a run holds deliveries of one key in order, up to its limit", async () => {
        const { store, take, settle } = await start();
        await store.commit(
          unitOf(...[1, 2, 3, 4].map((n) => ordered(`a${n}`, "a")), ordered("b1", "b"), ordered("b2", "b")),
        );
        const taken = await take("icinga2", 5, 3);
        expect(eventsOf(taken)).toEqual([
          ["a1", "a2", "a3"],
          ["b1", "b2"],
        ]);
        const [a1, a2, a3] = idsOf(taken);
        await settle(a1!, "delivered");
        await settle(a2!, "delivered");
        expect(eventsOf(await take())).toEqual([]);
        await settle(a3!, "delivered");
        expect(eventsOf(await take())).toEqual([["a4"]]);
      });
      test("the limit cuts runs", async () => {
        const { store, take } = await start();
        await store.commit(unitOf(...[1, 2, 3].map((n) => ordered(`a${n}`, "a")), ordered("b1", "b")));
        const taken = await take("icinga2", 2, 10);
        expect(eventsOf(taken)).toEqual([["a1", "a2"]]);
        expect(taken.more).toBe(true);
      });
      test("a waiting delivery blocks its own key only", async () => {
        const { store, take, settle, clock } = await start();
        await store.commit(unitOf(ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b"), ordered("b2", "b")));
        const [a1, b1] = idsOf(await take());
        await settle(a1!, "waiting", { untilMs: clock.nowMs() + 1_000 });
        await settle(b1!, "delivered");
        const taken = await take();
        expect(eventsOf(taken)).toEqual([["b2"]]);
        expect(taken.nextDueMs).toBe(clock.nowMs() + 1_000);
        await clock.advance(1_000);
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["a1", "a2"]]);
      });
      test("a run ends before one that waits or is leased", async () => {
        const { store, take, settle, clock } = await start();
        await store.commit(unitOf(...[1, 2, 3, 4].map((n) => ordered(`a${n}`, "a"))));
        const [a1, a2, a3, a4] = idsOf(await take("icinga2", 9, 9));
        await settle(a3!, "waiting", { untilMs: clock.nowMs() + 500 });
        store.release([a1!, a4!]);
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["a1"]]);
        store.release([a1!, a2!]);
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["a1", "a2"]]);
      });
      test("one settled out of its turn does not bring the next forward", async () => {
        const { store, take, settle } = await start();
        await store.commit(unitOf(...[1, 2, 3].map((n) => ordered(`a${n}`, "a"))));
        const [a1, a2, a3] = idsOf(await take("icinga2", 9, 9));
        await settle(a2!, "delivered");
        store.release([a1!, a3!]);
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["a1", "a3"]]);
      });
      test("equal order keys of two executors are two orders", async () => {
        const { store, take } = await start();
        const to = (id: string, executor: string) => delivery(id, { executor, orderKey: "k" });
        await store.commit(unitOf(to("a", "one"), to("b", "two")));
        expect(eventsOf(await take("two"))).toEqual([["b"]]);
      });
      test("the next of a dead one comes forward", async () => {
        const { store, take, settle } = await start();
        await store.commit(unitOf(ordered("a1", "a"), ordered("a2", "a")));
        await settle(idsOf(await take())[0]!, "dead", { code: "rejected", reason: "no" });
        expect(eventsOf(await take())).toEqual([["a2"]]);
      });
    });

    describe("retries", () => {
      test("attempts and the give-up clock are carried", async () => {
        const { store, take, settle, clock, reopen } = await start();
        await store.commit(unitOf(delivery("a")));
        const giveUp = { code: "not_found", sinceMs: 12 };
        const [id] = idsOf(await take());
        const fields = {
          attempts: 3,
          untilMs: clock.nowMs() + 50,
          giveUp,
          code: "http_404",
          reason: "404",
          response: "no",
        };
        await settle(id!, "waiting", fields);
        const record = { state: "waiting", attempts: 3, dueMs: START_MS + 50, code: "http_404", reason: "404" };
        expect(await store.getDelivery(id!)).toMatchObject({ ...record, response: "no", payload: '{"event":"a"}' });
        expect(await take()).toEqual({ runs: [], nextDueMs: START_MS + 50, more: false });
        const again = await reopen();
        expect((await again.take("icinga2", 1, START_MS + 49)).runs).toEqual([]);
        const { runs } = await again.take("icinga2", 1, START_MS + 50);
        expect(runs[0]![0]).toMatchObject({ id, attempts: 3, giveUp, committedMs: START_MS });
      });
      test("what became due earlier goes first", async () => {
        const { store, take, settle, clock } = await start();
        await store.commit(unitOf(delivery("a"), delivery("b")));
        const [a, b] = idsOf(await take());
        await settle(a!, "waiting", { untilMs: clock.nowMs() + 300 });
        await settle(b!, "waiting", { untilMs: clock.nowMs() + 100 });
        await clock.advance(200);
        await store.commit(unitOf(delivery("c")));
        await clock.advance(200);
        expect(eventsOf(await take())).toEqual([["b"], ["c"], ["a"]]);
      });
      test("a clock set back holds up no pending delivery", async () => {
        const { store } = await start();
        await store.commit(unitOf(delivery("a"), delivery("b"), delivery("c")));
        const first = await store.take("icinga2", 1, START_MS - 3_600_000);
        expect(eventsOf(first)).toEqual([["a"]]);
        expect(first.more).toBe(true);
        store.release(idsOf(first));
        expect(eventsOf(await store.take("icinga2", 9, START_MS - 3_600_000))).toEqual([["a"], ["b"], ["c"]]);
      });
      test("settling twice, or what is not there, does nothing", async () => {
        const { store, take, settle } = await start();
        await store.commit(unitOf(delivery("a")));
        const [id] = idsOf(await take());
        await settle(id!, "delivered");
        await settle(id!, "dead", { code: "late" });
        await settle(999, "delivered");
        expect(await states(store)).toEqual([["a", "delivered"]]);
      });
    });

    describe("duplicates", () => {
      const HOUR = 3_600_000;
      test("a known identity has no effect", async () => {
        const { store, reopen } = await start();
        const one = known("x", START_MS, HOUR, delivery("a"));
        expect((await store.commit(unit(one))).duplicate).toEqual([false]);
        const repeat = known("x", START_MS + 5, HOUR, delivery("b"));
        expect(await store.commit(unit(repeat, event(delivery("c"))), { icinga2: 9 })).toMatchObject({
          duplicate: [true, false],
          leased: [{ eventId: "c" }],
        });
        const again = await reopen();
        expect((await again.commit(unit(repeat))).duplicate).toEqual([true]);
        expect(await states(again)).toEqual([
          ["c", "pending"],
          ["a", "pending"],
        ]);
      });
      test("the second of two in one unit is a duplicate", async () => {
        const { store } = await start();
        const result = await store.commit(
          unit(known("x", START_MS, HOUR, delivery("a")), known("x", START_MS, HOUR, delivery("b"))),
        );
        expect(result.duplicate).toEqual([false, true]);
        expect(await states(store)).toEqual([["a", "pending"]]);
      });
      test.each([
        ["one millisecond before it ends", HOUR - 1, true],
        ["from the instant it ends", HOUR, false],
      ])("an identity is known until it expires: %s", async (_, laterMs, duplicate) => {
        const { store } = await start();
        await store.commit(unit(known("x", START_MS, HOUR, delivery("a"))));
        const result = await store.commit(unit(known("x", START_MS + laterMs, HOUR, delivery("b"))));
        expect(result.duplicate).toEqual([duplicate]);
        const third = await store.commit(unit(known("x", START_MS + laterMs + 1, HOUR, delivery("c"))));
        expect(third.duplicate).toEqual([laterMs !== HOUR - 1]);
      });
      test("an existing delivery key with the same payload changes nothing, whatever its state", async () => {
        const { store, take, settle } = await start();
        await store.commit(unitOf(delivery("a"), delivery("a")), { icinga2: 9 });
        expect(await states(store)).toEqual([["a", "pending"]]);
        const again = await store.commit(unitOf(delivery("a")), { icinga2: 9 });
        expect(again).toEqual({ duplicate: [false], leased: [], waiting: [], collisions: 0 });
        const [id] = (await store.listDeliveries({})).items.map((record) => record.id);
        await settle(id!, "delivered");
        await store.commit(unitOf(delivery("a")));
        expect(eventsOf(await take())).toEqual([]);
      });
      test("an existing key with another payload is delivered under a suffixed key, once", async () => {
        const { store, take } = await start();
        const other = delivery("a", { payload: '{"other":true}' });
        await store.commit(unitOf(delivery("a")));
        expect(await store.commit(unitOf(other))).toMatchObject({ collisions: 1, waiting: ["icinga2"] });
        expect(await store.commit(unitOf(other))).toMatchObject({ collisions: 0, waiting: [] });
        const [[first], [second]] = (await take()).runs as [[Delivery], [Delivery]];
        expect(second.payload).toBe(other.payload);
        expect([...second.key.subarray(0, 8)]).toEqual([...first.key.subarray(0, 8)]);
        expect(second.key).not.toEqual(first.key);
      });
      test("a leased collision carries the key it was given", async () => {
        const { store } = await start();
        const { leased, collisions } = await store.commit(unitOf(delivery("a"), delivery("a", { payload: "2" })), {
          icinga2: 9,
        });
        expect(collisions).toBe(1);
        expect(leased).toHaveLength(2);
        const record = await store.getDelivery(leased[1]!.id);
        expect(Buffer.from(leased[1]!.key).toString("hex", 8)).toBe(record!.key);
      });
      test.each<"delivered" | "dead">(["delivered", "dead"])(
        "a key that is %s still knows its payload",
        async (state) => {
          const { store, take, settle } = await start();
          await store.commit(unitOf(delivery("a")));
          await settle(idsOf(await take())[0]!, state, { code: "x", reason: "y" });
          expect((await store.commit(unitOf(delivery("a")))).waiting).toEqual([]);
          expect((await store.commit(unitOf(delivery("a", { payload: "2" })))).collisions).toBe(1);
        },
      );
      test("a settled key whose payload is gone counts as the same", async () => {
        const { store, take, settle } = await start({ historyBytes: 0 });
        await store.commit(unitOf(delivery("a")));
        await settle(idsOf(await take())[0]!, "delivered");
        const result = await store.commit(unitOf(delivery("a", { payload: "2" })));
        expect(result).toMatchObject({ collisions: 0, waiting: [] });
      });
    });

    describe("settled deliveries", () => {
      test("keep key, state, times, rule path, and the payload in the history", async () => {
        const { store, take, settle, clock } = await start();
        const given = delivery("a", { orderKey: "o" });
        await store.commit(unitOf(given));
        const [id] = idsOf(await take());
        await clock.advance(20);
        await settle(id!, "superseded", { attempts: 2, code: "newer", reason: "409", response: "{}" });
        expect(await store.getDelivery(id!)).toEqual({
          id,
          state: "superseded",
          kind: "delivery",
          executor: "icinga2",
          rulePath: given.rulePath,
          collector: "hook",
          eventId: "a",
          key: Buffer.from(given.key).toString("hex", 8),
          orderKey: "o",
          committedMs: START_MS,
          settledMs: START_MS + 20,
          dueMs: null,
          attempts: 2,
          code: "newer",
          reason: "409",
          response: "{}",
          payload: given.payload,
        });
        expect(await store.pendingExecutors()).toEqual([]);
      });
      test("lose their payload when the history is full, oldest first", async () => {
        const { store, settle } = await start({ historyBytes: 1_000 });
        const all = ["a", "b", "c"].map((id) => delivery(id, { payload: "x".repeat(200) }));
        const { leased } = await store.commit(unitOf(...all), { icinga2: 9 });
        for (const { id } of leased) await settle(id, "delivered");
        const payloads = (await store.listDeliveries({})).items.map(({ payload }) => payload?.length ?? null);
        expect(payloads).toEqual([200, 200, null]);
        expect((await store.stats()).historyBytes).toBe(2 * 456);
      });
      test("are forgotten after the retention, and so are identities that expired", async () => {
        const { store, take, settle, clock } = await start({ retentionMs: 1_000 });
        await store.commit(unit(known("x", START_MS, 500, delivery("a"), delivery("b"))));
        await settle(idsOf(await take())[0]!, "delivered");
        await clock.advance(999);
        await store.maintain(clock.nowMs());
        expect(await states(store)).toEqual([
          ["b", "pending"],
          ["a", "delivered"],
        ]);
        await clock.advance(1);
        await store.maintain(clock.nowMs());
        expect(await states(store)).toEqual([["b", "pending"]]);
        expect((await store.stats()).historyBytes).toBe(0);
        const again = await store.commit(unit(known("x", START_MS, 500, delivery("a", { payload: "2" }))));
        expect(again).toMatchObject({ duplicate: [false], collisions: 0, waiting: ["icinga2"] });
      });
      test("maintain gets through more rows than one step takes", async () => {
        const { store, settle, clock } = await start({ retentionMs: 10 });
        const all = Array.from({ length: 1_200 }, (_, n) => known(`${n}`, START_MS, 5, delivery(`e${n}`)));
        const { leased } = await store.commit(unit(...all), { icinga2: 9_999 });
        await Promise.all(leased.map(({ id }) => settle(id, "delivered")));
        await clock.advance(10);
        await store.maintain(clock.nowMs());
        expect((await store.listDeliveries({})).items).toEqual([]);
        expect((await store.commit(unit(...all))).duplicate).not.toContain(true);
      });
    });

    describe("dead letters", () => {
      const die = { code: "rejected", reason: "the target said no", response: "400", attempts: 4 };
      test("keep what is needed to judge and to try again", async () => {
        const { store, take, settle, clock, reopen } = await start();
        const given = delivery("a", { orderKey: "o", settings: { dryRun: true } });
        await store.commit(unitOf(given));
        const [id] = idsOf(await take());
        await clock.advance(7);
        await settle(id!, "dead", die);
        const record = { id, state: "dead", kind: "delivery", settledMs: START_MS + 7, payload: given.payload, ...die };
        expect(await store.getDelivery(id!)).toMatchObject(record);
        expect((await store.stats()).executors).toEqual({
          icinga2: { pending: 0, waiting: 0, dead: 1, oldestMs: null },
        });
        const again = await reopen();
        expect((await again.listDeliveries({ state: "dead" })).items).toMatchObject([record]);
        expect(await again.retryDead({ id: id! })).toBe(1);
        const { runs } = await again.take("icinga2", 9, clock.nowMs());
        expect(runs).toMatchObject([[{ ...given, attempts: 0, giveUp: null, committedMs: START_MS + 7 }]]);
        expect((await again.listDeliveries({ state: "dead" })).items).toEqual([]);
        expect(await again.retryDead({ id: id! })).toBe(0);
      });
      test.each([
        ["all", {}, 3],
        ["executor", { executor: "two" }, 1],
        ["rule path", { rulePath: "root.r2" }, 2],
        ["code", { code: "c1" }, 2],
        ["two conditions", { code: "c1", rulePath: "root.r2" }, 1],
        ["nothing of that name", { executor: "nobody" }, 0],
        ["an id of none", { id: 77_777 }, 0],
      ])("filters: %s", async (_, filter, count) => {
        const { store, settle } = await start();
        const all = [
          delivery("a", { executor: "one", rulePath: "root.r1" }),
          delivery("b", { executor: "one", rulePath: "root.r2" }),
          delivery("c", { executor: "two", rulePath: "root.r2" }),
        ];
        const { leased } = await store.commit(unitOf(...all), { one: 9, two: 9 });
        for (const [at, { id }] of leased.entries()) await settle(id, "dead", { ...die, code: at < 2 ? "c1" : "c2" });
        expect(await store.retryDead(filter)).toBe(count);
        for (const { id } of (await store.listDeliveries({ state: "pending" })).items)
          await settle(id, "dead", { ...die, code: "again" });
        expect((await store.listDeliveries({ state: "dead" })).items).toHaveLength(3);
      });
      test("drop removes them for good", async () => {
        const { store, settle } = await start();
        const { leased } = await store.commit(
          { events: [event(delivery("a"), delivery("b"))], deadLetters: [deadInput("bad")] },
          { icinga2: 9 },
        );
        for (const { id } of leased) await settle(id, "dead", die);
        expect(await store.dropDead({ id: leased[0]!.id })).toBe(1);
        expect(await store.dropDead({})).toBe(2);
        expect(await store.stats()).toMatchObject({ executors: {}, deadInputs: 0, deadLetterBytes: 0 });
        // The key stays known for the retention.
        expect((await store.commit(unitOf(delivery("a")))).waiting).toEqual([]);
      });
      test("inputs are kept and listed, and cannot be tried again", async () => {
        const { store } = await start();
        const target = deadInput("no list", { kind: "delivery", executor: "icinga2", code: "foreach_target" });
        await store.commit({ events: [], deadLetters: [deadInput("not valid JSON"), target] });
        const { items } = await store.listDeliveries({});
        expect(items).toMatchObject([
          { kind: "delivery", state: "dead", executor: "icinga2", key: null, code: "foreach_target" },
          { kind: "input", state: "dead", executor: null, payload: "{broken", reason: "not valid JSON" },
        ]);
        expect(await store.retryDead({})).toBe(0);
        expect(await store.stats()).toMatchObject({ deadInputs: 1, executors: { icinga2: { dead: 1 } } });
      });
      test("one that belongs to an event is written with it, and not again when the event is known", async () => {
        const { store } = await start();
        const letter = (reason: string, ofEvent: number) => ({ ...deadInput(reason), ofEvent });
        const again = known("again", START_MS, 1000, delivery("again"));
        const other = known("other", START_MS, 1000);
        const first = await store.commit({ events: [again], deadLetters: [letter("first", 0)] });
        expect(first.duplicate).toEqual([false]);
        const second = await store.commit({
          events: [other, again],
          deadLetters: [letter("of other", 0), letter("first", 1), deadInput("of none")],
        });
        expect(second.duplicate).toEqual([false, true]);
        const { items } = await store.listDeliveries({ state: "dead" });
        expect(items.map(({ reason }) => reason).toSorted()).toEqual(["first", "of none", "of other"]);
        expect(await store.stats()).toMatchObject({ deadInputs: 3 });
      });
      test("a retried one goes behind those that wait under its order key", async () => {
        const { store, take, settle } = await start();
        const ordered = (id: string) => delivery(id, { orderKey: "k" });
        await store.commit(unitOf(ordered("a"), ordered("b"), ordered("c")));
        await settle(idsOf(await take())[0]!, "dead", die);
        expect(await store.retryDead({})).toBe(1);
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["b", "c", "a"]]);
      });
      test("one whose event came again after the retention is not sent twice", async () => {
        const { store, take, settle, clock } = await start({ retentionMs: 10 });
        await store.commit(unitOf(delivery("a")));
        await settle(idsOf(await take())[0]!, "dead", die);
        await clock.advance(10);
        await store.maintain(clock.nowMs());
        await store.commit(unitOf(delivery("a")));
        expect(await store.retryDead({})).toBe(0);
        expect(eventsOf(await take())).toEqual([["a"]]);
        expect((await store.listDeliveries({ state: "dead" })).items).toEqual([]);
      });
      test("one older than the retention is retried under its key", async () => {
        const { store, take, settle, clock } = await start({ retentionMs: 10 });
        await store.commit(unitOf(delivery("a")));
        await settle(idsOf(await take())[0]!, "dead", die);
        await clock.advance(10);
        await store.maintain(clock.nowMs());
        expect(await store.retryDead({})).toBe(1);
        expect((await take()).runs[0]![0]!.key).toEqual(keyOf("delivery a"));
      });
      test("over their bound the longest dead are dropped", async () => {
        const { store, settle, clock } = await start({ deadLetterBytes: 1_000 });
        const all = ["a", "b", "c"].map((id) => delivery(id, { payload: "x".repeat(200) }));
        const { leased } = await store.commit(unitOf(...all), { icinga2: 9 });
        for (const { id } of leased.toReversed()) {
          await settle(id, "dead", die);
          await clock.advance(1);
        }
        expect(await states(store, { state: "dead" })).toEqual([
          ["b", "dead"],
          ["a", "dead"],
        ]);
        expect(await store.stats()).toMatchObject({ deadLetterBytes: 2 * 456, executors: { icinga2: { dead: 2 } } });
      });
    });

    describe("pages", () => {
      test("go from the newest to the oldest, without a gap", async () => {
        const { store, settle } = await start();
        const all = Array.from({ length: 25 }, (_, n) => delivery(`e${n}`));
        const { leased } = await store.commit(unitOf(...all), { icinga2: 99 });
        for (const { id } of leased.filter((_, n) => n % 3 === 0)) await settle(id, "dead", { code: "c", reason: "r" });
        const seen: (string | null)[] = [];
        let cursor: string | undefined;
        for (let pages = 0; pages < 9; pages++) {
          const page = await store.listDeliveries({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
          expect(page.items.length).toBeLessThanOrEqual(10);
          seen.push(...page.items.map(({ eventId }) => eventId));
          if (page.next === null) break;
          cursor = page.next;
        }
        expect(seen).toEqual(all.map(({ eventId }) => eventId).reverse());
      });
      test.each<[string, DeliveryQuery, string[]]>([
        ["state", { state: "delivered" }, ["b"]],
        ["dead only", { state: "dead" }, ["d"]],
        ["executor", { executor: "two" }, ["d", "c"]],
        ["rule path", { rulePath: "root.r1" }, ["c", "a"]],
        ["code", { code: "rejected" }, ["d"]],
        ["two together", { executor: "two", state: "pending" }, ["c"]],
        ["none", { executor: "nobody" }, []],
      ])("filter by %s", async (_, query, expected) => {
        const { store, settle } = await start();
        const all = [
          delivery("a", { executor: "one", rulePath: "root.r1" }),
          delivery("b", { executor: "one", rulePath: "root.r2" }),
          delivery("c", { executor: "two", rulePath: "root.r1" }),
          delivery("d", { executor: "two", rulePath: "root.r2" }),
        ];
        const { leased } = await store.commit(unitOf(...all), { one: 9, two: 9 });
        await settle(leased[1]!.id, "delivered");
        await settle(leased[3]!.id, "dead", { code: "rejected", reason: "no" });
        expect((await states(store, query)).map(([id]) => id)).toEqual(expected);
      });
      test("hold at most 200, whatever is asked for", async () => {
        const { store } = await start();
        await store.commit(unitOf(...Array.from({ length: 201 }, (_, n) => delivery(`e${n}`))));
        const page = await store.listDeliveries({ limit: 5_000 });
        expect(page.items).toHaveLength(200);
        expect((await store.listDeliveries({ cursor: page.next! })).items).toHaveLength(1);
      });
      test("of large payloads are shorter", async () => {
        const { store } = await start();
        const payload = "x".repeat(1_500_000);
        await store.commit(unitOf(...Array.from({ length: 5 }, (_, n) => delivery(`e${n}`, { payload }))));
        const page = await store.listDeliveries({});
        expect(page.items).toHaveLength(3);
        expect((await store.listDeliveries({ cursor: page.next! })).items).toHaveLength(2);
      });
      test("one that is not there is null", async () => {
        const { store } = await start();
        expect(await store.getDelivery(42)).toBeNull();
      });
    });

    describe("space", () => {
      const big = (id: string, fields = {}) => delivery(id, { payload: "x".repeat(744), ...fields });
      const full = { code: "store_full" } satisfies Partial<AppError>;
      test("a full store refuses the whole unit", async () => {
        const { store } = await start({ maxBytes: 3_000 });
        await store.commit(unitOf(big("a"), big("b")));
        const second = store.commit(unit(known("x", START_MS, 9, big("c")), event(big("d", { executor: "two" }))));
        await expect(second).rejects.toMatchObject(full);
        expect(await states(store)).toHaveLength(2);
        expect(await store.commit(unit(known("x", START_MS, 9, big("c"))), { icinga2: 1 })).toMatchObject({
          duplicate: [false],
          leased: [{ eventId: "c" }],
        });
      });
      test("a refused unit leaves no lease, identity or name behind", async () => {
        const { store, take } = await start({ maxBytes: 2_500 });
        const both = [big("a", { executor: "new" }), big("b", { executor: "new" }), big("c", { executor: "new" })];
        await expect(store.commit(unitOf(...both), { new: 9 })).rejects.toMatchObject(full);
        expect(await store.pendingExecutors()).toEqual([]);
        await store.commit(unitOf(...both.slice(0, 2)));
        expect(eventsOf(await take("new"))).toEqual([["a"], ["b"]]);
      });
      test("a repeat of what is known is not refused", async () => {
        const { store } = await start({ maxBytes: 1_500 });
        await store.commit(unit(known("x", START_MS, 9, big("a"))));
        expect((await store.commit(unit(known("x", START_MS, 9, big("a"))))).duplicate).toEqual([true]);
        expect((await store.commit(unitOf(big("a")))).waiting).toEqual([]);
      });
      test("delivered payloads make room first", async () => {
        const { store, settle } = await start({ maxBytes: 3_000 });
        const { leased } = await store.commit(unitOf(big("a"), big("b")), { icinga2: 9 });
        for (const { id } of leased) await settle(id, "delivered");
        await store.commit(unitOf(big("c"), big("d")));
        const payloads = (await store.listDeliveries({})).items.map(({ payload }) => payload?.length ?? null);
        expect(payloads).toEqual([744, 744, 744, null]);
      });
      test("dead letters count", async () => {
        const { store, settle } = await start({ maxBytes: 2_000 });
        const { leased } = await store.commit(unitOf(big("a")), { icinga2: 9 });
        await settle(leased[0]!.id, "dead", { code: "c", reason: "r" });
        await expect(
          store.commit({ events: [], deadLetters: [deadInput("x", { payload: "y".repeat(800) })] }),
        ).rejects.toMatchObject(full);
        await store.dropDead({});
        await store.commit(unitOf(big("b")));
      });
      test("an executor at its share refuses the units that hold something for it", async () => {
        const { store } = await start({ maxBytes: 4_000 });
        store.configureSpace({ small: { maxShare: 0.3, onFull: "refuse" } });
        await store.commit(unitOf(big("a", { executor: "small" })));
        const mixed = unitOf(big("b", { executor: "other" }), big("c", { executor: "small" }));
        await expect(store.commit(mixed)).rejects.toMatchObject(full);
        await store.commit(unitOf(big("d", { executor: "other" })));
        expect((await store.stats()).executors).toMatchObject({ small: { pending: 1 }, other: { pending: 1 } });
      });
      test("units of one moment are refused one by one", async () => {
        const { store } = await start({ maxBytes: 2_100 });
        const results = await Promise.allSettled(["a", "b", "c"].map((id) => store.commit(unitOf(big(id)))));
        expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
        expect(await states(store)).toHaveLength(2);
      });
      test("dead_letter_oldest gives up the oldest that nobody is sending", async () => {
        const { store, take } = await start({ maxBytes: 10_000 });
        store.configureSpace({ icinga2: { maxShare: 0.3, onFull: "dead_letter_oldest" } });
        await store.commit(unitOf(big("a"), big("b")), { icinga2: 1 });
        await store.commit(unitOf(big("c")));
        await store.commit(unitOf(big("d"), big("e", { orderKey: "k" })));
        expect(await states(store)).toEqual([
          ["e", "pending"],
          ["d", "pending"],
          ["c", "dead"],
          ["b", "dead"],
          ["a", "pending"],
        ]);
        const dead = (await store.listDeliveries({ state: "dead" })).items;
        expect(dead[0]).toMatchObject({ code: "outbox_full", attempts: 0 });
        expect(eventsOf(await take())).toEqual([["d"], ["e"]]);
        store.release([1]);
        await store.commit(unitOf(big("f")));
        expect((await states(store)).at(-1)).toEqual(["a", "dead"]);
      });
      test("dead_letter_oldest brings the next of the order key forward", async () => {
        const { store, take } = await start({ maxBytes: 10_000 });
        store.configureSpace({ icinga2: { maxShare: 0.25, onFull: "dead_letter_oldest" } });
        for (const id of ["a", "b", "c"]) await store.commit(unitOf(big(id, { orderKey: "k" })));
        expect(eventsOf(await take("icinga2", 9, 9))).toEqual([["b", "c"]]);
      });
    });

    describe("a full disk", () => {
      test("refuses what is new, and nothing else", async () => {
        let free = 2 ** 40;
        const { store, take, settle, clock } = await start({}, { freeBytes: () => free });
        await store.commit(unit(known("x", START_MS, 9, delivery("a"))));
        free = 63 * 2 ** 20;
        const refused = store.commit(unitOf(delivery("b")));
        await expect(refused).rejects.toMatchObject({ code: "disk_full" } satisfies Partial<AppError>);
        await settle(idsOf(await take())[0]!, "delivered");
        await store.maintain(clock.nowMs());
        expect(await store.stats()).toMatchObject({ freeBytes: free });
        free = 2 ** 40;
        await store.maintain(clock.nowMs());
        await store.commit(unitOf(delivery("b")));
        expect(await states(store)).toEqual([
          ["b", "pending"],
          ["a", "delivered"],
        ]);
      });
    });

    describe("numbers", () => {
      test("stats tell what waits, for whom, since when", async () => {
        const { store, take, settle, clock } = await start();
        await store.commit(unitOf(delivery("a"), delivery("x", { executor: "two" })));
        await clock.advance(5);
        await store.commit(unitOf(delivery("b"), delivery("c")));
        const [a, b, c] = idsOf(await take());
        await settle(a!, "delivered");
        await settle(b!, "waiting", { untilMs: clock.nowMs() + 9 });
        await settle(c!, "dead", { code: "c", reason: "r" });
        const stats = await store.stats();
        expect(stats.executors).toEqual({
          icinga2: { pending: 0, waiting: 1, dead: 1, oldestMs: START_MS + 5 },
          two: { pending: 1, waiting: 0, dead: 0, oldestMs: START_MS },
        });
        expect(stats.sizeBytes).toBeGreaterThan(0);
        expect(stats.deadLetterBytes).toBe(256 + 13);
      });
      test("a sound store has no problems, before and after compacting", async () => {
        const { store, settle } = await start();
        const all = Array.from({ length: 50 }, (_, n) => delivery(`e${n}`, { orderKey: `k${n % 7}` }));
        const { leased } = await store.commit(unitOf(...all), { icinga2: 99 });
        for (const { id } of leased) await settle(id, "delivered");
        expect(await store.check()).toEqual([]);
        const { beforeBytes, afterBytes } = await store.compact();
        expect(afterBytes).toBeLessThanOrEqual(beforeBytes);
        expect(await store.check()).toEqual([]);
      });
    });

    test("after close everything is refused", async () => {
      const { store, clock } = await start();
      const committed = store.commit(unitOf(delivery("a")));
      await store.close();
      await committed;
      const code = { code: "shutting_down" } satisfies Partial<AppError>;
      await expect(store.commit(unitOf(delivery("b")))).rejects.toMatchObject(code);
      await expect(store.settle({ id: 1, state: "delivered", attempts: 1, atMs: 0 })).rejects.toMatchObject(code);
      await expect(store.take("icinga2", 1, clock.nowMs())).rejects.toMatchObject(code);
      await expect(store.stats()).rejects.toMatchObject(code);
      store.release([1]);
      await store.close();
    });
  });
}

const eventsOf = ({ runs }: Taken): string[][] => runs.map((run) => run.map(({ eventId }) => eventId));
const idsOf = ({ runs }: Taken): number[] => runs.flatMap((run) => run.map(({ id }) => id));
