import type { FastifyInstance } from "fastify";
import type { AdminPorts } from "../admin-ports.ts";
import { backupTo } from "../backup-to.ts";
import { storeBackup, storeCheck, storeCompact } from "../contract/store.ts";
import { serveEndpoint } from "./serve-endpoint.ts";

export function storeRoutes(server: FastifyInstance, { store }: AdminPorts): void {
  serveEndpoint(server, storeBackup, ({ body }) => backupTo(body.file, store));
  serveEndpoint(server, storeCheck, async () => ({ problems: [...(await store.check())] }));
  serveEndpoint(server, storeCompact, async () => {
    const { beforeBytes, afterBytes } = await store.compact();
    return { before_bytes: beforeBytes, after_bytes: afterBytes };
  });
}
