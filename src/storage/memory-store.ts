/**
 * The store in memory: the model that the SQLite store is tested against, and the store of runs that keep nothing.
 * `contents` is its disk: a second store on the same contents is what a restart after a crash finds.
 */
import { AppError } from "../component/app-error.ts";
import type {
  CommitResult,
  DeadFilter,
  DeliveryQuery,
  DeliveryRecord,
  DeliveryState,
  ExecutorSpace,
  NewDeadLetter,
  Page,
  Run,
  Settlement,
  Store,
  StoreOptions,
  StoreStats,
  StoreUnit,
  Taken,
} from "../component/store.ts";
import { keyText, type Delivery, type GiveUpClock, type NewDelivery } from "../core/delivery/delivery.ts";
import { hexOf, resolveKey } from "./delivery-key.ts";
import { sortedList, type SortedList } from "./sorted-list.ts";
import {
  diskFull,
  EVICTED,
  historyBound,
  MIN_FREE_BYTES,
  PAGE_BYTES,
  pageLimit,
  refusal,
  rowBytes,
  shareBytes,
  shuttingDown,
  spaceOf,
  storeFull,
} from "./space.ts";
import type { StoreDeps } from "./store-deps.ts";

interface Row {
  readonly id: number;
  readonly delivery: NewDelivery;
  readonly keyHex: string;
  readonly committedMs: number;
  readonly bytes: number;
  state: DeliveryState;
  dueMs: number;
  attempts: number;
  giveUp: GiveUpClock | null;
  settledMs: number | null;
  code: string | null;
  reason: string | null;
  response: string | null;
  /** Null once settled and not, or no longer, in the history. */
  payload: string | null;
}

interface DeadRow {
  readonly id: number;
  /** Null: dead from the start, never a delivery; cannot be retried. */
  readonly row: Row | null;
  readonly letter: NewDeadLetter;
  readonly settledMs: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly response: string | null;
}

interface Outbox {
  /** In id order. */
  readonly unsettled: Map<number, Row>;
  /** First unsettled of each order key, and all without one, by due time. */
  readonly heads: SortedList<Row>;
  readonly queues: Map<string, Row[]>;
  bytes: number;
}

export interface MemoryContents {
  nextId: number;
  readonly rows: Map<number, Row>;
  readonly byKey: Map<string, Row>;
  readonly seen: Map<string, number>;
  readonly outboxes: Map<string, Outbox>;
  readonly history: SortedList<Row>;
  historyBytes: number;
  readonly dead: Map<number, DeadRow>;
  readonly deadByAge: SortedList<DeadRow>;
  deadBytes: number;
}

const byDue = (a: Row, b: Row): number => a.dueMs - b.dueMs || a.id - b.id;

export const memoryContents = (): MemoryContents => ({
  nextId: 1,
  rows: new Map(),
  byKey: new Map(),
  seen: new Map(),
  outboxes: new Map(),
  history: sortedList((a, b) => a.id - b.id),
  historyBytes: 0,
  dead: new Map(),
  deadByAge: sortedList((a, b) => a.settledMs - b.settledMs || a.id - b.id),
  deadBytes: 0,
});

export function createMemoryStore(
  options: StoreOptions,
  deps: StoreDeps,
  contents: MemoryContents = memoryContents(),
): Store {
  const { clock, logger } = deps;
  const freeBytes = deps.freeBytes ?? (() => Number.MAX_SAFE_INTEGER);
  const dropped = deps.metrics?.counter("squall_store_dead_letters_dropped_total", "Dead letters dropped for space");
  const { rows, byKey, seen, outboxes, history, dead, deadByAge } = contents;
  const leases = new Set<number>();
  let spaces: Readonly<Record<string, ExecutorSpace>> = {};
  let closed = false;

  const outboxOf = (executor: string): Outbox => {
    let outbox = outboxes.get(executor);
    if (!outbox) {
      outbox = { unsettled: new Map(), heads: sortedList(byDue), queues: new Map(), bytes: 0 };
      outboxes.set(executor, outbox);
    }
    return outbox;
  };
  const liveBytes = (): number => {
    let bytes = contents.deadBytes;
    for (const outbox of outboxes.values()) bytes += outbox.bytes;
    return bytes;
  };
  const open = <T>(act: () => T): Promise<T> =>
    closed ? Promise.reject(shuttingDown()) : new Promise((resolve) => resolve(act()));

  const isFirst = ({ id, delivery }: Row): boolean =>
    delivery.orderKey === null || outboxOf(delivery.executor).queues.get(delivery.orderKey)?.[0]?.id === id;

  function enqueue(row: Row): void {
    const outbox = outboxOf(row.delivery.executor);
    rows.set(row.id, row);
    byKey.set(row.keyHex, row);
    outbox.unsettled.set(row.id, row);
    outbox.bytes += row.bytes;
    if (row.delivery.orderKey === null) return outbox.heads.add(row);
    const queue = outbox.queues.get(row.delivery.orderKey);
    if (queue) return void queue.push(row);
    outbox.queues.set(row.delivery.orderKey, [row]);
    outbox.heads.add(row);
  }

  /** Takes a row out of its outbox and lets the next of its order key come forward. */
  function dequeue(row: Row): void {
    const outbox = outboxOf(row.delivery.executor);
    outbox.unsettled.delete(row.id);
    outbox.bytes -= row.bytes;
    outbox.heads.remove(row);
    if (row.delivery.orderKey === null) return;
    const queue = outbox.queues.get(row.delivery.orderKey) ?? [];
    const wasFirst = queue[0] === row;
    queue.splice(queue.indexOf(row), 1);
    if (queue[0] === undefined) outbox.queues.delete(row.delivery.orderKey);
    else if (wasFirst) outbox.heads.add(queue[0]);
  }

  function bury(letter: DeadRow): void {
    dead.set(letter.id, letter);
    deadByAge.add(letter);
    contents.deadBytes += letter.bytes;
  }

  function unbury(letter: DeadRow): void {
    dead.delete(letter.id);
    deadByAge.remove(letter);
    contents.deadBytes -= letter.bytes;
  }

  function die(row: Row, atMs: number, code: string, reason: string, response: string | null): void {
    dequeue(row);
    const { collector, executor, rulePath, eventId } = row.delivery;
    const payload = row.delivery.payload;
    const createdMs = row.committedMs;
    const letter = {
      kind: "delivery",
      collector,
      executor,
      rulePath,
      eventId,
      code,
      reason,
      payload,
      createdMs,
    } as const;
    bury({ id: row.id, row, letter, settledMs: atMs, bytes: row.bytes, attempts: row.attempts, response });
    Object.assign(row, { state: "dead", settledMs: atMs, payload: null, code, reason, response: null });
  }

  function forgetPayload(row: Row): void {
    history.remove(row);
    contents.historyBytes -= row.bytes;
    row.payload = null;
    row.response = null;
  }

  function keepBounds(): void {
    let count = 0;
    for (let oldest = deadByAge.items[0]; oldest && contents.deadBytes > options.deadLetterBytes; count++) {
      unbury(oldest);
      oldest = deadByAge.items[0];
    }
    if (count > 0) {
      dropped?.inc({}, count);
      logger.warn({ count, max_bytes: options.deadLetterBytes }, "oldest dead letters were dropped for space");
    }
    const bound = historyBound(options, liveBytes());
    for (let oldest = history.items[0]; oldest && contents.historyBytes > bound; oldest = history.items[0])
      forgetPayload(oldest);
  }

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
    const deadBytes = unit.deadLetters.reduce((sum, letter) => sum + rowBytes(letter.payload), 0);
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
        leased.push(deliveryOf(row));
      } else {
        waiting.add(delivery.executor);
      }
    }
    for (const letter of unit.deadLetters)
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
    for (const head of heads) {
      if (!ready(head)) continue;
      if (left === 0) {
        more = true;
        break;
      }
      const { orderKey } = head.delivery;
      const queue = orderKey === null ? [head] : (outbox?.queues.get(orderKey) ?? []);
      const size = queue.slice(0, Math.min(left, runLimit)).findIndex((row) => !ready(row));
      const run = queue.slice(0, size === -1 ? Math.min(left, runLimit) : size);
      for (const row of run) leases.add(row.id);
      left -= run.length;
      runs.push(run.map(deliveryOf));
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
      row.giveUp = settlement.giveUp ?? null;
      row.response = response;
      if (isHead) heads.add(row);
    } else if (state === "dead") {
      die(row, atMs, row.code ?? "", row.reason ?? "", response);
    } else {
      dequeue(row);
      Object.assign(row, { state, settledMs: atMs, response });
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

  function records(): DeliveryRecord[] {
    const list = [...rows.values()].filter((row) => row.state !== "dead").map(recordOf);
    return [...list, ...[...dead.values()].map(deadRecordOf)].sort((a, b) => b.id - a.id);
  }

  function listDeliveries(query: DeliveryQuery): Page<DeliveryRecord> {
    const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : Number(query.cursor);
    const matching = records().filter(
      (record) =>
        record.id < before &&
        (query.state === undefined || query.state === record.state) &&
        (query.executor === undefined || query.executor === record.executor) &&
        (query.rulePath === undefined || query.rulePath === record.rulePath) &&
        (query.code === undefined || query.code === record.code),
    );
    const items: DeliveryRecord[] = [];
    let bytes = 0;
    for (const record of matching.slice(0, pageLimit(query.limit))) {
      items.push(record);
      bytes += record.payload?.length ?? 0;
      if (bytes > PAGE_BYTES) break;
    }
    return { items, next: items.length < matching.length ? String(items.at(-1)?.id) : null };
  }

  function stats(): StoreStats {
    const executors: Record<string, { pending: number; waiting: number; dead: number; oldestMs: number | null }> = {};
    const of = (executor: string) => (executors[executor] ??= { pending: 0, waiting: 0, dead: 0, oldestMs: null });
    for (const [executor, { unsettled }] of outboxes)
      for (const row of unsettled.values()) {
        const counts = of(executor);
        if (row.state === "pending") counts.pending++;
        else counts.waiting++;
        counts.oldestMs ??= row.committedMs;
      }
    let deadInputs = 0;
    for (const { letter } of dead.values()) {
      if (letter.kind === "input") deadInputs++;
      else if (letter.executor !== null) of(letter.executor).dead++;
    }
    return {
      executors,
      deadInputs,
      sizeBytes: liveBytes() + contents.historyBytes,
      walBytes: 0,
      historyBytes: contents.historyBytes,
      deadLetterBytes: contents.deadBytes,
      freeBytes: freeBytes(),
    };
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

const newRow = (id: number, delivery: NewDelivery, nowMs: number): Row => ({
  id,
  delivery,
  keyHex: hexOf(delivery.key),
  committedMs: nowMs,
  bytes: rowBytes(delivery.payload),
  state: "pending",
  dueMs: nowMs,
  attempts: 0,
  giveUp: null,
  settledMs: null,
  code: null,
  reason: null,
  response: null,
  payload: delivery.payload,
});

const deliveryOf = ({ delivery, id, committedMs, attempts, giveUp }: Row): Delivery => ({
  ...delivery,
  id,
  committedMs,
  attempts,
  giveUp,
});

const recordOf = (row: Row): DeliveryRecord => ({
  id: row.id,
  state: row.state,
  kind: "delivery",
  executor: row.delivery.executor,
  rulePath: row.delivery.rulePath,
  collector: row.delivery.collector,
  eventId: row.delivery.eventId,
  key: keyText(row.delivery.key),
  orderKey: row.delivery.orderKey,
  committedMs: row.committedMs,
  settledMs: row.settledMs,
  dueMs: row.state === "waiting" ? row.dueMs : null,
  attempts: row.attempts,
  code: row.code,
  reason: row.reason,
  response: row.response,
  payload: row.payload,
});

const deadRecordOf = ({ id, row, letter, settledMs, attempts, response }: DeadRow): DeliveryRecord => ({
  id,
  state: "dead",
  kind: letter.kind,
  executor: letter.executor,
  rulePath: letter.rulePath,
  collector: letter.collector,
  eventId: letter.eventId,
  key: row && keyText(row.delivery.key),
  orderKey: row && row.delivery.orderKey,
  committedMs: letter.createdMs,
  settledMs,
  dueMs: null,
  attempts,
  code: letter.code,
  reason: letter.reason,
  response,
  payload: letter.payload,
});
