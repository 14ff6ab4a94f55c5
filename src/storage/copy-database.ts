/**
 * A copy of one state of the database, page by page, while commits go on.
 *
 * VACUUM INTO has no pauses. SQLite's backup has, but begins anew whenever another connection commits, and on the writer's
 * own it finds a transaction open every now and then, which Node reports as a failure. So the connection here is for
 * reading only and keeps a transaction open from before the first page to after the last: all pages are of one state, and
 * the source is never busy. Each step copies few pages and puts them on the disk, since a commit's sync waits for what
 * others have written and not synced.
 *
 * While it lasts, nothing that is committed gets out of the journal (checkpoints.ts), which grows by it; how far, the pace
 * bounds (pace.ts). The copy is as large as the file, free pages included.
 */
import { closeSync, fsyncSync, fdatasyncSync, openSync, renameSync, rmSync } from "node:fs";
import { backup, type DatabaseSync } from "node:sqlite";
import { beginRested, type Pace } from "./pace.ts";

/** 256 KiB. */
const STEP_PAGES = 64;

export async function copyDatabase(db: DatabaseSync, file: string, pace: Pace): Promise<void> {
  const partial = partialOf(file);
  removePartial(file);
  try {
    // Exists before it is filled, so that it is never readable for others.
    const written = openSync(partial, "wx+", 0o600);
    try {
      await copyPages(db, partial, pace, () => fdatasyncSync(written));
      fsyncSync(written);
    } finally {
      closeSync(written);
    }
    renameSync(partial, file);
  } catch (error) {
    removePartial(file);
    throw error;
  }
}

async function copyPages(db: DatabaseSync, to: string, pace: Pace, sync: () => void): Promise<void> {
  db.exec("BEGIN");
  try {
    // Reading is what fixes the state.
    db.prepare("SELECT count(*) FROM meta").get();
    beginRested(pace);
    await backup(db, to, {
      rate: STEP_PAGES,
      progress() {
        sync();
        pace.end();
        beginRested(pace);
      },
    });
  } finally {
    db.exec("COMMIT");
  }
}

const partialOf = (file: string): string => `${file}.partial`;

/** What a backup that was broken off has left. */
export function removePartial(file: string): void {
  for (const suffix of ["", "-journal"]) rmSync(partialOf(file) + suffix, { force: true });
}
