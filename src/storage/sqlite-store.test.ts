import { rmSync } from "node:fs";
import { join } from "node:path";
import { describeStore } from "../../test/kit/describe-store.ts";
import { storeFolder, storeOptions } from "../../test/kit/store-fixtures.ts";
import { localThreads } from "../../test/kit/store-threads.ts";
import { openSqliteStore } from "./sqlite-store.ts";

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
