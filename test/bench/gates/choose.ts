import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { system } from "../../../src/app/system.ts";
import { silentLogger } from "../../../src/component/logger.ts";
import type { Store } from "../../../src/component/store.ts";
import { openSqliteStore } from "../../../src/storage/sqlite-store.ts";
import { delivery, event, storeOptions, unit } from "../../kit/store-fixtures.ts";
import { percentile, type Figure, type Gate } from "../gate.ts";
import { timedKey } from "../timed-key.ts";

const ON_ONE_KEY = 1_000_000;
const KEYS = 500_000;
const ROUNDS = 2000;

/** Choosing the next delivery of an executor with a large backlog, while a second executor works. */
export const choose: Gate = {
  name: "choose",
  slow: true,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "squall-choose-"));
    const store = await openSqliteStore(storeOptions(join(folder, "squall.db")), { clock: system.clock, logger: silentLogger });
    let n = 0;
    const fill = async (executor: string, count: number, orderKey: (i: number) => string | null): Promise<void> => {
      for (let i = 0; i < count; i += 2000) {
        const part = Array.from({ length: Math.min(2000, count - i) }, (_, k) =>
          event(delivery(`${executor}-${i + k}`, { key: timedKey(n++), executor, orderKey: orderKey(i + k), payload: '{"a":1}' })),
        );
        await store.commit(unit(...part));
      }
    };
    try {
      /** How long the second executor takes for its rounds while the first takes its own, and the times of the first. */
      const beside = async (first: string): Promise<{ seconds: number; times: number[] }> => {
        const times: number[] = [];
        const working = secondsOf(store, "second", ROUNDS);
        for (let i = 0; i < ROUNDS; i++) times.push(await oneRound(store, first));
        return { seconds: await working, times };
      };
      await fill("second", 4 * ROUNDS, () => null);
      await fill("short", ROUNDS, (i) => `key-${i}`);
      const short = await beside("short");
      const figures: Figure[] = [];
      for (const [name, count, orderKey] of [
        ["one-key", ON_ONE_KEY, () => "same"],
        ["many-keys", KEYS, (i: number) => `key-${i}`],
      ] as const) {
        await fill(name, count, orderKey);
        const { seconds, times } = await beside(name);
        const detail = `${count.toLocaleString("en")} waiting, ${ROUNDS} rounds of take and settle`;
        figures.push({ gate: `choosing the next delivery, ${name}, p99`, floor: "–", value: percentile(times, 0.99), unit: "ms", atMost: 10, detail });
        figures.push({ gate: `the second executor beside ${name}`, floor: "beside a backlog of 2,000", value: (short.seconds / seconds) * 100, unit: "%", atLeast: 90, detail: "it shares the writer with the first" });
      }
      return figures;
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Milliseconds until the store has chosen; the chosen one is settled. */
async function oneRound(store: Store, executor: string): Promise<number> {
  const begin = performance.now();
  const taken = await store.take(executor, 1, Date.now(), 1);
  const ms = performance.now() - begin;
  const [chosen] = taken.runs[0] ?? [];
  if (!chosen) throw new Error(`${executor} has a backlog, and nothing was chosen`);
  await store.settle({ id: chosen.id, state: "delivered", attempts: 1, atMs: Date.now() });
  return ms;
}

async function secondsOf(store: Store, executor: string, rounds: number): Promise<number> {
  const begin = performance.now();
  for (let i = 0; i < rounds; i++) await oneRound(store, executor);
  return (performance.now() - begin) / 1000;
}
