/** The admin listener with its tokens, and the session file by which commands on this machine find it. */
import { rm } from "node:fs/promises";
import type { Logger } from "../component/logger.ts";
import type { Settings } from "../config/settings.ts";
import { hashToken } from "../http/admin-access.ts";
import { createAdminListener } from "../http/admin-listener.ts";
import type { AdminPorts } from "../http/admin-ports.ts";
import { reachableUrl, sessionFile, writeSession } from "./admin-session.ts";
import { loadAdminToken, newToken } from "./admin-token.ts";
import { readTls } from "./read-tls.ts";
import type { System } from "./system.ts";

export interface OpenAdmin {
  readonly url: string;
  /** The admin token, if it was made just now. */
  readonly freshToken: string | null;
  close(): Promise<void>;
}

export async function openAdmin(
  settings: Settings,
  deps: { readonly ports: AdminPorts; readonly logger: Logger; readonly randomBytes: System["randomBytes"] },
): Promise<OpenAdmin> {
  const { host, port, allowedHosts, tokenHashFile } = settings.admin;
  const token = await loadAdminToken(tokenHashFile, deps.randomBytes);
  const sessionToken = newToken(deps.randomBytes);
  const tls = await readTls(settings.admin.tls);
  const listener = createAdminListener(
    {
      host,
      port,
      tls: tls ?? null,
      access: {
        tokenHashes: [token.hash, hashToken(sessionToken)],
        allowedHosts,
        metricsTokenHash: settings.metrics.token && hashToken(settings.metrics.token.reveal()),
      },
    },
    deps,
  );
  const url = await listener.listen();
  const file = sessionFile(settings.store.path);
  await writeSession(file, {
    url: reachableUrl(url),
    token: sessionToken,
    ...(tls && { certificate: leafOf(tls.cert) }),
  });
  return {
    url,
    freshToken: token.fresh,
    async close() {
      await rm(file, { force: true });
      await listener.close();
    },
  };
}

/** The first certificate of the file is the listener's own; those after it are its chain. */
const leafOf = (pem: string): string =>
  /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(pem)?.[0] ?? pem;
