/**
 * The admin token: 32 random bytes, made at the first start and shown once. Its file holds `sha256:<hex>` alone (0600):
 * a token of that many random bits needs no slow hash. Deleting the file makes a new token at the next start.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../component/app-error.ts";
import { hashToken } from "../http/admin-access.ts";

export interface AdminToken {
  readonly hash: string;
  /** The token itself, only when it was made just now. */
  readonly fresh: string | null;
}

export async function loadAdminToken(file: string, randomBytes: (count: number) => Buffer): Promise<AdminToken> {
  const found = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (found === null) return makeToken(file, randomBytes);
  const hash = /^sha256:([0-9a-f]{64})\s*$/.exec(found)?.[1];
  if (hash === undefined)
    throw new AppError("configuration", `${file} holds no token hash; accepted: sha256:<64 hex digits>, or no file`);
  return { hash, fresh: null };
}

async function makeToken(file: string, randomBytes: (count: number) => Buffer): Promise<AdminToken> {
  const token = newToken(randomBytes);
  const hash = hashToken(token);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `sha256:${hash}\n`, { mode: 0o600, flag: "wx" });
  return { hash, fresh: token };
}

export const newToken = (randomBytes: (count: number) => Buffer): string => randomBytes(32).toString("base64url");
