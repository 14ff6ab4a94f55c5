/**
 * How `deliveries` and `store` reach the store: over the admin API of the process that holds it, else by opening it,
 * locked for as long as the command runs. `--url` (with the variable SQUALL_ADMIN_TOKEN) names a process elsewhere.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Host } from "../app/host.ts";
import type { Admin } from "./admin.ts";
import { collect, httpUrl } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";

export interface AdminOptions {
  readonly configDir: string;
  readonly set: readonly string[];
  readonly url?: string;
  readonly caFile?: string;
}

/** The options that every command on the store has. */
export const adminOptions = (command: Command): Command =>
  command
    .option("--config-dir <dir>", "the folder that holds config/", ".")
    .option("--set <path=value>", "set a setting, such as store.path=/var/lib/squall/squall.db", collect, [])
    .option("--url <url>", "admin listener of a running instance; its token in SQUALL_ADMIN_TOKEN", httpUrl)
    .option("--ca-file <file>", "PEM of the CA to trust there");

/** Opens, runs, closes. */
export async function withAdmin(
  options: AdminOptions,
  host: Host,
  run: (admin: Admin) => Promise<number>,
): Promise<number> {
  const admin = await openAdmin(options, host);
  if (!admin) return EXIT.cannotRun;
  try {
    return await run(admin);
  } finally {
    await admin.close();
  }
}

/** Null: the settings have errors, which were printed. */
async function openAdmin(options: AdminOptions, host: Host): Promise<Admin | null> {
  const [{ AppError }, { Secret }] = await Promise.all([
    import("../component/app-error.ts"),
    import("../component/secret.ts"),
  ]);
  const token = host.env["SQUALL_ADMIN_TOKEN"];
  if (options.url !== undefined) {
    if (!token) throw new AppError("bad_request", "--url needs the admin token in the variable SQUALL_ADMIN_TOKEN");
    const ca = options.caFile === undefined ? undefined : await readFile(resolve(host.cwd, options.caFile), "utf8");
    const { remoteAdmin } = await import("./remote-admin.ts");
    return remoteAdmin({ url: options.url, token: new Secret(token), ca });
  }
  const { loadSettingsOnly } = await import("./load-plan.ts");
  const settings = await loadSettingsOnly(options, host);
  if (!settings) return null;
  const { store } = settings;
  const { lockStore } = await import("../storage/store-lock.ts");
  try {
    const lock = await lockStore(store.path);
    const { localAdmin } = await import("./local-admin.ts");
    return await localAdmin(store, lock, host);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "store_locked") throw error;
    const { readSession, sessionFile } = await import("../app/admin-session.ts");
    const session = await readSession(sessionFile(store.path));
    // Held by something that serves no API: another command, or a process that has not opened its listener yet.
    if (!session) throw error;
    const { remoteAdmin } = await import("./remote-admin.ts");
    return remoteAdmin({ url: session.url, token: new Secret(session.token), certificate: session.certificate });
  }
}
