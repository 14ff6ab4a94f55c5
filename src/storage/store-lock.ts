/**
 * One process per store. `squall.lock` beside `squall.db` is a second SQLite file held in exclusive locking mode: the lock
 * is the kernel's, so it is free again after any death of the holder, and no file left behind can block a start. Who holds
 * it stands in `squall.lock.holder`, a text for the loser to read; it is never trusted for more than a message.
 *
 * A lock file cannot be read as a file while it is held: closing any other descriptor of it would drop the lock.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../component/app-error.ts";

export interface StoreLock {
  release(): void;
}

export interface LockHolder {
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly startedMs: number;
}

/** SQLITE_BUSY */
const BUSY = 5;

/** `path` is the database's. Throws AppError `store_locked` naming the holder. */
export async function lockStore(
  path: string,
  holder: LockHolder = { pid: process.pid, startedMs: performance.timeOrigin },
): Promise<StoreLock> {
  const file = lockPath(path);
  const note = `${file}.holder`;
  let lock: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    lock = new DatabaseSync(file, { timeout: 0 });
    // The first write takes the lock, and this mode never gives it back..
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT");
    const held = lock;
    const started = new Date(Math.round(holder.startedMs)).toISOString();
    writeFileSync(note, `process ${holder.pid}, started ${started}\n`, { mode: 0o600 });
    return {
      release() {
        if (!held.isOpen) return;
        rmSync(note, { force: true });
        held.close();
      },
    };
  } catch (error) {
    lock?.close();
    if (isBusy(error)) throw new AppError("store_locked", `the store ${path} is held by ${holderOf(note)}`);
    const message = `the store's lock ${file} cannot be taken: ${(error as Error).message}`;
    throw new AppError("store_failed", message, { cause: error });
  }
}

/** `data/squall.db` → `data/squall.lock` */
const lockPath = (path: string): string => `${path.replace(/\.db$/, "")}.lock`;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" && (error.errcode & 0xff) === BUSY;

function holderOf(note: string): string {
  try {
    return readFileSync(note, "utf8").trim();
  } catch {
    // Between taking the lock and writing the note: the holder is not known yet, that it is held is.
    return "another process";
  }
}
