/** Dead letters back into the outbox, or out of the store, a step at a time. */
import type { SQLInputValue } from "node:sqlite";
import type { DeadFilter } from "../component/store.ts";
import { KIND, STATE } from "./schema.ts";
import type { WriterState } from "./writer-state.ts";

export interface DeadStep {
  readonly count: number;
  /** Where the next step goes on; null: all done. */
  readonly after: number | null;
}

export interface DeadLetters {
  retry(filter: DeadFilter, after: number, nowMs: number): DeadStep;
  drop(filter: DeadFilter, after: number): DeadStep;
  /** Drops the oldest over the bound; returns how many. */
  keepBound(): number;
}

const STEP_ROWS = 500;

interface DeadRow {
  readonly id: number;
  readonly kind: number;
  readonly bytes: number;
  readonly key: Uint8Array | null;
  readonly executor: number | null;
  readonly order_key: string | null;
}

export function createDeadLetters(writer: WriterState): DeadLetters {
  const { db, names, heads } = writer;
  const byKey = db.prepare("SELECT id, state FROM delivery WHERE key = ?");
  const removeDelivery = db.prepare("DELETE FROM delivery WHERE id = ?");
  const remove = db.prepare("DELETE FROM dead_letter WHERE id = ?");
  const behind = db.prepare("SELECT 1 FROM delivery WHERE executor = ? AND order_key = ? AND state < 2 LIMIT 1");
  const revive = db.prepare(
    `INSERT INTO delivery (id, key, executor, state, head, due_ms, committed_ms, bytes, rule, collector, order_key,
      event_id, event_ms, received_ms, extra, payload)
     SELECT ?, key, executor, 0, ?, ?, ?, bytes, rule, collector, order_key,
      event_id, event_ms, received_ms, extra, payload FROM dead_letter WHERE id = ?`,
  );
  const oldest = db.prepare("SELECT id, kind, bytes, executor FROM dead_letter ORDER BY settled_ms, id LIMIT 100");

  function find(filter: DeadFilter, after: number): readonly DeadRow[] {
    const conditions = ["id > ?"];
    const values: SQLInputValue[] = [after];
    const add = (column: string, value: string | number | undefined): void => {
      if (value === undefined) return;
      conditions.push(`${column} = ?`);
      values.push(value);
    };
    // A name the store never saw matches nothing: no row has the number -1.
    const numberOf = (text: string | undefined) => (text === undefined ? undefined : (names.find(text) ?? -1));
    add("id", filter.id);
    add("executor", numberOf(filter.executor));
    add("rule", numberOf(filter.rulePath));
    add("code", filter.code);
    const sql = `SELECT id, kind, bytes, key, executor, order_key FROM dead_letter WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT ${STEP_ROWS}`;
    // The columns of the query.
    return db.prepare(sql).all(...values) as unknown as readonly DeadRow[];
  }

  function forget(row: Pick<DeadRow, "id" | "kind" | "bytes" | "executor">): void {
    remove.run(row.id);
    writer.totals.now.deadBytes -= row.bytes;
    if (row.kind === KIND.input) writer.totals.now.deadInputs--;
    else if (row.executor !== null) writer.totals.of(names.textOf(row.executor)).dead--;
  }

  function retryOne(row: DeadRow, nowMs: number): number {
    // Dead from the start: it never was a delivery.
    if (row.kind !== KIND.delivery || row.key === null || row.executor === null) return 0;
    const holder = byKey.get(row.key);
    if (holder && holder["state"] !== STATE.dead) {
      // The event came again after the retention: its delivery is there already.
      forget(row);
      return 0;
    }
    if (holder) removeDelivery.run(holder["id"] as number);
    const id = writer.totals.now.nextId++;
    const head = row.order_key === null || behind.get(row.executor, row.order_key) === undefined;
    revive.run(id, head ? 1 : 0, nowMs, nowMs, row.id);
    writer.totals.add(names.textOf(row.executor), id, row.bytes);
    forget(row);
    if (head) heads.appeared(row.executor, nowMs, id, true);
    return 1;
  }

  const step = (rows: readonly DeadRow[], count: number): DeadStep => ({
    count,
    after: rows.length < STEP_ROWS ? null : rows.at(-1)!.id,
  });

  return {
    retry(filter, after, nowMs) {
      const rows = find(filter, after);
      return step(
        rows,
        rows.reduce((count, row) => count + retryOne(row, nowMs), 0),
      );
    },
    drop(filter, after) {
      const rows = find(filter, after);
      for (const row of rows) forget(row);
      return step(rows, rows.length);
    },
    keepBound() {
      let dropped = 0;
      while (writer.totals.now.deadBytes > writer.options.deadLetterBytes && dropped < STEP_ROWS) {
        const rows = oldest.all() as unknown as readonly DeadRow[];
        if (rows.length === 0) return dropped;
        for (const row of rows) {
          if (writer.totals.now.deadBytes <= writer.options.deadLetterBytes) break;
          forget(row);
          dropped++;
        }
      }
      return dropped;
    },
  };
}
