/**
 * Chooses the next heads of an executor.
 *
 * Leases are in memory only, so the index of heads also lists those being sent. To pass each of them once, not at every
 * `take`, a cursor stands at the (due, id) up to which the index was read; heads that appear behind it afterwards
 * (released, promoted, a retry) are remembered in `behind`. When too many are, the cursor goes back instead. Entries of
 * `behind` are hints: each is checked against its row before it is used, so a rollback needs no undoing here.
 */
import type { DatabaseSync } from "node:sqlite";

interface Head {
  readonly dueMs: number;
  readonly id: number;
}

interface Position {
  dueMs: number;
  id: number;
  behind: Head[];
  sorted: boolean;
  /** No pending head is due after this: after the clock was set back, some lie ahead of the time. */
  pendingUntilMs: number;
}

export interface ReadyHeads {
  /** An unsettled head is there that may not have been before: new, promoted, released, or with another due time. */
  appeared(executor: number, dueMs: number, id: number, isPending: boolean): void;
  /** Up to `limit` ids of ready heads, oldest due first, and whether there are more. The caller leases them all. */
  next(executor: number, limit: number, nowMs: number): { readonly ids: readonly number[]; readonly more: boolean };
  nextDueMs(executor: number, nowMs: number): number | null;
}

const MAX_BEHIND = 10_000;

/** `latestMs`: no delivery was ever committed later. */
export function createReadyHeads(db: DatabaseSync, isLeased: (id: number) => boolean, latestMs: number): ReadyHeads {
  const positions = new Map<number, Position>();
  const after = db.prepare(
    "SELECT due_ms, id FROM delivery WHERE head = 1 AND executor = ? AND (due_ms, id) > (?, ?) AND due_ms <= ? ORDER BY due_ms, id LIMIT ?",
  );
  const row = db.prepare("SELECT state, due_ms FROM delivery WHERE id = ? AND head = 1 AND executor = ?");
  const pendingAfter = db.prepare(
    "SELECT due_ms, id FROM delivery WHERE head = 1 AND executor = ? AND (due_ms, id) > (?, ?) AND due_ms <= ? AND state = 0 ORDER BY due_ms, id LIMIT ?",
  );
  const waitingAfter = db.prepare(
    "SELECT due_ms, id FROM delivery WHERE head = 1 AND executor = ? AND due_ms > ? AND state = 1 ORDER BY due_ms, id",
  );
  after.setReturnArrays(true);
  pendingAfter.setReturnArrays(true);
  row.setReturnArrays(true);
  waitingAfter.setReturnArrays(true);
  const positionOf = (executor: number): Position => {
    let position = positions.get(executor);
    if (!position) {
      position = { dueMs: Number.MIN_SAFE_INTEGER, id: 0, behind: [], sorted: true, pendingUntilMs: latestMs };
      positions.set(executor, position);
    }
    return position;
  };

  function appeared(executor: number, dueMs: number, id: number, isPending: boolean): void {
    const position = positionOf(executor);
    if (isPending && dueMs > position.pendingUntilMs) position.pendingUntilMs = dueMs;
    if (dueMs > position.dueMs || (dueMs === position.dueMs && id > position.id)) return;
    position.behind.push({ dueMs, id });
    position.sorted = false;
    if (position.behind.length <= MAX_BEHIND) return;
    position.behind.sort(inOrder);
    // Just before the first of them.
    position.dueMs = position.behind[0]!.dueMs;
    position.id = position.behind[0]!.id - 1;
    position.behind = [];
    position.sorted = true;
  }

  function takeBehind(executor: number, position: Position, wanted: number, nowMs: number): number[] {
    if (!position.sorted) position.behind.sort(inOrder);
    position.sorted = true;
    const ids: number[] = [];
    const kept: Head[] = [];
    let at = 0;
    for (; at < position.behind.length && ids.length < wanted; at++) {
      const head = position.behind[at]!;
      if (ids.at(-1) === head.id || isLeased(head.id)) continue;
      // The two columns of the query.
      const found = row.get(head.id, executor) as unknown as readonly [state: number, dueMs: number] | undefined;
      if (found?.[1] !== head.dueMs) continue;
      if (found[0] === 0 || head.dueMs <= nowMs) ids.push(head.id);
      else kept.push(head);
    }
    position.behind = [...kept, ...position.behind.slice(at)];
    return ids;
  }

  function next(executor: number, limit: number, nowMs: number): { ids: readonly number[]; more: boolean } {
    const position = positionOf(executor);
    const wanted = limit + 1;
    const ids = takeBehind(executor, position, wanted, nowMs);
    const scan = (statement: typeof after, from: Head, untilMs: number, pass: (head: Head) => void): void => {
      let head = from;
      while (ids.length < wanted) {
        const chunk = Math.max(64, wanted - ids.length);
        const found = statement.all(executor, head.dueMs, head.id, untilMs, chunk) as unknown as HeadRow[];
        for (const [dueMs, id] of found) {
          head = { dueMs, id };
          if (!isLeased(id) && !(untilMs > nowMs && ids.includes(id))) ids.push(id);
          if (ids.length === wanted) return;
          pass(head);
        }
        if (found.length < chunk) return;
      }
    };
    scan(after, position, nowMs, (head) => {
      position.dueMs = head.dueMs;
      position.id = head.id;
    });
    if (position.pendingUntilMs > nowMs) {
      let any = false;
      const ahead = { dueMs: nowMs, id: Number.MAX_SAFE_INTEGER };
      scan(pendingAfter, ahead, position.pendingUntilMs, () => void (any = true));
      if (!any && ids.length < wanted) position.pendingUntilMs = nowMs;
    }
    const more = ids.length > limit;
    if (more) {
      // The one too many was only looked at; if it came from behind it must be found again.
      const extra = ids.pop()!;
      const found = row.get(extra, executor) as unknown as readonly [state: number, dueMs: number] | undefined;
      if (found) appeared(executor, found[1], extra, found[0] === 0);
    }
    return { ids, more };
  }

  function nextDueMs(executor: number, nowMs: number): number | null {
    for (const found of waitingAfter.iterate(executor, nowMs)) {
      const [dueMs, id] = found as unknown as HeadRow;
      if (!isLeased(id)) return dueMs;
    }
    return null;
  }

  return { appeared, next, nextDueMs };
}

type HeadRow = readonly [dueMs: number, id: number];

const inOrder = (a: Head, b: Head): number => a.dueMs - b.dueMs || a.id - b.id;
