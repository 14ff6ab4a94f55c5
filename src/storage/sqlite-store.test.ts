import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../component/logger.ts";
import type { Store } from "../component/store.ts";
import { describeStore } from "../../test/kit/describe-store.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { delivery, START_MS, storeFolder, storeOptions, unitOf } from "../../test/kit/store-fixtures.ts";
import { localThreads } from "../../test/kit/store-threads.ts";
import { ballastPath } from "./disk-guard.ts";
import { openSqliteStore, type StoreThreads } from "./sqlite-store.ts";
import type { Writer } from "./writer.ts";

/** Neither full nor with room for the ballast, which would be written for each test. */
const freeBytes = () => 70 * 2 ** 20;

describeStore("SQLite store", async (limits, deps) => {
  const folder = storeFolder();
  const options = storeOptions(join(folder, "squall.db"), limits);
  const open = () => openSqliteStore(options, { freeBytes, ...deps }, localThreads(options));
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe("SQLite store", () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  interface Setup {
    readonly free?: () => number;
    readonly threads?: boolean;
    readonly change?: (writer: Writer) => Partial<Writer>;
  }
  async function start({ free = freeBytes, threads = false, change = () => ({}) }: Setup = {}) {
    const folder = storeFolder();
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const options = storeOptions(join(folder, "data", "squall.db"));
    const clock = manualClock(START_MS);
    const failures: Error[] = [];
    const onFailure = (error: Error) => void failures.push(error);
    const deps = { clock, logger: silentLogger, freeBytes: free, onFailure };
    const connect: [] | [() => Promise<StoreThreads>] = threads ? [] : [localThreads(options, change)];
    const open = async (): Promise<Store> => {
      const store = await openSqliteStore(options, deps, ...connect);
      cleanups.push(() => store.close());
      return store;
    };
    return { store: await open(), open, options, clock, failures, folder };
  }
  /** An error of SQLite's with this code, `times` times, for groups that `concerns` picks. */
  const failing =
    (errcode: number, times: number, concerns: (units: number) => boolean = () => true) =>
    (writer: Writer): Partial<Writer> => {
      let left = times;
      return {
        group(message) {
          if (!concerns(message.units) || left-- <= 0) return writer.group(message);
          throw Object.assign(new Error("made up"), { errcode });
        },
      };
    };

  describe("with its threads", () => {
    test("commits, delivers, lists and survives a restart", async () => {
      const { store, open } = await start({ threads: true });
      const all = Array.from({ length: 500 }, (_, n) => delivery(`e${n}`, { orderKey: n % 2 ? "odd" : null }));
      const results = await Promise.all(all.map((each) => store.commit(unitOf(each), { icinga2: 1 })));
      const leased = results.flatMap((result) => result.leased);
      expect(leased).toHaveLength(251);
      await Promise.all(leased.map(({ id }) => store.settle({ id, state: "delivered", attempts: 1, atMs: START_MS })));
      expect((await store.listDeliveries({ state: "delivered", limit: 200 })).items).toHaveLength(200);
      expect(await store.check()).toEqual([]);
      await store.close();
      const again = await open();
      const { runs } = await again.take("icinga2", 500, START_MS, 500);
      expect(runs.map((run) => run.map(({ eventId }) => eventId))).toEqual([
        all
          .filter(({ orderKey }) => orderKey !== null)
          .slice(1)
          .map(({ eventId }) => eventId),
      ]);
    });
    test("its files are the owner's alone", async () => {
      const { store, options } = await start({ threads: true });
      await store.commit(unitOf(delivery("a")));
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
      expect(mode(dirname(options.path))).toBe("700");
      for (const suffix of ["", "-wal", "-shm"]) expect(mode(options.path + suffix)).toBe("600");
    });
    test("a write that fails ends it: who waits is told, and so is the owner, once", async () => {
      const { store, options, failures } = await start({ threads: true });
      await store.commit(unitOf(delivery("a")));
      const other = new DatabaseSync(options.path);
      other.exec("CREATE TRIGGER no BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'out of order'); END");
      other.close();
      const results = await Promise.allSettled([
        store.commit(unitOf(delivery("b"))),
        store.settle({ id: 1, state: "delivered", attempts: 1, atMs: START_MS }),
        store.commit(unitOf(delivery("c"))),
      ]);
      for (const result of results)
        expect(result).toMatchObject({ status: "rejected", reason: { code: "store_failed" } });
      expect(failures).toMatchObject([{ code: "store_failed", message: "the store failed: out of order" }]);
      await expect(store.commit(unitOf(delivery("d")))).rejects.toMatchObject({ code: "store_failed" });
      await expect(store.stats()).rejects.toMatchObject({ code: "store_failed" });
      await store.close();
    });
    test("what is no database is refused, and named", async () => {
      const { store, open, options } = await start({ threads: true });
      await store.close();
      const text = new DatabaseSync(options.path);
      text.exec("UPDATE meta SET value = '99' WHERE name = 'schema'");
      text.close();
      await expect(open()).rejects.toMatchObject({
        code: "store_failed",
        message: `the store ${options.path} cannot be opened: ${options.path} has schema version 99, this program reads versions up to 1`,
      });
    });
    test("a backup is a store, taken while commits go on", async () => {
      const { store, folder } = await start({ threads: true });
      const payload = "x".repeat(2_000);
      await store.commit(unitOf(...Array.from({ length: 1_000 }, (_, n) => delivery(`e${n}`, { payload }))));
      const file = join(folder, "copy.db");
      const backup = store.backup(file);
      await Promise.all(Array.from({ length: 50 }, (_, n) => store.commit(unitOf(delivery(`during${n}`)))));
      await backup;
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const options = storeOptions(file);
      const copy = await openSqliteStore(options, { clock: manualClock(), logger: silentLogger, freeBytes });
      cleanups.push(() => copy.close());
      expect(await copy.check()).toEqual([]);
      expect((await copy.stats()).executors["icinga2"]!.pending).toBeGreaterThanOrEqual(1_000);
    });
    test("closing ends a backup, of which nothing is left", async () => {
      const { store, folder, failures } = await start({ threads: true });
      const payload = "x".repeat(2_000);
      await store.commit(unitOf(...Array.from({ length: 1_000 }, (_, n) => delivery(`e${n}`, { payload }))));
      const backup = store.backup(join(folder, "copy.db"));
      const ended = expect(backup).rejects.toMatchObject({ code: "shutting_down" });
      await store.close();
      await ended;
      expect(readdirSync(folder)).toEqual(["data"]);
      expect(failures).toEqual([]);
    });
    test("what the journal holds comes into the file while commits go on", async () => {
      const { store } = await start({ threads: true });
      const payload = "x".repeat(4_000);
      for (let n = 0; (await store.stats()).sizeBytes < 4_000_000; n++)
        await store.commit(unitOf(...Array.from({ length: 100 }, (_, k) => delivery(`e${n}-${k}`, { payload }))));
      expect(await store.check()).toEqual([]);
    });
    test("a backup that cannot be written is no failure of the store", async () => {
      const { store, folder, failures } = await start({ threads: true });
      const file = join(folder, "missing", "copy.db");
      await expect(store.backup(file)).rejects.toMatchObject({ code: "conflict" });
      await store.commit(unitOf(delivery("a")));
      expect(failures).toEqual([]);
    });
  });

  test("a sound store names the pragmas that are not what they must be", async () => {
    const { store } = await start({ change: () => ({ pragmas: () => ({ synchronous: 1, journalMode: "wal" }) }) });
    expect(await store.check()).toEqual(["PRAGMA synchronous is 1, expected 2 (FULL)"]);
  });

  describe("when the database finds no space", () => {
    const SQLITE_FULL = 13;
    test("commits are refused, settlements go on without the ballast, and it comes back", async () => {
      const { store, clock, options, failures } = await start({
        free: () => 2 ** 40,
        change: failing(SQLITE_FULL, 1, (units) => units > 1),
      });
      const { leased } = await store.commit(unitOf(delivery("a")), { icinga2: 1 });
      await store.maintain(clock.nowMs());
      expect(existsSync(ballastPath(options.path))).toBe(true);
      const settled = store.settle({ id: leased[0]!.id, state: "delivered", attempts: 1, atMs: START_MS });
      const refused = [store.commit(unitOf(delivery("b"))), store.commit(unitOf(delivery("c")))];
      for (const each of refused) await expect(each).rejects.toMatchObject({ code: "disk_full" });
      expect(existsSync(ballastPath(options.path))).toBe(false);
      await settled;
      expect((await store.getDelivery(leased[0]!.id))?.state).toBe("delivered");
      await store.maintain(clock.nowMs());
      expect(existsSync(ballastPath(options.path))).toBe(true);
      await store.commit(unitOf(delivery("b")));
      expect(failures).toEqual([]);
    });
    test("settlements that find none are tried again", async () => {
      const { store, clock } = await start({ change: failing(SQLITE_FULL, 3, (units) => units === 0) });
      const { leased } = await store.commit(unitOf(delivery("a")), { icinga2: 1 });
      let done = false;
      const settled = store
        .settle({ id: leased[0]!.id, state: "delivered", attempts: 1, atMs: START_MS })
        .then(() => (done = true));
      await clock.advance(2_000);
      expect(done).toBe(false);
      await clock.advance(1_000);
      await settled;
      expect((await store.getDelivery(leased[0]!.id))?.state).toBe("delivered");
    });
    test("settlements that find none at closing are left to the next start", async () => {
      const { store, open } = await start({ change: failing(SQLITE_FULL, 9, (units) => units === 0) });
      const { leased } = await store.commit(unitOf(delivery("a")), { icinga2: 1 });
      const settled = store.settle({ id: leased[0]!.id, state: "delivered", attempts: 1, atMs: START_MS });
      const [outcome] = await Promise.allSettled([settled, store.close()]);
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "disk_full" } });
      expect((await (await open()).take("icinga2", 9, START_MS)).runs).toHaveLength(1);
    });
  });

  test("an error that is not about space ends it", async () => {
    const SQLITE_IOERR = 10;
    const { store, failures } = await start({ change: failing(SQLITE_IOERR, 1) });
    await expect(store.commit(unitOf(delivery("a")))).rejects.toMatchObject({ code: "store_failed" });
    expect(failures).toHaveLength(1);
  });
});
