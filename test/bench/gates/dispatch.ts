import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { system } from "../../../src/app/system.ts";
import { DEFAULT_DISPATCH, type ExecutorPlan } from "../../../src/component/executor-plan.ts";
import { silentLogger } from "../../../src/component/logger.ts";
import { noMetrics } from "../../../src/component/metrics.ts";
import type { Store } from "../../../src/component/store.ts";
import { createDispatcher } from "../../../src/engine/dispatcher.ts";
import { createHealthBoard } from "../../../src/engine/health-board.ts";
import { webhook } from "../../../src/executors/webhook.ts";
import { createMemoryStore } from "../../../src/storage/memory-store.ts";
import { openSqliteStore } from "../../../src/storage/sqlite-store.ts";
import { until } from "../../kit/squall-process.ts";
import { delivery, event, storeOptions, unit } from "../../kit/store-fixtures.ts";
import { interleaved, type Gate } from "../gate.ts";
import { timedKey } from "../timed-key.ts";

const AT_ONCE = 64;
const outbound = { timeoutMs: 10_000, concurrency: AT_ONCE };

/** Deliveries to an HTTP sink, 64 at once, each settled; against a bare loop over the same bodies. */
export const dispatch: Gate = {
  name: "dispatch",
  async run({ quick }) {
    const sink = fork("test/bench/sink-child.ts", { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const told = (): Promise<number> => new Promise((resolve) => sink.once("message", (value) => resolve(value as number)));
    const origin = `http://127.0.0.1:${await told()}`;
    const received = (): Promise<number> => {
      const answer = told();
      sink.send("count");
      return answer;
    };
    const folder = mkdtempSync(join(tmpdir(), "squall-dispatch-"));
    const count = quick ? 3000 : 10_000;
    const payload = { method: "POST", url: `${origin}/hook`, body: { text: "x".repeat(700) } };
    let files = 0;
    try {
      const rates = await interleaved(quick ? 3 : 5, {
        bare: () => bareRate(origin, JSON.stringify(payload.body), count),
        memory: async () => {
          const store = createMemoryStore(storeOptions(join(folder, "none")), { clock: system.clock, logger: silentLogger });
          return counted(received, count, () => dispatchRate(store, payload, count));
        },
        sqlite: async () => {
          const store = await openSqliteStore(storeOptions(join(folder, `${files++}.db`)), { clock: system.clock, logger: silentLogger });
          return counted(received, count, () => dispatchRate(store, payload, count));
        },
      });
      const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString("en")}/s`;
      const figure = (gate: string, rate: number, atLeast: number) => ({
        gate,
        floor: "bare undici Pool.request",
        value: (rate / rates.bare) * 100,
        unit: "%" as const,
        atLeast,
        detail: `${perSecond(rate)} against ${perSecond(rates.bare)}`,
      });
      return [figure("dispatch, memory store", rates.memory, 80), figure("dispatch, SQLite", rates.sqlite, 35)];
    } finally {
      sink.disconnect();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function counted(received: () => Promise<number>, count: number, measure: () => Promise<number>): Promise<number> {
  const before = await received();
  const rate = await measure();
  const reached = (await received()) - before;
  if (reached !== count) throw new Error(`${reached} of ${count} deliveries reached the sink`);
  return rate;
}

async function bareRate(origin: string, body: string, count: number): Promise<number> {
  const pool = new Pool(origin, { connections: AT_ONCE });
  let left = count;
  const begin = performance.now();
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await pool.request({ method: "POST", path: "/hook", headers: { "content-type": "application/json" }, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const seconds = (performance.now() - begin) / 1000;
  await pool.destroy();
  return count / seconds;
}

/** From the start of the dispatcher until nothing is unsettled. */
async function dispatchRate(store: Store, payload: { url: string }, count: number): Promise<number> {
  const text = JSON.stringify(payload);
  for (let i = 0; i < count; i += 500) {
    const events = Array.from({ length: Math.min(500, count - i) }, (_, k) =>
      event(delivery(`event-${i + k}`, { key: timedKey(i + k), executor: "sink", payload: text, eventMs: Date.now(), receivedMs: Date.now() })),
    );
    await store.commit(unit(...events));
  }
  const options = webhook.options.parse({});
  const executor = webhook.create(options, { id: "sink", clock: system.clock, logger: silentLogger, outbound, emit: async () => undefined });
  const plan: ExecutorPlan = {
    id: "sink",
    type: webhook,
    options,
    secrets: {},
    outbound,
    dispatch: { ...DEFAULT_DISPATCH, concurrency: AT_ONCE, orderOf: () => null },
    hash: "bench",
  };
  const dispatcher = createDispatcher({
    store,
    clock: system.clock,
    logger: silentLogger,
    metrics: noMetrics,
    health: createHealthBoard(system.clock),
    random: Math.random,
  });
  await dispatcher.configure([{ plan, executor }]);
  const begin = performance.now();
  dispatcher.start();
  await until(async () => ((await store.stats()).executors["sink"]?.pending ?? 0) === 0, 120_000);
  const seconds = (performance.now() - begin) / 1000;
  await dispatcher.stop(1000);
  await executor.close?.();
  await store.close();
  return count / seconds;
}
