import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { system } from "../../../src/app/system.ts";
import { silentLogger } from "../../../src/component/logger.ts";
import { openSqliteStore } from "../../../src/storage/sqlite-store.ts";
import { delivery, event, storeOptions, unit } from "../../kit/store-fixtures.ts";
import { fillStore } from "../fill-store.ts";
import { interleaved, percentile, type Gate } from "../gate.ts";
import { timedKey } from "../timed-key.ts";

const BACKLOG = 50_000;
const SENDERS = 32;
const payload = JSON.stringify({ method: "POST", url: "http://127.0.0.1:1/hook", body: { text: "x".repeat(700) } });

/**
 * How long commits take while the store forgets what was settled, pages through deliveries and is backed up, without
 * a pause. Each delivery is settled as soon as it is committed, and the retention is a millisecond, so that there is
 * always something to forget.
 */
export const commitBeside: Gate = {
  name: "commit beside",
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "squall-beside-"));
    const options = storeOptions(join(folder, "squall.db"), { retentionMs: 1 });
    const store = await openSqliteStore(options, { clock: system.clock, logger: silentLogger });
    const commits = quick ? 3000 : 10_000;
    let n = 0;
    const p99 = async (): Promise<number> => {
      const times: number[] = [];
      const settled: Promise<void>[] = [];
      let left = commits;
      const sender = async (): Promise<void> => {
        while (left-- > 0) {
          const fresh = unit(event(delivery(`beside-${n}`, { key: timedKey(n++), executor: "sink", payload })));
          const begin = performance.now();
          const { leased } = await store.commit(fresh, { sink: 1 });
          times.push(performance.now() - begin);
          const [one] = leased;
          if (!one) throw new Error("a commit gave no delivery");
          settled.push(store.settle({ id: one.id, state: "delivered", attempts: 1, atMs: Date.now() }));
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, sender));
      await Promise.all(settled);
      return percentile(times, 0.99);
    };
    const done = { forgetting: 0, listing: 0, backup: 0 };
    try {
      await fillStore(store, BACKLOG, () => ({ key: timedKey(n++), executor: "backlog", payload }));
      const times = await interleaved(quick ? 3 : 5, {
        alone: p99,
        async beside() {
          let running = true;
          let cursor: string | null = null;
          const repeat = async (name: keyof typeof done, act: () => Promise<unknown>): Promise<void> => {
            for (; running; done[name]++) await act();
          };
          const work = Promise.all([
            repeat("forgetting", async () => {
              await store.maintain(Date.now());
              await new Promise((resolve) => setImmediate(resolve));
            }),
            repeat("listing", async () => {
              const page = await store.listDeliveries({ limit: 200, ...(cursor === null ? {} : { cursor }) });
              cursor = page.next;
            }),
            repeat("backup", () => {
              const file = join(folder, `${done.backup}.backup`);
              return store.backup(file).then(() => rmSync(file));
            }),
          ]);
          const result = await p99();
          running = false;
          await work;
          return result;
        },
      });
      const left = await store.stats();
      if (left.executors["backlog"]?.pending !== BACKLOG || left.executors["sink"] !== undefined) throw new Error(`the store holds ${JSON.stringify(left.executors)}`);
      const detail = `${times.beside.toFixed(1)} ms against ${times.alone.toFixed(1)} ms, ${SENDERS} senders; meanwhile ${done.forgetting} rounds of retention, ${done.listing} pages of 200, ${done.backup} backups`;
      return [{ gate: "commit p99 while retention, listing and backup run", floor: "without them", value: times.beside / times.alone, unit: "x", atMost: 2, detail }];
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
