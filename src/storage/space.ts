/**
 * How space is counted, equally in every store.
 *
 * A row weighs its payload's UTF-8 bytes plus a flat allowance for its other columns and its index entries. What lives
 * (pending, waiting, dead letters) is held to `maxBytes`; delivered payloads only use what is left of it, so they are
 * reclaimed first. Identities and keys are not counted: they are kept for the retention whatever happens.
 */
import { AppError } from "../component/app-error.ts";
import type { ExecutorSpace, StoreOptions } from "../component/store.ts";

export const ROW_BYTES = 256;

export const rowBytes = (payload: string): number => Buffer.byteLength(payload) + ROW_BYTES;

/** Delivered payloads may take this much beside what lives. */
export const historyBound = (options: StoreOptions, liveBytes: number): number =>
  Math.min(options.historyBytes, Math.max(0, options.maxBytes - liveBytes));

const WITHOUT_LIMIT: ExecutorSpace = { maxShare: 1, onFull: "refuse" };

export const spaceOf = (spaces: Readonly<Record<string, ExecutorSpace>>, executor: string): ExecutorSpace =>
  Object.hasOwn(spaces, executor) ? (spaces[executor] ?? WITHOUT_LIMIT) : WITHOUT_LIMIT;

export const shareBytes = (options: StoreOptions, space: ExecutorSpace): number =>
  Math.floor(space.maxShare * options.maxBytes);

/** Code and reason of a delivery that `dead_letter_oldest` gave up on. */
export const EVICTED = { code: "outbox_full", reason: "the executor's share of the store is full" } as const;

/** Why a unit does not fit; null: it fits. `added` and `used` are bytes of unsettled deliveries per executor. */
export function refusal(
  options: StoreOptions,
  spaces: Readonly<Record<string, ExecutorSpace>>,
  liveBytes: number,
  used: (executor: string) => number,
  added: Iterable<readonly [executor: string, bytes: number]>,
  addedDeadBytes: number,
): string | null {
  let total = liveBytes + addedDeadBytes;
  for (const [executor, bytes] of added) {
    total += bytes;
    const space = spaceOf(spaces, executor);
    const share = shareBytes(options, space);
    if (space.onFull === "refuse" && used(executor) + bytes > share)
      return `the outbox of executor "${executor}" would hold ${used(executor) + bytes} bytes, its share is ${share}`;
  }
  return total > options.maxBytes ? `the store would hold ${total} bytes, max_size is ${options.maxBytes}` : null;
}

export const storeFull = (message: string): AppError => new AppError("store_full", message, { retryAfterMs: 5_000 });
export const diskFull = (freeBytes: number): AppError => {
  const message =
    freeBytes < MIN_FREE_BYTES
      ? `${freeBytes} bytes are free under the store, ${MIN_FREE_BYTES} are needed`
      : `the disk under the store was full, its reserve is not written again yet; ${freeBytes} bytes are free`;
  return new AppError("disk_full", message, { retryAfterMs: 10_000 });
};
export const shuttingDown = (): AppError => new AppError("shutting_down", "the store is closing");

/** Below this nothing new is taken in. */
export const MIN_FREE_BYTES = 64 * 1024 * 1024;

export const PAGE_LIMIT = 200;
/** A page also ends when its payloads pass this. */
export const PAGE_BYTES = 4 * 1024 * 1024;

export const pageLimit = (limit: number | undefined): number => Math.min(PAGE_LIMIT, Math.max(1, limit ?? 50));
