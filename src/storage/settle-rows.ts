/** Records outcomes: the SQL side of `settle`, and the promotion of the next delivery of an order key. */
import type { Settlement } from "../component/store.ts";
import { STATE } from "./schema.ts";
import type { WriterState } from "./writer-state.ts";

export interface Settler {
  settle(settlement: Settlement): void;
  /** Dead-letters the oldest of an executor that are not leased, until `bytes` of it remain. */
  evict(executor: string, bytes: number, nowMs: number, code: string, reason: string): void;
  /** Call after the last `settle` or `evict` of a transaction: makes heads of those that have come first. */
  promote(): void;
  /** After a rollback. */
  forget(): void;
  /** A lease ended: an older delivery than the last evicted one may be evicted again. */
  released(executor: number, id: number): void;
}

type SettledRow = readonly [
  executor: number,
  state: number,
  head: number,
  bytes: number,
  orderKey: string | null,
  response: string | null,
];

type FirstRow = readonly [id: number, dueMs: number, head: number, state: number];

export function createSettler(writer: WriterState): Settler {
  const { db, names, leases, heads } = writer;
  const find = db.prepare(
    "SELECT executor, state, head, bytes, order_key, response FROM delivery WHERE id = ? AND state < 2",
  );
  find.setReturnArrays(true);
  const wait = db.prepare(
    "UPDATE delivery SET state = 1, due_ms = ?, attempts = ?, give_up_code = ?, give_up_ms = ?, code = ?, reason = ?, response = ? WHERE id = ?",
  );
  const keepPayload = db.prepare(
    "INSERT INTO history (id, bytes, response, payload) SELECT id, bytes, ?, payload FROM delivery WHERE id = ?",
  );
  const bury = db.prepare(
    `INSERT INTO dead_letter (id, kind, settled_ms, bytes, key, executor, rule, collector, code, attempts, committed_ms,
      order_key, event_id, event_ms, received_ms, reason, extra, response, payload)
     SELECT id, 0, ?, bytes, key, executor, rule, collector, ?, ?, committed_ms,
      order_key, event_id, event_ms, received_ms, ?, extra, ?, payload FROM delivery WHERE id = ?`,
  );
  const end = db.prepare(
    "UPDATE delivery SET state = ?, head = 0, settled_ms = ?, attempts = ?, code = ?, reason = ?, response = NULL, payload = NULL WHERE id = ?",
  );
  const first = db.prepare(
    "SELECT id, due_ms, head, state FROM delivery WHERE executor = ? AND order_key = ? AND state < 2 ORDER BY id LIMIT 1",
  );
  first.setReturnArrays(true);
  const makeHead = db.prepare("UPDATE delivery SET head = 1 WHERE id = ?");
  const oldest = db.prepare(
    "SELECT id, attempts FROM delivery WHERE id > ? AND executor = ? AND state < 2 ORDER BY id LIMIT 100",
  );
  oldest.setReturnArrays(true);

  /** Order keys that lost their head in this transaction. */
  let headless = new Map<number, Set<string>>();
  /** Per executor: below this id nothing can be evicted. */
  const evicted = new Map<number, number>();

  function settle(settlement: Settlement): void {
    const { id, atMs, attempts } = settlement;
    // The columns of the query.
    const row = find.get(id) as unknown as SettledRow | undefined;
    if (!row) return;
    const [executor, state, head, bytes, orderKey] = row;
    const totals = writer.totals.of(names.textOf(executor));
    const code = settlement.code ?? null;
    const reason = settlement.reason ?? null;
    const response = settlement.response ?? null;
    totals[state === STATE.pending ? "pending" : "waiting"]--;
    if (settlement.state === "waiting") {
      const dueMs = settlement.untilMs ?? atMs;
      const giveUp = settlement.giveUp ?? null;
      wait.run(dueMs, attempts, giveUp?.code ?? null, giveUp?.sinceMs ?? null, code, reason, response, id);
      totals.waiting++;
      released(executor, id);
      if (head === 1) heads.appeared(executor, dueMs, id, false);
      return;
    }
    totals.bytes -= bytes;
    if (settlement.state === "dead") {
      bury.run(atMs, code ?? "", attempts, reason ?? "", response, id);
      totals.dead++;
      writer.totals.now.deadBytes += bytes;
    } else {
      keepPayload.run(response, id);
      writer.totals.now.historyBytes += bytes;
    }
    end.run(STATE[settlement.state], atMs, attempts, code, reason, id);
    if (head === 1 && orderKey !== null) {
      const keys = headless.get(executor);
      if (keys) keys.add(orderKey);
      else headless.set(executor, new Set([orderKey]));
    }
  }

  function released(executor: number, id: number): void {
    if (id <= (evicted.get(executor) ?? 0)) evicted.set(executor, id - 1);
  }

  function promote(): void {
    for (const [executor, keys] of headless)
      for (const orderKey of keys) {
        const row = first.get(executor, orderKey) as unknown as FirstRow | undefined;
        if (!row || row[2] === 1) continue;
        makeHead.run(row[0]);
        heads.appeared(executor, row[1], row[0], row[3] === STATE.pending);
      }
    headless = new Map();
  }

  function evict(executor: string, bytes: number, nowMs: number, code: string, reason: string): void {
    const number = names.idOf(executor);
    const totals = writer.totals.of(executor);
    let after = evicted.get(number) ?? 0;
    while (totals.bytes > bytes) {
      const rows = oldest.all(after, number) as unknown as readonly (readonly [id: number, attempts: number])[];
      if (rows.length === 0) return;
      for (const [id, attempts] of rows) {
        if (totals.bytes <= bytes) return;
        after = id;
        evicted.set(number, id);
        if (leases.has(id)) continue;
        const row = find.get(id) as unknown as SettledRow;
        const response = row[5] === null ? {} : { response: row[5] };
        settle({ id, state: "dead", attempts, atMs: nowMs, code, reason, ...response });
      }
    }
  }

  return {
    settle,
    evict,
    promote,
    forget() {
      headless = new Map();
      evicted.clear();
    },
    released,
  };
}
