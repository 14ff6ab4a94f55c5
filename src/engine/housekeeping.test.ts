import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { silentLogger } from "../component/logger.ts";
import type { StoreStats } from "../component/store.ts";
import { createHealthBoard } from "./health-board.ts";
import { createHousekeeping } from "./housekeeping.ts";
import { createPrometheus } from "./prometheus.ts";

const GB = 2 ** 30;
const empty: StoreStats = {
  executors: {},
  deadInputs: 0,
  sizeBytes: 10,
  walBytes: 20,
  historyBytes: 30,
  deadLetterBytes: 40,
  freeBytes: GB,
};

function setUp() {
  const clock = manualClock();
  const health = createHealthBoard(clock);
  const metrics = createPrometheus({ process: false });
  const asked: string[] = [];
  const state = { stats: empty };
  const store = {
    maintain: async () => void asked.push("maintain"),
    stats: async () => {
      asked.push("stats");
      return state.stats;
    },
  };
  const housekeeping = createHousekeeping(
    { deadLetterBytes: 1000 },
    { store, clock, health, metrics, logger: silentLogger },
  );
  return { clock, health, metrics, asked, state, housekeeping };
}

test("the store is maintained every 30 s and asked every 10 s, until stopped", async () => {
  const { clock, asked, housekeeping } = setUp();
  housekeeping.start();
  await clock.advance(30_000);
  expect(asked.join(" ")).toBe("maintain stats stats stats maintain stats");
  await housekeeping.stop();
  await clock.advance(100_000);
  expect(asked).toHaveLength(6);
  expect(clock.pending).toBe(0);
});

test("its state is told as metrics, and executors that are gone are gone", async () => {
  const { clock, metrics, state, housekeeping } = setUp();
  const oldestMs = clock.nowMs() - 90_000;
  state.stats = { ...empty, deadInputs: 4, executors: { a: { pending: 1, waiting: 2, dead: 3, oldestMs } } };
  housekeeping.start();
  await clock.advance(0);
  const text = await metrics.text();
  for (const line of [
    'squall_outbox_deliveries{executor="a",state="pending"} 1',
    'squall_outbox_deliveries{executor="a",state="waiting"} 2',
    'squall_outbox_deliveries{executor="a",state="dead"} 3',
    'squall_outbox_oldest_seconds{executor="a"} 90',
    "squall_dead_inputs 4",
    "squall_store_bytes 10",
    "squall_store_wal_bytes 20",
    "squall_store_history_bytes 30",
    "squall_store_dead_letter_bytes 40",
    `squall_disk_free_bytes ${GB}`,
  ])
    expect(text).toContain(`${line}\n`);
  state.stats = empty;
  await clock.advance(10_000);
  expect(await metrics.text()).not.toContain('executor="a"');
});

test.each([
  [{ deadLetterBytes: 799 }, []],
  [{ deadLetterBytes: 800 }, [{ subject: "dead_letters", code: "nearly_full", level: "degraded" }]],
  [{ freeBytes: 64 * 2 ** 20 }, []],
  [{ freeBytes: 64 * 2 ** 20 - 1 }, [{ subject: "store", code: "disk_full", level: "not_ready" }]],
])("health at %j, and after it is over", async (fields, reasons) => {
  const { clock, health, state, housekeeping } = setUp();
  state.stats = { ...empty, ...fields };
  housekeeping.start();
  await clock.advance(0);
  expect(health.reasons()).toMatchObject(reasons);
  expect(health.reasons()).toHaveLength(reasons.length);
  state.stats = empty;
  await clock.advance(10_000);
  expect(health.reasons()).toEqual([]);
});

test("a store that does not answer is logged, and asked again", async () => {
  const clock = manualClock();
  let asked = 0;
  const errors: unknown[] = [];
  const stats = async (): Promise<StoreStats> => {
    if (++asked === 1) throw new Error("busy");
    return empty;
  };
  const housekeeping = createHousekeeping(
    { deadLetterBytes: 1000 },
    {
      store: { stats, maintain: async () => undefined },
      clock,
      health: createHealthBoard(clock),
      metrics: createPrometheus({ process: false }),
      logger: { ...silentLogger, error: (fields) => void errors.push(fields) },
    },
  );
  housekeeping.start();
  await clock.advance(10_000);
  expect(errors).toEqual([{ err: new Error("busy") }]);
  expect(asked).toBe(2);
});
