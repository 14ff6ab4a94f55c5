/** Listeners of collectors' own: the same HTTP server as the ingest listener, with one handler behind every path. */
import type { OpenHttp } from "../component/http-mount.ts";
import type { Logger } from "../component/logger.ts";
import { createIngestListener } from "../http/ingest-listener.ts";
import { readTls } from "./read-tls.ts";

export function createOpenHttp(deps: { readonly logger: Logger; readonly maxConnections: number }): OpenHttp {
  return async ({ name, host, port, tls: files }, handler) => {
    const tls = await readTls(files);
    const { maxConnections, logger } = deps;
    const listener = createIngestListener({ name, host, port, tls, maxConnections }, { logger });
    listener.mount.mount("/*", handler);
    const { address, port: bound } = await listener.listen();
    return { address, port: bound, close: listener.close };
  };
}
