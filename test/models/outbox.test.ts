/**
 * The outbox as its senders and targets see it: ingest, store and dispatcher together under random emissions, outcomes,
 * outages, slow and refused commits, reloads, stops and crashes. In the end everything acknowledged is delivered or dead
 * exactly as its script says, nothing refused was ever sent, keys are stable, and no order key was overtaken.
 */
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "../../src/component/app-error.ts";
import type { ExecutorItem } from "../../src/component/define-executor.ts";
import { silentLogger } from "../../src/component/logger.ts";
import { noMetrics } from "../../src/component/metrics.ts";
import type { CommitResult, Store } from "../../src/component/store.ts";
import { keyText } from "../../src/core/delivery/delivery.ts";
import { delivered, reject, retry, superseded, unavailable, type Outcome } from "../../src/core/delivery/outcome.ts";
import type { Event } from "../../src/core/event/event.ts";
import type { RunningExecutor } from "../../src/engine/dispatcher.ts";
import { createIngest, type Ingest } from "../../src/engine/ingest.ts";
import { memoryContents, type MemoryContents } from "../../src/storage/memory-store.ts";
import {
  action,
  arrival,
  bench,
  emission,
  match,
  PLAIN_RETRY,
  running,
  sha256,
  type Bench,
} from "../kit/engine-fixtures.ts";
import { manualClock } from "../kit/manual-clock.ts";

const RUNS = Math.max(100, Number(process.env["SQUALL_MODEL_RUNS"] ?? 0) / 40);
const EXECUTORS = ["one", "two", "batched"] as const;
type ExecutorId = (typeof EXECUTORS)[number];
const MAX_ATTEMPTS = 3;
const PREFETCH = 5;

type Step = "delivered" | "superseded" | "retry" | "reject";
interface GivenAction {
  readonly executor: ExecutorId;
  /** Outcome by counted attempt; beyond the end `delivered`. */
  readonly script: readonly Step[];
  readonly orderKey: string | null;
  readonly takesMs: number;
}
interface GivenEvent {
  /** Few, so that repeats are among them. */
  readonly id: number;
  /** What the id always asks for is made of this by the first who brings it. */
  readonly actions: readonly GivenAction[];
}
type Operation =
  | { readonly do: "emit"; readonly events: readonly GivenEvent[]; readonly commit: "ok" | "refused" | "slow" | "lost" }
  | { readonly do: "time"; readonly ms: number }
  | { readonly do: "outage"; readonly executor: ExecutorId; readonly down: boolean }
  | { readonly do: "reload"; readonly executor: ExecutorId; readonly how: "change" | "remove" | "back" }
  | { readonly do: "crash" | "stop" };

const step = constantFrom<Step>("delivered", "superseded", "retry", "retry", "reject");
const givenAction: Arbitrary<GivenAction> = record({
  executor: constantFrom(...EXECUTORS),
  script: array(step, { maxLength: 4 }),
  orderKey: constantFrom("k", "l", null),
  takesMs: constantFrom(0, 0, 3, 700),
});
const givenEvent = record({
  id: integer({ min: 0, max: 40 }),
  actions: array(givenAction, { minLength: 1, maxLength: 3 }),
});
const operation: Arbitrary<Operation> = oneof(
  {
    weight: 8,
    arbitrary: record({
      do: constant("emit" as const),
      events: array(givenEvent, { minLength: 1, maxLength: 4 }),
      commit: constantFrom("ok", "ok", "ok", "ok", "refused", "slow", "lost"),
    }),
  },
  { weight: 4, arbitrary: record({ do: constant("time" as const), ms: constantFrom(0, 1, 500, 1000, 12_000) }) },
  {
    weight: 2,
    arbitrary: record({ do: constant("outage" as const), executor: constantFrom(...EXECUTORS), down: boolean() }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: constant("reload" as const),
      executor: constantFrom(...EXECUTORS),
      how: constantFrom("change", "remove", "back"),
    }),
  },
  { weight: 1, arbitrary: record({ do: constantFrom("crash" as const, "stop" as const) }) },
);

const lasting = <T>(): Promise<T> => Promise.withResolvers<T>().promise;

/** All that outlives the process. */
interface World {
  readonly contents: MemoryContents;
  readonly clock: ReturnType<typeof manualClock>;
  /** Event id → its actions, the same at every repeat. */
  readonly asked: Map<string, readonly GivenAction[]>;
  readonly acknowledged: Set<string>;
  readonly called: Map<string, string>;
  readonly down: Set<ExecutorId>;
  readonly plans: Map<ExecutorId, number>;
  /** What went wrong where nobody but the engine would see it. */
  readonly problems: string[];
}

/** One life of the process, between two starts. */
interface Life extends Bench {
  reload(): Promise<void>;
  readonly ingest: Ingest;
  nextCommit: "ok" | "refused" | "slow" | "lost";
  dead: boolean;
}

function live(world: World): Life {
  const { clock, contents } = world;
  /** Row ids whose attempt in this life ended for good, and those under way. */
  const over = new Set<number>();
  const underWay = new Set<number>();

  const check = (holds: boolean, problem: string): void => void (holds || world.problems.push(problem));

  function checkOrder(item: ExecutorItem): number {
    const row = [...contents.rows.values()].find(({ delivery }) => keyText(delivery.key) === item.idempotencyKey)!;
    const { executor, orderKey } = row.delivery;
    check(row.settledMs === null && !over.has(row.id), "a settled delivery is sent again");
    check(!underWay.has(row.id), "a delivery is sent while it is under way");
    if (orderKey === null) return row.id;
    for (const other of contents.rows.values()) {
      if (other.delivery.executor !== executor || other.delivery.orderKey !== orderKey || other.id === row.id) continue;
      check(!underWay.has(other.id), "two of one order key are under way");
      if (other.id < row.id)
        check(other.settledMs !== null || over.has(other.id), "one of the same order key was overtaken");
    }
    return row.id;
  }

  async function send(executor: ExecutorId, items: readonly ExecutorItem[]): Promise<readonly Outcome[]> {
    if (life.dead) return lasting();
    const ids = items.map((item) => {
      const id = checkOrder(item);
      underWay.add(id);
      return id;
    });
    const asked = items.map((item) => item.payload as unknown as GivenAction & { readonly place: string }); // as rendered below
    for (const [at, { place }] of asked.entries()) {
      const key = items[at]!.idempotencyKey;
      check((world.called.get(place) ?? key) === key, "the key of a delivery changed");
      world.called.set(place, key);
    }
    const takesMs = Math.max(...asked.map((one) => one.takesMs));
    if (takesMs > 0) await new Promise<void>((resolve) => void clock.after(takesMs, resolve));
    const isDown = world.down.has(executor);
    return asked.map(({ script }, at) => {
      underWay.delete(ids[at]!);
      if (isDown) return unavailable("down");
      const outcome = outcomeOf(script[items[at]!.attempts]);
      if (outcome.kind !== "retry") over.add(ids[at]!);
      return outcome;
    });
  }

  function executors(): RunningExecutor[] {
    return [...world.plans].map(([id, version]) =>
      running(
        id,
        id === "batched"
          ? { executeBatch: (items) => send(id, items) }
          : { execute: async (item) => (await send(id, [item]))[0]! },
        {
          hash: `${id} ${version}`,
          dispatch: {
            concurrency: 2,
            prefetch: PREFETCH,
            breaker: { failures: Number.MAX_SAFE_INTEGER, openForMs: 5000 },
            retry: { ...PLAIN_RETRY, maxAttempts: MAX_ATTEMPTS },
            batch: id === "batched" ? { maxItems: 3, maxBytes: 1e6, lingerMs: 50 } : null,
          },
        },
      ),
    );
  }

  const wrap = (store: Store): Store => ({
    ...store,
    async commit(unit, lease) {
      const how = life.nextCommit;
      life.nextCommit = "ok";
      if (how === "refused") throw new AppError("disk_full", "no space");
      if (how === "lost") return lasting<CommitResult>();
      if (how === "slow") await new Promise<void>((resolve) => void clock.after(15_000, resolve));
      return life.dead ? lasting<CommitResult>() : store.commit(unit, lease);
    },
    take: (...args) => (life.dead ? lasting() : store.take(...args)),
    settle: (settlement) => (life.dead ? lasting() : store.settle(settlement)),
    release: (ids) => (life.dead ? undefined : store.release(ids)),
  });
  const at = bench([], { clock, contents, wrap });
  const ingest = createIngest({
    ...at,
    generation: () => ({
      number: 1,
      matcher: {
        match: (event) => matchesOf(event, world),
        trace: () => {
          throw new Error("not asked for");
        },
      },
      orderOf: () => (payload) => payload["orderKey"] as string | null, // as rendered below
    }),
    logger: silentLogger,
    metrics: noMetrics,
    sha256,
    commitTimeoutMs: 10_000,
    retentionMs: 86_400_000,
  });
  const reload = () => at.dispatcher.configure(executors());
  const life: Life = { ...at, ingest, reload, nextCommit: "ok", dead: false };
  void reload();
  return life;
}

function outcomeOf(what: Step | undefined): Outcome {
  if (what === "retry") return retry("busy");
  if (what === "reject") return reject("no");
  return what === "superseded" ? superseded("newer") : delivered();
}

const matchesOf = (event: Event, { asked }: World) =>
  (asked.get(event.id) ?? []).map((given, at) =>
    match(`root.rules.r${at}`, [
      action(given.executor, { payload: { ...given, place: `${event.id} ${at}` } as never }), // readonly arrays are JSON too
    ]),
  );

/** What the model says of a delivery in the end. */
function finalState(script: readonly Step[]): string {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const what = script[attempt] ?? "delivered";
    if (what === "reject") return "dead reject";
    if (what !== "retry") return what;
  }
  return "dead max_attempts";
}

async function perform(op: Operation, world: World, life: Life): Promise<Life> {
  switch (op.do) {
    case "emit": {
      for (const { id, actions } of op.events) if (!world.asked.has(`e${id}`)) world.asked.set(`e${id}`, actions);
      const ids = op.events.map(({ id }) => `e${id}`);
      life.nextCommit = op.commit;
      life.ingest
        .emitFor("hook")(
          emission(
            ids.map((id) => arrival(id)),
            { receivedMs: world.clock.nowMs() },
          ),
        )
        .then(
          () => life.dead || ids.forEach((id) => world.acknowledged.add(id)),
          (error: unknown) => {
            const code = error instanceof AppError ? error.code : String(error);
            if (code !== "disk_full" && code !== "commit_timeout") world.problems.push(code);
          },
        );
      await world.clock.advance(0);
      return life;
    }
    case "time":
      await world.clock.advance(op.ms);
      return life;
    case "outage":
      if (op.down) world.down.add(op.executor);
      else world.down.delete(op.executor);
      return life;
    case "reload": {
      const version = world.plans.get(op.executor) ?? 0;
      if (op.how === "remove") world.plans.delete(op.executor);
      else world.plans.set(op.executor, op.how === "change" ? version + 1 : version);
      void life.reload();
      return life;
    }
    case "crash":
      life.dead = true;
      return live(world);
    case "stop": {
      const stopping = life.ingest.stop().then(() => life.dispatcher.stop(2000));
      await world.clock.advance(20_000);
      await stopping;
      life.dead = true;
      return live(world);
    }
  }
}

test(`everything acknowledged is delivered or dead as it should be (${RUNS} runs)`, async () => {
  await assert(
    asyncProperty(array(operation, { minLength: 3, maxLength: 40 }), async (operations) => {
      const world: World = {
        contents: memoryContents(),
        clock: manualClock(),
        asked: new Map(),
        acknowledged: new Set(),
        called: new Map(),
        down: new Set(),
        plans: new Map(EXECUTORS.map((id) => [id, 0])),
        problems: [],
      };
      let life = live(world);
      for (const op of operations) {
        life = await perform(op, world, life);
        for (const { held } of life.dispatcher.status()) expect(held).toBeLessThanOrEqual(PREFETCH);
      }
      world.down.clear();
      for (const id of EXECUTORS) if (!world.plans.has(id)) world.plans.set(id, 100);
      life.dead = true;
      life = live(world);
      await world.clock.advance(15 * 60_000);

      expect(world.problems).toEqual([]);
      const records = (await life.store.listDeliveries({ limit: 200 })).items;
      const states = new Map<string, string>();
      for (const one of records) {
        const at = one.rulePath!.slice("root.rules.r".length);
        expect(states.has(`${one.eventId} ${at}`), "a delivery is there twice").toBe(false);
        states.set(`${one.eventId} ${at}`, one.state === "dead" ? `dead ${one.code}` : one.state);
      }
      const expected = new Map<string, string>();
      for (const [id, actions] of world.asked)
        for (const [at, { script }] of actions.entries())
          if (world.acknowledged.has(id) || states.has(`${id} ${at}`)) expected.set(`${id} ${at}`, finalState(script));
      expect(Object.fromEntries(states)).toEqual(Object.fromEntries(expected));
      for (const [id, actions] of world.asked) {
        const there = actions.filter((_, at) => states.has(`${id} ${at}`)).length;
        expect([0, actions.length], "an event was committed in part").toContain(there);
      }
      for (const place of world.called.keys()) expect(states.has(place), "something refused was sent").toBe(true);
      for (const { held, inFlight } of life.dispatcher.status()) expect([held, inFlight]).toEqual([0, 0]);
    }),
    { numRuns: RUNS },
  );
});
