/**
 * The store in memory: the model that the SQLite store is tested against, and the store of runs that keep nothing.
 * `contents` is its disk: a second store on the same contents is what a restart after a crash finds.
 */
import { AppError } from "../component/app-error.ts";
import type {
  CommitResult,
  DeadFilter,
  ExecutorSpace,
  Run,
  Settlement,
  Store,
  StoreOptions,
  StoreUnit,
  Taken,
} from "../component/store.ts";
import type { Delivery, NewDelivery } from "../core/delivery/delivery.ts";
import { hexOf, resolveKey } from "./delivery-key.ts";
import { memoryContents, newRow, type DeadRow, type MemoryContents, type Row } from "./memory-contents.ts";
import { memoryQueries } from "./memory-queries.ts";
import { memoryRows } from "./memory-rows.ts";
import {
  diskFull,
  EVICTED,
  MIN_FREE_BYTES,
  refusal,
  rowBytes,
  shareBytes,
  shuttingDown,
  spaceOf,
  storeFull,
} from "./space.ts";
import type { StoreDeps } from "./store-deps.ts";

export { memoryContents, type MemoryContents };

export function createMemoryStore(
  options: StoreOptions,
  deps: StoreDeps,
  contents: MemoryContents = memoryContents(),
): Store {
  const { clock } = deps;
  const freeBytes = deps.freeBytes ?? (() => Number.MAX_SAFE_INTEGER);
  const { rows, byKey, seen, outboxes, history, dead } = contents;
  const moves = memoryRows(contents, options, deps);
  const { outboxOf, liveBytes, isFirst, enqueue, dequeue, bury, unbury, die, forgetPayload, keepBounds } = moves;
  const { records, listDeliveries, stats } = memoryQueries(contents, liveBytes, freeBytes);
  const leases = new Set<number>();
  let spaces: Readonly<Record<string, ExecutorSpace>> = {};
  let closed = false;

  const open = async <T>(act: () => T): Promise<T> => {
    if (closed) throw shuttingDown();
    return act();
  };

  function commit(unit: StoreUnit, lease: Readonly<Record<string, number>> = {}): CommitResult {
    const free = freeBytes();
    if (free < MIN_FREE_BYTES) throw diskFull(free);
    const nowMs = clock.nowMs();
    const known = new Map<string, number>();
    const keys = new Map<string, string>();
    const fresh: { delivery: NewDelivery; key: Uint8Array }[] = [];
    const added = new Map<string, number>();
    let collisions = 0;
    const payloadOf = (key: Uint8Array): string | null | undefined => {
      const hex = hexOf(key);
      const row = byKey.get(hex);
      return keys.get(hex) ?? (row && (row.payload ?? dead.get(row.id)?.letter.payload ?? null));
    };
    const duplicate = unit.events.map(({ identity, deliveries }) => {
      if (identity) {
        const hex = hexOf(identity.key);
        const expiresMs = known.get(hex) ?? seen.get(hex);
        if (expiresMs !== undefined && expiresMs > identity.receivedMs) return true;
        known.set(hex, identity.expiresMs);
      }
      for (const delivery of deliveries) {
        const resolved = resolveKey(delivery.key, delivery.payload, payloadOf);
        if (!resolved) continue;
        if (resolved.collision) collisions++;
        keys.set(hexOf(resolved.key), delivery.payload);
        fresh.push({ delivery, key: resolved.key });
        added.set(delivery.executor, (added.get(delivery.executor) ?? 0) + rowBytes(delivery.payload));
      }
      return false;
    });
    const letters = unit.deadLetters.filter(({ ofEvent }) => ofEvent === undefined || !duplicate[ofEvent]);
    const deadBytes = letters.reduce((sum, letter) => sum + rowBytes(letter.payload), 0);
    const used = (executor: string): number => outboxes.get(executor)?.bytes ?? 0;
    const refused = refusal(options, spaces, liveBytes(), used, added, deadBytes);
    if (refused !== null) throw storeFull(refused);

    for (const [hex, expiresMs] of known) seen.set(hex, expiresMs);
    const leased: Delivery[] = [];
    const waiting = new Set<string>();
    const budget = new Map(Object.entries(lease));
    for (const { delivery, key } of fresh) {
      const row = newRow(contents.nextId++, { ...delivery, key }, nowMs);
      enqueue(row);
      const left = budget.get(delivery.executor) ?? 0;
      if (left > 0 && isFirst(row)) {
        budget.set(delivery.executor, left - 1);
        leases.add(row.id);
        leased.push(row.delivery);
      } else {
        waiting.add(delivery.executor);
      }
    }
    for (const letter of letters)
      bury({
        id: contents.nextId++,
        row: null,
        letter,
        settledMs: nowMs,
        bytes: rowBytes(letter.payload),
        attempts: 0,
        response: null,
      });
    for (const executor of added.keys()) evict(executor, nowMs);
    keepBounds();
    return { duplicate, leased, waiting: [...waiting], collisions };
  }

  /** `dead_letter_oldest`: the oldest that nobody is sending make room. */
  function evict(executor: string, nowMs: number): void {
    const space = spaceOf(spaces, executor);
    if (space.onFull !== "dead_letter_oldest") return;
    const outbox = outboxOf(executor);
    for (const row of outbox.unsettled.values()) {
      if (outbox.bytes <= shareBytes(options, space)) return;
      if (!leases.has(row.id)) die(row, nowMs, EVICTED.code, EVICTED.reason, row.response);
    }
  }

  function take(executor: string, limit: number, nowMs: number, runLimit = 1): Taken {
    const outbox = outboxes.get(executor);
    const runs: Run[] = [];
    const heads = outbox?.heads.items ?? [];
    let left = limit;
    let more = false;
    const ready = (row: Row): boolean => !leases.has(row.id) && (row.state === "pending" || row.dueMs <= nowMs);
    const readyFirst = (queue: readonly Row[], most: number): readonly Row[] => {
      const size = queue.slice(0, most).findIndex((row) => !ready(row));
      return queue.slice(0, size === -1 ? most : size);
    };
    for (const head of heads) {
      if (!ready(head)) continue;
      if (left === 0) {
        more = true;
        break;
      }
      const { orderKey } = head.delivery;
      const queue = orderKey === null ? null : outbox?.queues.get(orderKey);
      const run = queue ? readyFirst(queue, Math.min(left, runLimit)) : [head];
      for (const row of run) leases.add(row.id);
      left -= run.length;
      runs.push(run.map(({ delivery }) => delivery));
    }
    let nextDueMs: number | null = null;
    for (let at = heads.length - 1; at >= 0 && heads[at]!.dueMs > nowMs; at--)
      if (heads[at]!.state === "waiting" && !leases.has(heads[at]!.id)) nextDueMs = heads[at]!.dueMs;
    return { runs, nextDueMs, more };
  }

  function settle(settlement: Settlement): void {
    const { id, state, atMs } = settlement;
    const row = rows.get(id);
    leases.delete(id);
    if (!row || (row.state !== "pending" && row.state !== "waiting")) return;
    row.attempts = settlement.attempts;
    row.code = settlement.code ?? null;
    row.reason = settlement.reason ?? null;
    const response = settlement.response ?? null;
    if (state === "waiting") {
      const { heads } = outboxOf(row.delivery.executor);
      const isHead = isFirst(row);
      heads.remove(row);
      row.state = "waiting";
      row.dueMs = settlement.untilMs ?? atMs;
      row.delivery = { ...row.delivery, attempts: settlement.attempts, giveUp: settlement.giveUp ?? null };
      row.response = response;
      if (isHead) heads.add(row);
    } else if (state === "dead") {
      die(row, atMs, row.code ?? "", row.reason ?? "", response);
    } else {
      dequeue(row);
      row.state = state;
      row.settledMs = atMs;
      row.response = response;
      history.add(row);
      contents.historyBytes += row.bytes;
    }
    keepBounds();
  }

  function matchingDead(filter: DeadFilter): DeadRow[] {
    return [...dead.values()]
      .filter(
        ({ id, letter }) =>
          (filter.id === undefined || filter.id === id) &&
          (filter.executor === undefined || filter.executor === letter.executor) &&
          (filter.rulePath === undefined || filter.rulePath === letter.rulePath) &&
          (filter.code === undefined || filter.code === letter.code),
      )
      .sort((a, b) => a.id - b.id);
  }

  function retryDead(filter: DeadFilter): number {
    let count = 0;
    for (const letter of matchingDead(filter)) {
      if (!letter.row) continue;
      unbury(letter);
      const holder = byKey.get(letter.row.keyHex);
      // The event came again after the retention: its delivery is there already.
      if (holder && holder.state !== "dead") continue;
      if (holder) rows.delete(holder.id);
      enqueue(newRow(contents.nextId++, letter.row.delivery, clock.nowMs()));
      count++;
    }
    keepBounds();
    return count;
  }

  function dropDead(filter: DeadFilter): number {
    const letters = matchingDead(filter);
    for (const letter of letters) unbury(letter);
    keepBounds();
    return letters.length;
  }

  function maintain(nowMs: number): void {
    for (const [hex, expiresMs] of seen) if (expiresMs <= nowMs) seen.delete(hex);
    for (const row of rows.values()) {
      if (row.settledMs === null || row.settledMs > nowMs - options.retentionMs) continue;
      if (row.payload !== null) forgetPayload(row);
      rows.delete(row.id);
      byKey.delete(row.keyHex);
    }
    keepBounds();
  }

  return {
    commit: (unit, lease) => open(() => commit(unit, lease)),
    take: (executor, limit, nowMs, runLimit) => open(() => take(executor, limit, nowMs, runLimit)),
    settle: (settlement) => open(() => settle(settlement)),
    release: (ids) => ids.forEach((id) => leases.delete(id)),
    pendingExecutors: () =>
      open(() => [...outboxes].filter(([, { unsettled }]) => unsettled.size > 0).map(([executor]) => executor)),
    configureSpace: (executors) => void (spaces = executors),
    stats: () => open(stats),
    listDeliveries: (query) => open(() => listDeliveries(query)),
    getDelivery: (id) => open(() => records().find((record) => record.id === id) ?? null),
    retryDead: (filter) => open(() => retryDead(filter)),
    dropDead: (filter) => open(() => dropDead(filter)),
    backup: (file) =>
      open(() => {
        throw new AppError("conflict", `a store in memory cannot be backed up to ${file}`);
      }),
    check: () => open(() => []),
    compact: () => open(() => ({ beforeBytes: stats().sizeBytes, afterBytes: stats().sizeBytes })),
    maintain: (nowMs) => open(() => maintain(nowMs)),
    close: async () => void (closed = true),
  };
}
