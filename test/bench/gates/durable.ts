import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { silentLogger } from "../../../src/component/logger.ts";
import { wallClock } from "../../../src/app/wall-clock.ts";
import { openSqliteStore } from "../../../src/storage/sqlite-store.ts";
import { delivery, event, storeOptions, unit } from "../../kit/store-fixtures.ts";
import { timedKey } from "../timed-key.ts";
import { interleaved, type Gate } from "../gate.ts";

const SENDERS = 256;
const payload = JSON.stringify({ method: "POST", url: "http://127.0.0.1:1/hook", body: { text: "x".repeat(700) } });

/** Every event, with a generated id as a webhook gives it, fires one delivery; 256 senders each wait for their commit. */
export const durable: Gate = {
  name: "durable",
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "squall-durable-"));
    const store = await openSqliteStore(storeOptions(join(folder, "squall.db")), { clock: wallClock, logger: silentLogger });
    const floor = new Worker(new URL("../durable-floor.ts", import.meta.url), { workerData: { folder, payload } });
    const ask = (kind: string): Promise<number> =>
      new Promise((resolve, reject) => {
        floor.once("message", (rate: number) => {
          floor.off("error", reject);
          resolve(rate);
        });
        floor.once("error", reject);
        floor.postMessage({ kind, count });
      });
    const count = quick ? 8192 : 32_768;
    let next = 0;
    const rate = async (): Promise<number> => {
        const units = Array.from({ length: count }, () => {
        const id = `event-${next++}`;
        return unit(event(delivery(id, { key: timedKey(next), executor: "sink", payload })));
      });
      let at = 0;
      let committed = 0;
      const begin = performance.now();
      const sender = async (): Promise<void> => {
        while (at < units.length) {
          const result = await store.commit(units[at++]!);
          if (result.collisions === 0 && result.waiting.length === 1) committed++;
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, sender));
      const seconds = (performance.now() - begin) / 1000;
      if (committed !== count) throw new Error(`${committed} of ${count} events were committed as new`);
      return count / seconds;
    };
    try {
      const rates = await interleaved(quick ? 3 : 5, { squall: rate, shipped: () => ask("shipped"), plain: () => ask("plain") });
      const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")}/s`;
      const detail = `${perSecond(rates.squall)} against`;
      return [
        { gate: "durable path, 256 senders", floor: "shipped schema and inserts in a worker", value: (rates.squall / rates.shipped) * 100, unit: "%", atLeast: 70, detail: `${detail} ${perSecond(rates.shipped)}` },
        { gate: "durable path, 256 senders", floor: "plain (id, payload) inserts", value: (rates.squall / rates.plain) * 100, unit: "%", atLeast: 40, detail: `${detail} ${perSecond(rates.plain)}` },
      ];
    } finally {
      await floor.terminate();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
