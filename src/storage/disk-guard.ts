/**
 * Watches the free space under the store.
 *
 * While less than 64 MiB are free, or after the database said that the disk is full, nothing new is taken in. A ballast
 * file of 16 MiB beside the database is given up at that moment, so that settlements, the retention and the checkpoint go
 * on. When there is room for the ballast above the 64 MiB it is written again, and with it taking in goes on.
 */
import { rmSync, statfsSync, statSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "../component/logger.ts";
import { MIN_FREE_BYTES } from "./space.ts";

export interface DiskGuard {
  /** Looks, and says whether nothing new may be taken in. */
  full(): boolean;
  /** The database found no space. */
  foundFull(): void;
  freeBytes(): number;
  /** Looks, and resolves when the ballast is whole or given up. */
  settled(): Promise<void>;
  /** Stops writing the ballast; for closing. */
  stop(): Promise<void>;
}

export const BALLAST_BYTES = 16 * 1024 * 1024;

export interface DiskGuardOptions {
  readonly databasePath: string;
  readonly logger: Logger;
  readonly freeBytes?: (() => number) | undefined;
}

export const ballastPath = (databasePath: string): string => `${databasePath}.ballast`;

export function createDiskGuard({ databasePath, logger, ...options }: DiskGuardOptions): DiskGuard {
  const path = ballastPath(databasePath);
  const folder = dirname(databasePath);
  const freeBytes =
    options.freeBytes ??
    (() => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    });
  let isFull = false;
  // A shorter one was left by a process that ended while writing it.
  let hasBallast = statSync(path, { throwIfNoEntry: false })?.size === BALLAST_BYTES;
  const stopping = new AbortController();
  let writing: Promise<void> | null = null;

  function enter(free: number): void {
    if (!isFull)
      logger.error({ free_bytes: free, min_free_bytes: MIN_FREE_BYTES }, "disk full, new events are refused");
    isFull = true;
    if (!hasBallast) return;
    hasBallast = false;
    rmSync(path, { force: true });
  }

  function look(): boolean {
    const free = freeBytes();
    if (free < MIN_FREE_BYTES) enter(free);
    else if (!hasBallast && !writing && !stopping.signal.aborted && free >= MIN_FREE_BYTES + BALLAST_BYTES)
      writing = restore();
    return isFull;
  }

  async function restore(): Promise<void> {
    try {
      await writeBallast(path, stopping.signal);
      hasBallast = true;
      if (isFull) logger.info({}, "space is back under the store, events are taken in again");
      isFull = false;
    } catch (error) {
      await rm(path, { force: true });
      if (!stopping.signal.aborted) logger.warn({ error }, "the ballast file could not be written");
    } finally {
      writing = null;
    }
  }

  return {
    full: look,
    foundFull: () => enter(freeBytes()),
    freeBytes,
    async settled() {
      look();
      await writing;
    },
    async stop() {
      stopping.abort();
      await writing;
    },
  };
}

/** Real blocks: not zeros, which some file systems do not store. */
async function writeBallast(path: string, signal: AbortSignal): Promise<void> {
  const block = Buffer.alloc(1024 * 1024, "ballast ");
  const file = await open(path, "w", 0o600);
  try {
    for (let written = 0; written < BALLAST_BYTES; written += block.length) {
      signal.throwIfAborted();
      await file.write(block);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
