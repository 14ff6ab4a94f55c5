import { createLog } from "../app/create-log.ts";
import { AppError } from "../component/app-error.ts";
import type { StoreOptions } from "../component/store.ts";
import { wallClock } from "../app/wall-clock.ts";
import type { Host } from "../app/host.ts";
import { backupTo } from "../http/backup-to.ts";
import { deadFilterOf, pageView, viewOf } from "../http/delivery-view.ts";
import { openSqliteStore } from "../storage/sqlite-store.ts";
import type { StoreLock } from "../storage/store-lock.ts";
import type { Admin } from "./admin.ts";

/** The store itself, opened for one command while nobody else holds it. */
export async function localAdmin(options: StoreOptions, lock: StoreLock, host: Host): Promise<Admin> {
  const logger = await createLog({ level: "error", format: "json", colour: false }, host.err);
  const store = await openSqliteStore(options, { clock: wallClock, logger }).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  return {
    list: async (query) => pageView(await store.listDeliveries(query)),
    async show(id) {
      const record = await store.getDelivery(id);
      if (!record) throw new AppError("not_found", `there is no delivery ${id}`);
      return viewOf(record);
    },
    retry: (selection) => store.retryDead(deadFilterOf(selection)),
    drop: (selection) => store.dropDead(deadFilterOf(selection)),
    backup: (file) => backupTo(file, store),
    check: () => store.check(),
    async compact() {
      const { beforeBytes, afterBytes } = await store.compact();
      return { before_bytes: beforeBytes, after_bytes: afterBytes };
    },
    async close() {
      await store.close();
      lock.release();
    },
  };
}
