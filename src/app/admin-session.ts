/**
 * `admin.session` beside the store: where and with which token the commands of this machine reach the running process.
 * A token of its own, new at each start; who can read the file (0600) could read the store as well.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "../component/app-error.ts";

export interface AdminSession {
  readonly url: string;
  readonly token: string;
  /** PEM of the listener's certificate, when it has one: the only one to trust there. */
  readonly certificate?: string;
}

export const sessionFile = (storePath: string): string => join(dirname(storePath), "admin.session");

export async function writeSession(file: string, session: AdminSession): Promise<void> {
  const fresh = `${file}.new`;
  await rm(fresh, { force: true }); // its mode would stay that of the old file
  await writeFile(fresh, `${JSON.stringify(session)}\n`, { mode: 0o600, flag: "wx" });
  await rename(fresh, file);
}

/** Null: there is none. */
export async function readSession(file: string): Promise<AdminSession | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const { url, token, certificate } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url === "string" && typeof token === "string")
      return { url, token, ...(typeof certificate === "string" && { certificate }) };
  } catch {
    // said below: the file is no session, whatever it is
  }
  throw new AppError("conflict", `${file} is no session; accepted: {"url", "token"} as \`squall serve\` writes it`);
}

/** The address to connect to: a wildcard is reached over loopback. */
export function reachableUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.hostname === "0.0.0.0") parsed.hostname = "127.0.0.1";
  if (parsed.hostname === "[::]") parsed.hostname = "[::1]";
  return parsed.origin;
}
