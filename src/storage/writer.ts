/**
 * The writer: all that changes the database, as plain functions on one connection. It runs in the worker thread; tests
 * run it where they are. Each function that writes is one transaction, after which memory and file agree; an error leaves
 * both as they were before.
 */
import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { DeadFilter, ExecutorSpace, StoreOptions } from "../component/store.ts";
import type { Journal } from "./checkpoints.ts";
import { createCommitter } from "./commit-units.ts";
import { createDeadLetters, type DeadStep } from "./dead-letters.ts";
import { DELIVERY_COLUMNS, type DeliveryRow } from "./delivery-row.ts";
import type { GroupMessage, GroupReply } from "./group-message.ts";
import { openNames } from "./names.ts";
import { createReadyHeads } from "./ready-heads.ts";
import { createRetention } from "./retention.ts";
import { checkpoint } from "./schema.ts";
import { createSettler } from "./settle-rows.ts";
import { openTotals, type Totals } from "./totals.ts";
import type { WriterState } from "./writer-state.ts";

export interface TakenRows {
  readonly runs: readonly (readonly DeliveryRow[])[];
  readonly nextDueMs: number | null;
  readonly more: boolean;
}

export interface Writer {
  group(message: GroupMessage): GroupReply;
  /** Begins no further run after `enough` deliveries, so that no commit waits long. */
  take(executor: string, limit: number, nowMs: number, runLimit: number, enough: number): TakenRows;
  release(ids: readonly number[]): void;
  configureSpace(spaces: Readonly<Record<string, ExecutorSpace>>): void;
  totals(): Totals;
  retryDead(filter: DeadFilter, after: number, nowMs: number): DeadStep;
  dropDead(filter: DeadFilter, after: number): DeadStep;
  /** One step of the retention. */
  maintain(nowMs: number): { readonly more: boolean; readonly droppedDeadLetters: number; readonly journal: Journal };
  checkpoint(): void;
  compact(): { readonly beforeBytes: number; readonly afterBytes: number };
  /** What the connection really runs with. */
  pragmas(): { readonly synchronous: number; readonly journalMode: string };
  close(): void;
}

/** `elapsedMs` is monotonic time. */
export function createWriter(db: DatabaseSync, options: StoreOptions, elapsedMs: () => number): Writer {
  const leases = new Set<number>();
  const names = openNames(db);
  const totals = openTotals(db);
  const heads = createReadyHeads(db, (id) => leases.has(id), totals.now.latestMs);
  const state: WriterState = { db, options, names, totals, leases, heads, spaces: {} };
  const settler = createSettler(state);
  const committer = createCommitter(state, settler);
  const deadLetters = createDeadLetters(state);
  const retention = createRetention(state);
  const load = db.prepare(`SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.id = ?`);
  load.setReturnArrays(true);
  const followers = db.prepare(
    `SELECT ${DELIVERY_COLUMNS}, d.state, d.due_ms FROM delivery d
     WHERE d.executor = ? AND d.order_key = ? AND d.state < 2 AND d.id > ? ORDER BY d.id LIMIT ?`,
  );
  followers.setReturnArrays(true);
  const place = db.prepare("SELECT executor, due_ms, head, state FROM delivery WHERE id = ? AND state < 2");
  place.setReturnArrays(true);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const end = db.prepare("COMMIT");
  const journalState = db.prepare("PRAGMA wal_checkpoint(NOOP)");

  let syncMs = 0;
  let lastEndMs = elapsedMs();

  function transaction<T>(act: () => T, undo: () => void = () => undefined): T {
    begin.run();
    try {
      const result = act();
      totals.save();
      const startMs = elapsedMs();
      end.run();
      syncMs = elapsedMs() - startMs;
      return result;
    } catch (error) {
      // SQLite ends the transaction itself on some errors.
      if (db.isTransaction) db.exec("ROLLBACK");
      totals.restore();
      names.reload();
      undo();
      throw error;
    }
  }

  function group(message: GroupMessage): GroupReply {
    const leased: number[] = [];
    const ended: number[] = [];
    const idleMs = elapsedMs() - lastEndMs;
    const written = transaction(
      () => {
        let droppedDeadLetters = 0;
        const keepBounds = (): void => {
          droppedDeadLetters += deadLetters.keepBound();
          retention.keepBound();
        };
        for (const settlement of message.settlements) {
          settler.settle(settlement);
          if (leases.delete(settlement.id)) ended.push(settlement.id);
          keepBounds();
        }
        settler.promote();
        totals.now.latestMs = Math.max(totals.now.latestMs, message.nowMs);
        const committed = committer.commit(message, leased, keepBounds);
        settler.promote();
        return { ...committed, droppedDeadLetters };
      },
      () => {
        settler.forget();
        for (const id of leased) leases.delete(id);
        for (const id of ended) leases.add(id);
      },
    );
    lastEndMs = elapsedMs();
    return { ...written, idleMs, syncMs, journal: journal() };
  }

  function take(executor: string, limit: number, nowMs: number, runLimit: number, enough: number): TakenRows {
    const number = names.find(executor);
    if (number === undefined) return { runs: [], nextDueMs: null, more: false };
    const runs: (readonly DeliveryRow[])[] = [];
    let left = limit;
    let more = false;
    // Runs may fill the limit before the heads do, so heads are asked for in rounds.
    do {
      const wanted = Math.ceil(Math.min(left, enough - (limit - left)) / runLimit);
      const found = heads.next(number, wanted, nowMs);
      more = found.more;
      if (found.ids.length === 0) break;
      for (const id of found.ids) {
        const run = runFrom(number, id, Math.min(left, runLimit), nowMs);
        for (const row of run) leases.add(row[0]);
        left -= run.length;
        runs.push(run);
      }
    } while (more && left > 0 && limit - left < enough);
    return { runs, nextDueMs: heads.nextDueMs(number, nowMs), more };
  }

  function runFrom(executor: number, id: number, size: number, nowMs: number): readonly DeliveryRow[] {
    const head = load.get(id) as unknown as StoredRow;
    const run = [deliveryRow(head)];
    const orderKey = head[4];
    if (size === 1 || orderKey === null) return run;
    const rows = followers.all(executor, orderKey, id, size - 1) as unknown as readonly StoredRow[];
    for (const row of rows) {
      const [due, rowState] = [row[15]!, row[14]!];
      if (leases.has(row[0]) || (rowState !== 0 && due > nowMs)) break;
      run.push(deliveryRow(row));
    }
    return run;
  }

  const deliveryRow = (row: StoredRow): DeliveryRow => {
    const [id, key, rule, collector, ...rest] = row;
    const [orderKey, eventId, eventMs, receivedMs, committedMs, attempts, code, ms, extra, payload] = rest;
    const names_ = [names.textOf(rule), names.textOf(collector)] as const;
    return [
      id,
      key,
      ...names_,
      orderKey,
      eventId,
      eventMs,
      receivedMs,
      committedMs,
      attempts,
      code,
      ms,
      extra,
      payload,
    ];
  };

  function release(ids: readonly number[]): void {
    for (const id of ids) {
      if (!leases.delete(id)) continue;
      const row = place.get(id) as unknown as PlaceRow | undefined;
      if (!row) continue;
      settler.released(row[0], id);
      if (row[2] === 1) heads.appeared(row[0], row[1], id, row[3] === 0);
    }
  }

  function journal(): Journal {
    // The columns of the pragma.
    const { log, checkpointed } = journalState.get() as unknown as {
      readonly log: number;
      readonly checkpointed: number;
    };
    return { pages: log, back: checkpointed };
  }

  function maintain(nowMs: number): ReturnType<Writer["maintain"]> {
    // What was deleted may come back after a power cut, so commits need not wait for its sync: the next commit's sync
    // covers it, since the journal is synced as a whole.
    db.exec("PRAGMA synchronous = NORMAL");
    try {
      const done = transaction(() => {
        const more = retention.step(nowMs);
        const droppedDeadLetters = deadLetters.keepBound();
        retention.keepBound();
        return { more, droppedDeadLetters };
      });
      return { ...done, journal: journal() };
    } finally {
      db.exec("PRAGMA synchronous = FULL");
    }
  }

  function compact(): { beforeBytes: number; afterBytes: number } {
    const size = (): number => {
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return statSync(options.path).size;
    };
    const beforeBytes = size();
    db.exec("VACUUM");
    return { beforeBytes, afterBytes: size() };
  }

  return {
    group,
    take,
    release,
    configureSpace: (spaces) => void (state.spaces = spaces),
    totals: () => totals.now,
    retryDead: (filter, after, nowMs) =>
      transaction(() => {
        totals.now.latestMs = Math.max(totals.now.latestMs, nowMs);
        return deadLetters.retry(filter, after, nowMs);
      }),
    dropDead: (filter, after) => transaction(() => deadLetters.drop(filter, after)),
    maintain,
    checkpoint: () => checkpoint(db),
    compact,
    pragmas: () => ({
      synchronous: Number(db.prepare("PRAGMA synchronous").get()?.["synchronous"]),
      journalMode: String(db.prepare("PRAGMA journal_mode").get()?.["journal_mode"]),
    }),
    close: () => db.close(),
  };
}

type PlaceRow = readonly [executor: number, dueMs: number, head: number, state: number];

/** DELIVERY_COLUMNS as stored, then state and due time where the query has them. */
type StoredRow = readonly [
  id: number,
  key: Uint8Array,
  rule: number,
  collector: number,
  orderKey: string | null,
  eventId: string,
  eventMs: number,
  receivedMs: number,
  committedMs: number,
  attempts: number,
  giveUpCode: string | null,
  giveUpMs: number | null,
  extra: string | null,
  payload: string,
  state?: number,
  dueMs?: number,
];
