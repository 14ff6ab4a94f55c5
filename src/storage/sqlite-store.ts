/**
 * The store in SQLite, main-thread side. One thread writes (group commit), a second one reads; this file hands calls to
 * them, keeps the disk guarded, and ends everything when one of them is lost.
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../component/app-error.ts";
import type { DeadFilter, ExecutorSpace, Run, Store, StoreOptions, StoreStats, Taken } from "../component/store.ts";
import { lazyChannel, openChannel, RemoteError, type Channel } from "./channel.ts";
import { removePartial } from "./copy-database.ts";
import type { DeadStep } from "./dead-letters.ts";
import { deliveryOf } from "./delivery-row.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { createDiskGuard } from "./disk-guard.ts";
import { createGroupCommit } from "./group-commit.ts";
import { transferOf } from "./group-message.ts";
import type { Reader } from "./reader.ts";
import { diskFull, shuttingDown } from "./space.ts";
import type { WorkerData } from "./sqlite-worker.ts";
import type { StoreDeps } from "./store-deps.ts";
import { workerUrl } from "./worker-url.ts";
import type { Writer } from "./writer.ts";

/** How the two sides are connected; tests put the other side into this thread. */
export interface StoreThreads {
  readonly writer: Channel<Writer>;
  readonly reader: Channel<Reader>;
  /** Another reader, for one long task. */
  readonly long: () => Channel<Reader>;
}

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE, which is what a full disk makes of growing the WAL index. */
const FULL_CODES = [13, 4874];

/** Deliveries read in one go; commits come in between. */
const ENOUGH = 128;

export async function openSqliteStore(
  options: StoreOptions,
  deps: StoreDeps,
  connect: (onDeath: (error: Error) => void) => Promise<StoreThreads> = (onDeath) => startThreads(options, onDeath),
): Promise<Store> {
  const { clock, logger } = deps;
  const dropped = deps.metrics?.counter("squall_store_dead_letters_dropped_total", "Dead letters dropped for space");
  prepareFiles(options.path);
  const guard = createDiskGuard({ databasePath: options.path, logger, freeBytes: deps.freeBytes });
  guard.full();
  let failure: AppError | null = null;
  let closing = false;
  /** Threads of long tasks. */
  const asides = new Set<Channel<Reader>>();

  function fail(cause: unknown): AppError {
    if (failure) return failure;
    const message = cause instanceof Error ? cause.message : String(cause);
    failure = new AppError("store_failed", `the store failed: ${message}`, { cause });
    groups.fail(failure);
    if (!closing) {
      logger.error({ error: cause }, "the store failed");
      deps.onFailure?.(failure);
    }
    return failure;
  }

  const missingSpace = (error: unknown): AppError | null => {
    if (!(error instanceof RemoteError) || !FULL_CODES.includes(error.errcode ?? 0)) return null;
    guard.foundFull();
    return diskFull(guard.freeBytes());
  };

  const noteDropped = (count: number): void => {
    if (count === 0) return;
    dropped?.inc({}, count);
    logger.warn({ count, max_bytes: options.deadLetterBytes }, "oldest dead letters were dropped for space");
  };

  const checkpoints = createCheckpoints({
    aside: () => reader.call("checkpoint"),
    writer: () => writer.call("checkpoint"),
    onError: checkpointFailed,
  });
  function checkpointFailed(error: unknown): void {
    if (!closing && !failure && !missingSpace(error)) logger.warn({ error }, "a checkpoint failed");
  }

  const groups = createGroupCommit({
    send: (message) => writer.callWith(transferOf(message), "group", message),
    nowMs: () => clock.nowMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    refuseUnits: () => (guard.full() ? diskFull(guard.freeBytes()) : null),
    missingSpace,
    onSent({ droppedDeadLetters, journal }) {
      noteDropped(droppedDeadLetters);
      checkpoints.grown(journal);
    },
    onFailure: fail,
  });
  const { writer, reader, long } = await connect((error) => void fail(error)).catch((error: unknown) => {
    throw error instanceof AppError ? error : openingFailed(options.path, error);
  });

  /** Runs a call; an error about space is told as such, any other is the end of the store. */
  async function guarded<T>(act: () => Promise<T>): Promise<T> {
    if (failure) throw failure;
    if (closing) throw shuttingDown();
    try {
      return await act();
    } catch (error) {
      throw failure ?? missingSpace(error) ?? fail(error);
    }
  }

  /** A failing query is no failing store. */
  async function query<T>(act: () => Promise<T>): Promise<T> {
    if (failure) throw failure;
    if (closing) throw shuttingDown();
    try {
      return await act();
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw failure ?? new AppError("internal", `the query failed: ${(error as Error).message}`, { cause: error });
    }
  }

  /** In parts, so that no commit waits for a long one. */
  async function take(executor: string, limit: number, nowMs: number, runLimit: number): Promise<Taken> {
    const runs: Run[] = [];
    for (let left = limit; ;) {
      const part = await writer.call("take", executor, left, nowMs, runLimit, ENOUGH);
      for (const run of part.runs) {
        runs.push(run.map((row) => deliveryOf(executor, row)));
        left -= run.length;
      }
      if (left <= 0 || !part.more) return { runs, nextDueMs: part.nextDueMs, more: part.more };
    }
  }

  async function allDead(step: (after: number) => Promise<DeadStep>): Promise<number> {
    let total = 0;
    let after: number | null = 0;
    while (after !== null) {
      const done: DeadStep = await step(after);
      total += done.count;
      after = done.after;
    }
    return total;
  }

  async function maintain(nowMs: number): Promise<void> {
    await guard.settled();
    for (;;) {
      const done = await writer.call("maintain", nowMs);
      checkpoints.grown(done.journal);
      noteDropped(done.droppedDeadLetters);
      if (!done.more || closing) return;
    }
  }

  async function stats(): Promise<StoreStats> {
    const totals = await writer.call("totals");
    const present = Object.entries(totals.executors).filter(([, e]) => e.pending + e.waiting + e.dead > 0);
    const outboxes = present.filter(([, { pending, waiting }]) => pending + waiting > 0);
    const ids = outboxes.map(([executor, { firstId }]) => ({ executor, firstId }));
    // The reader's thread begins with its first call, and most processes have nothing to ask of it.
    const oldest: Readonly<Record<string, number | null>> = ids.length === 0 ? {} : await reader.call("oldest", ids);
    return {
      executors: Object.fromEntries(
        present.map(([name, { pending, waiting, dead }]) => [
          name,
          { pending, waiting, dead, oldestMs: oldest[name] ?? null },
        ]),
      ),
      deadInputs: totals.deadInputs,
      sizeBytes: sizeOf(options.path),
      walBytes: sizeOf(`${options.path}-wal`),
      historyBytes: totals.historyBytes,
      deadLetterBytes: totals.deadBytes,
      freeBytes: guard.freeBytes(),
    };
  }

  async function check(): Promise<readonly string[]> {
    const { synchronous, journalMode } = await writer.call("pragmas");
    const wrong = [
      ...(synchronous === 2 ? [] : [`PRAGMA synchronous is ${synchronous}, expected 2 (FULL)`]),
      ...(journalMode === "wal" ? [] : [`PRAGMA journal_mode is ${journalMode}, expected wal`]),
    ];
    return [...wrong, ...(await aside((channel) => channel.call("check")))];
  }

  async function backup(file: string): Promise<void> {
    try {
      await aside((channel) => channel.call("backup", file));
    } catch (error) {
      if (closing) {
        removePartial(file);
        throw shuttingDown();
      }
      throw new AppError("conflict", `the backup to ${file} failed: ${(error as Error).message}`, { cause: error });
    }
  }

  /** What takes long goes to a thread of its own: neither commits nor pages wait for it. */
  async function aside<T>(act: (channel: Channel<Reader>) => Promise<T>): Promise<T> {
    const channel = long();
    const letGo = checkpoints.hold();
    asides.add(channel);
    try {
      return await act(channel);
    } finally {
      if (!closing && !failure) await channel.call("checkpoint").catch(checkpointFailed);
      letGo();
      asides.delete(channel);
      await channel.end();
    }
  }

  async function close(): Promise<void> {
    if (closing) return;
    closing = true;
    await groups.drain();
    await guard.stop();
    await Promise.all([...asides].map((channel) => channel.end()));
    // The readers first: the last connection to close puts the journal back into the file.
    await reader.end();
    if (!failure) await writer.call("close");
    await writer.end();
  }

  return {
    commit(unit, lease = {}) {
      if (closing) return Promise.reject(failure ?? shuttingDown());
      return groups.commit(unit, lease);
    },
    settle(settlement) {
      if (closing) return Promise.reject(failure ?? shuttingDown());
      return groups.settle(settlement);
    },
    take: (executor, limit, nowMs, runLimit = 1) => guarded(() => take(executor, limit, nowMs, runLimit)),
    release(ids) {
      if (!closing && !failure) writer.call("release", ids).catch(fail);
    },
    pendingExecutors: () =>
      guarded(async () => {
        const { executors } = await writer.call("totals");
        return Object.keys(executors).filter((name) => executors[name]!.pending + executors[name]!.waiting > 0);
      }),
    configureSpace(executors: Readonly<Record<string, ExecutorSpace>>) {
      if (!closing && !failure) writer.call("configureSpace", executors).catch(fail);
    },
    stats: () => guarded(stats),
    listDeliveries: (filter) => query(() => reader.call("list", filter)),
    getDelivery: (id) => query(() => reader.call("get", id)),
    retryDead: (filter: DeadFilter) =>
      guarded(() => allDead((after) => writer.call("retryDead", filter, after, clock.nowMs()))),
    dropDead: (filter: DeadFilter) => guarded(() => allDead((after) => writer.call("dropDead", filter, after))),
    backup: (file) => query(() => backup(file)),
    check: () => query(check),
    compact: () => guarded(() => writer.call("compact")),
    maintain: (nowMs) => guarded(() => maintain(nowMs)),
    close,
  };
}

async function startThreads(options: StoreOptions, onDeath: (error: Error) => void): Promise<StoreThreads> {
  const url = workerUrl("sqlite-worker", import.meta.url);
  const dataOf = (role: WorkerData["role"]): WorkerData => ({ role, options });
  let opened = false;
  const writer = openChannel<Writer>(url, dataOf("writer"), (error) => {
    if (opened) onDeath(error);
  });
  // It makes the schema, or says why it cannot.
  await writer.call("totals");
  opened = true;
  // Started by the first who asks: a start is quicker without it, and a process without a console needs none.
  const reader = lazyChannel(() => openChannel<Reader>(url, dataOf("reader"), onDeath));
  // Its death is told to who waits for the task.
  return { writer, reader, long: () => openChannel<Reader>(url, dataOf("reader"), () => undefined) };
}

/** The folder 0700 if it is made here, the file 0600; SQLite gives its journal the same rights. */
function prepareFiles(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    throw openingFailed(path, error);
  }
}

const openingFailed = (path: string, error: unknown): AppError =>
  new AppError("store_failed", `the store ${path} cannot be opened: ${(error as Error).message}`, { cause: error });

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
