import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { system } from "../../../src/app/system.ts";
import { silentLogger } from "../../../src/component/logger.ts";
import { openSqliteStore } from "../../../src/storage/sqlite-store.ts";
import { configFolder, freePort, serve } from "../../kit/squall-process.ts";
import { storeOptions } from "../../kit/store-fixtures.ts";
import { builtEntry } from "../built-entry.ts";
import { fillStore } from "../fill-store.ts";
import type { Gate } from "../gate.ts";
import { residentMb } from "../resident-mb.ts";
import { sampleConfig } from "../sample-config.ts";
import { timedKey } from "../timed-key.ts";

const WAITING = 1_000_000;
const REST_MS = 60_000;

/** Resident memory of the built program over a store of 1,000,000 deliveries whose target does not answer. */
export const backlog: Gate = {
  name: "memory of a backlog",
  slow: true,
  async run() {
    const target = `http://127.0.0.1:${await freePort()}`;
    const folder = configFolder(sampleConfig({ rules: 100, sink: target }));
    try {
      mkdirSync(join(folder.dir, "data"), { mode: 0o700 });
      const store = await openSqliteStore(storeOptions(join(folder.dir, "data", "squall.db")), { clock: system.clock, logger: silentLogger });
      const payload = JSON.stringify({ method: "POST", url: `${target}/hook`, body: { text: "x".repeat(300) } });
      await fillStore(store, WAITING, (n) => ({ key: timedKey(n), executor: "sink", payload, receivedMs: Date.now() }));
      await store.close();
      const running = await serve({ dir: folder.dir, entry: builtEntry(), port: await freePort(), adminPort: await freePort() });
      try {
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
        const detail = `RSS of the built program 60 s after start, ${WAITING.toLocaleString("en")} waiting`;
        return [{ gate: "memory, 1,000,000 deliveries waiting", floor: "–", value: residentMb(running.child.pid!), unit: "MB", atMost: 300, detail }];
      } finally {
        await running.stop();
      }
    } finally {
      folder.remove();
    }
  },
};
