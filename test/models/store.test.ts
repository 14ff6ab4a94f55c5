/**
 * The SQLite store against the store in memory: random operations, crashes, failing writes and a jumping clock, every
 * answer compared, and in between all that can be listed, counted and checked.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  oneof,
  option,
  record,
} from "fast-check";
import { expect, test } from "vitest";
import { silentLogger } from "../../src/component/logger.ts";
import type { ExecutorSpace, Settlement, Store, StoreOptions, StoreUnit } from "../../src/component/store.ts";
import { createMemoryStore, memoryContents } from "../../src/storage/memory-store.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.ts";
import { manualClock } from "../kit/manual-clock.ts";
import { deadInput, delivery, keyOf, START_MS, storeFolder, storeOptions } from "../kit/store-fixtures.ts";
import { localThreads } from "../kit/store-threads.ts";

const RUNS = Math.max(60, Number(process.env["SQUALL_MODEL_RUNS"] ?? 0) / 40);
/** Seeds, and the number of the case, that found something once. */
const KEPT: readonly (readonly [seed: number, path: string])[] = [
  [1362227979, "24"],
  [742445031, "429"],
  [742445031, "843"],
];

const EXECUTORS = ["one", "two", "three"];

interface GivenDelivery {
  readonly key: number;
  readonly executor: string;
  readonly orderKey: string | null;
  readonly size: number;
  readonly rule: number;
}
interface GivenEvent {
  readonly identity: number | null;
  readonly forMs: number;
  readonly deliveries: readonly GivenDelivery[];
}
interface GivenUnit {
  readonly events: readonly GivenEvent[];
  readonly dead: readonly number[];
  readonly lease: Readonly<Record<string, number>>;
}
interface GivenSettlement {
  /** Index into the known ids. */
  readonly which: number;
  readonly state: Settlement["state"];
  readonly waitMs: number;
  readonly code: string;
}
type Operation =
  | { readonly do: "write"; readonly settle: readonly GivenSettlement[]; readonly units: readonly GivenUnit[] }
  | { readonly do: "fail"; readonly unit: GivenUnit }
  | { readonly do: "take"; readonly executor: string; readonly limit: number; readonly runLimit: number }
  | { readonly do: "release"; readonly which: readonly number[] }
  | { readonly do: "time"; readonly ms: number }
  | { readonly do: "space"; readonly spaces: Readonly<Record<string, ExecutorSpace>> }
  | {
      readonly do: "dead";
      readonly retry: boolean;
      readonly filter: { readonly code?: string; readonly executor?: string };
    }
  | { readonly do: "maintain" | "crash" | "look" };

const small = (max: number) => integer({ min: 0, max });
const executor = constantFrom(...EXECUTORS);
const givenDelivery: Arbitrary<GivenDelivery> = record({
  // Few keys and sizes: repeats and collisions happen.
  key: small(60),
  executor,
  orderKey: constantFrom(null, "a", "b"),
  size: constantFrom(1, 1, 1, 2, 300),
  rule: small(2),
});
const givenUnit: Arbitrary<GivenUnit> = record({
  events: array(
    record({
      identity: option(small(20)),
      forMs: constantFrom(10, 100),
      deliveries: array(givenDelivery, { maxLength: 4 }),
    }),
    { maxLength: 3 },
  ),
  dead: array(small(400), { maxLength: 1 }),
  lease: dictionary(executor, small(3)),
});
const givenSettlement: Arbitrary<GivenSettlement> = record({
  which: small(1_000),
  state: constantFrom("delivered", "superseded", "waiting", "waiting", "dead"),
  waitMs: small(60),
  code: constantFrom("c1", "c2"),
});
const space: Arbitrary<ExecutorSpace> = record({
  maxShare: constantFrom(0.2, 0.5, 1),
  onFull: constantFrom("refuse", "dead_letter_oldest"),
});
const operation: Arbitrary<Operation> = oneof(
  {
    weight: 12,
    arbitrary: record({
      do: constant("write" as const),
      settle: array(givenSettlement, { maxLength: 4 }),
      units: array(givenUnit, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: record({ do: constant("fail" as const), unit: givenUnit }) },
  {
    weight: 10,
    arbitrary: record({
      do: constant("take" as const),
      executor,
      limit: integer({ min: 1, max: 6 }),
      runLimit: integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: record({ do: constant("release" as const), which: array(small(1_000), { maxLength: 4 }) }),
  },
  { weight: 5, arbitrary: record({ do: constant("time" as const), ms: integer({ min: -30, max: 60 }) }) },
  { weight: 1, arbitrary: record({ do: constant("space" as const), spaces: dictionary(executor, space) }) },
  {
    weight: 2,
    arbitrary: record({
      do: constant("dead" as const),
      retry: boolean(),
      filter: record({ code: constantFrom("c1", "unreadable"), executor }, { requiredKeys: [] }),
    }),
  },
  { weight: 6, arbitrary: record({ do: constantFrom("maintain" as const, "crash" as const, "look" as const) }) },
);
/** Small enough that every bound is met. */
type Limits = Pick<StoreOptions, "retentionMs" | "maxBytes" | "historyBytes" | "deadLetterBytes">;
const limits: Arbitrary<Limits> = record({
  retentionMs: constantFrom(50, 1_000),
  maxBytes: constantFrom(4_000, 20_000),
  historyBytes: constantFrom(0, 1_500, 10_000),
  deadLetterBytes: constantFrom(600, 3_000),
});

async function run(given: Limits, operations: readonly Operation[]): Promise<void> {
  const folder = storeFolder();
  const options = storeOptions(join(folder, "squall.db"), given);
  const clock = manualClock();
  let nowMs = START_MS;
  const time = { ...clock, nowMs: () => nowMs };
  // Enough not to be full, too little to write the ballast each time.
  let free = 70 * 2 ** 20;
  let failing = false;
  let database: DatabaseSync | null = null;
  const threads = localThreads(options, (writer, db) => {
    database = db;
    return {
      group(message) {
        try {
          return writer.group(message);
        } catch (error) {
          if (failing) Object.assign(error as Error, { errcode: 13 });
          throw error;
        }
      },
    };
  });
  const open = () => openSqliteStore(options, { clock: time, logger: silentLogger, freeBytes: () => free }, threads);
  const contents = memoryContents();
  const openModel = () => createMemoryStore(options, { clock: time, logger: silentLogger }, contents);
  let store = await open();
  let model = openModel();
  const ids: number[] = [];
  const idAt = (which: number): number => ids[which % Math.max(1, ids.length)] ?? 1;

  /** Does the same to both, and compares what comes of it. */
  async function both<T>(act: (of: Store) => Promise<T>): Promise<T | null> {
    const [ours, expected] = await Promise.allSettled([act(store), act(model)]);
    expect(outcomeOf(ours)).toEqual(outcomeOf(expected));
    return ours.status === "fulfilled" ? ours.value : null;
  }
  const commit = (of: Store, { events, dead, lease }: GivenUnit) => of.commit(unitFrom(events, dead, nowMs), lease);

  async function look(): Promise<void> {
    const [ours, expected] = [await store.listDeliveries({ limit: 200 }), await model.listDeliveries({ limit: 200 })];
    expect(ours).toEqual(expected);
    const { executors, deadInputs, historyBytes, deadLetterBytes } = await store.stats();
    const counts = await model.stats();
    expect({ executors, deadInputs, historyBytes, deadLetterBytes }).toEqual({
      executors: counts.executors,
      deadInputs: counts.deadInputs,
      historyBytes: counts.historyBytes,
      deadLetterBytes: counts.deadLetterBytes,
    });
    expect([...(await store.pendingExecutors())].sort()).toEqual([...(await model.pendingExecutors())].sort());
    expect(await store.check()).toEqual([]);
  }

  try {
    for (const step of [...operations, { do: "look" } as const]) {
      if (step.do === "write") {
        const settled = step.settle.map(({ which, state, waitMs, code }): Settlement => {
          const fields = { id: idAt(which), state, attempts: waitMs, atMs: nowMs, code, reason: `because ${code}` };
          const giveUp = waitMs % 2 === 0 ? null : { code, sinceMs: nowMs };
          return state === "waiting" ? { ...fields, untilMs: nowMs + waitMs, giveUp, response: "later" } : fields;
        });
        const results = await both((of) =>
          Promise.all([
            ...settled.map((settlement) => of.settle(settlement).then(() => null)),
            // Each is accepted or refused on its own.
            ...step.units.map((given) => commit(of, given).catch(({ code }: { code: string }) => code)),
          ]),
        );
        for (const result of results ?? [])
          if (result !== null && typeof result === "object") ids.push(...result.leased.map(({ id }) => id));
      } else if (step.do === "fail") {
        // The transaction breaks off in the middle, as on a full disk: nothing of it may be left, in file or memory.
        database!.exec(
          "CREATE TEMP TRIGGER failing BEFORE INSERT ON delivery WHEN NEW.id % 2 = 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
        );
        failing = true;
        const tried = await commit(store, step.unit).catch(({ code }: { code: string }) => code);
        failing = false;
        database!.exec("DROP TRIGGER failing");
        if (tried === "disk_full") {
          free = 2 ** 40;
          await store.maintain(0);
          await model.maintain(0);
          free = 70 * 2 ** 20;
        } else {
          expect(tried).toEqual(await commit(model, step.unit).catch(({ code }: { code: string }) => code));
        }
      } else if (step.do === "take") {
        const taken = await both((of) => of.take(step.executor, step.limit, nowMs, step.runLimit));
        ids.push(...(taken?.runs.flatMap((each) => each.map(({ id }) => id)) ?? []));
      } else if (step.do === "release") {
        for (const of of [store, model]) of.release(step.which.map(idAt));
      } else if (step.do === "time") {
        nowMs += step.ms;
      } else if (step.do === "space") {
        for (const of of [store, model]) of.configureSpace(step.spaces);
      } else if (step.do === "dead") {
        await both((of) => (step.retry ? of.retryDead(step.filter) : of.dropDead(step.filter)));
      } else if (step.do === "maintain") {
        await both((of) => of.maintain(nowMs));
      } else if (step.do === "crash") {
        await store.close();
        [store, model] = [await open(), openModel()];
      } else {
        await look();
      }
    }
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

const unitFrom = (events: readonly GivenEvent[], dead: readonly number[], nowMs: number): StoreUnit => ({
  events: events.map(({ identity, forMs, deliveries }) => ({
    identity: identity === null ? null : { key: keyOf(`i${identity}`), receivedMs: nowMs, expiresMs: nowMs + forMs },
    deliveries: deliveries.map(({ key, executor: to, orderKey, size, rule }) =>
      delivery(`e${key}`, { executor: to, orderKey, payload: "x".repeat(size), rulePath: `root.r${rule}` }),
    ),
  })),
  deadLetters: dead.map((size) => deadInput(`size ${size}`, { payload: "y".repeat(size) })),
});

/** Codes of errors are part of the contract, their texts are not. */
const outcomeOf = <T>(result: PromiseSettledResult<T>): unknown =>
  result.status === "fulfilled" ? result.value : { code: (result.reason as { code?: string }).code };

const property = asyncProperty(limits, array(operation, { minLength: 5, maxLength: 40 }), run);

test.each(KEPT)("seed %i, case %s", (seed, path) => assert(property, { seed, path, numRuns: 1 }));

test("the SQLite store does what the model does", () => assert(property, { numRuns: RUNS }));
