/**
 * What only reads, on a connection of its own so that it never delays a commit: pages of deliveries, the age of the
 * outbox, the integrity check.
 *
 * A page goes down the ids in windows and stops when it is full, at the end, or when its time is up; a page cut short by
 * time has fewer rows, even none, and says where to go on. Nothing is held between calls.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { DeliveryQuery, DeliveryRecord, DeliveryState, Page } from "../component/store.ts";
import { keyText } from "../core/delivery/delivery.ts";
import { copyDatabase } from "./copy-database.ts";
import { openNames } from "./names.ts";
import { beginRested, noPace, type Pace } from "./pace.ts";
import { checkpoint, KIND, openForCheckpoints, STATE } from "./schema.ts";
import { PAGE_BYTES, pageLimit } from "./space.ts";
import type { Totals } from "./totals.ts";

export interface Reader {
  list(query: DeliveryQuery): Page<DeliveryRecord>;
  get(id: number): DeliveryRecord | null;
  /** Commit time of the oldest unsettled delivery of each executor, none below `firstId`; null: not found in time. */
  oldest(executors: readonly Outbox[]): Readonly<Record<string, number | null>>;
  /** Problems of the file and of what this store promises about its rows. */
  check(): readonly string[];
  /** Writes a copy of one state of the database; commits go on meanwhile. */
  backup(file: string): Promise<void>;
  /** Puts back into the file what the journal holds, so that no commit has to. */
  checkpoint(): void;
  close(): void;
}

export interface Outbox {
  readonly executor: string;
  readonly firstId: number;
}

const TIME_LIMIT_MS = 1_000;
/** Ids of one window: some milliseconds. */
const WINDOW = 20_000;

const STATES: readonly DeliveryState[] = ["pending", "waiting", "delivered", "superseded", "dead"];

const DELIVERIES = `SELECT d.id, d.state, 0 AS kind, d.executor, d.rule, d.collector, d.event_id, d.key, d.order_key, d.committed_ms,
  d.settled_ms, d.due_ms, d.attempts, d.code, d.reason, coalesce(d.response, h.response) AS response,
  coalesce(d.payload, h.payload) AS payload FROM delivery d LEFT JOIN history h ON h.id = d.id WHERE d.state < 4`;
const DEAD_LETTERS = `SELECT d.id, 4 AS state, d.kind, d.executor, d.rule, d.collector, d.event_id, d.key, d.order_key, d.committed_ms,
  d.settled_ms, NULL AS due_ms, d.attempts, d.code, d.reason, d.response, d.payload FROM dead_letter d WHERE 1`;

interface Row {
  readonly id: number;
  readonly state: number;
  readonly kind: number;
  readonly executor: number | null;
  readonly rule: number | null;
  readonly collector: number;
  readonly event_id: string | null;
  readonly key: Uint8Array | null;
  readonly order_key: string | null;
  readonly committed_ms: number;
  readonly settled_ms: number | null;
  readonly due_ms: number | null;
  readonly attempts: number;
  readonly code: string | null;
  readonly reason: string | null;
  readonly response: string | null;
  readonly payload: string | null;
}

/** `elapsedMs` is monotonic time. */
export function createReader(
  db: DatabaseSync,
  elapsedMs: () => number,
  pace: { readonly pages: Pace; readonly backup: Pace } = { pages: noPace, backup: noPace },
): Reader {
  const names = openNames(db);
  let checkpointing: DatabaseSync | null = null;
  const textOf = (number: number | null): string | null => {
    if (number === null) return null;
    if (!names.has(number)) names.reload();
    return names.textOf(number);
  };
  const numberOf = (text: string): number => {
    if (names.find(text) === undefined) names.reload();
    // No row has the number -1.
    return names.find(text) ?? -1;
  };
  const bounds = db.prepare(
    `SELECT max(coalesce((SELECT max(id) FROM delivery), 0), coalesce((SELECT max(id) FROM dead_letter), 0)) AS high,
      min(coalesce((SELECT min(id) FROM delivery), 9e15), coalesce((SELECT min(id) FROM dead_letter), 9e15)) AS low`,
  );

  /** One state of the database for all that `act` reads. */
  function snapshot<T>(act: () => T): T {
    db.exec("BEGIN");
    try {
      return act();
    } finally {
      db.exec("COMMIT");
    }
  }

  function conditions(query: DeliveryQuery): { readonly sql: string; readonly values: readonly SQLInputValue[] } {
    const parts: string[] = [];
    const values: SQLInputValue[] = [];
    const add = (sql: string, value: SQLInputValue): void => {
      parts.push(` AND ${sql}`);
      values.push(value);
    };
    if (query.state !== undefined && query.state !== "dead") add("d.state = ?", STATE[query.state]);
    if (query.executor !== undefined) add("d.executor = ?", numberOf(query.executor));
    if (query.rulePath !== undefined) add("d.rule = ?", numberOf(query.rulePath));
    if (query.code !== undefined) add("d.code = ?", query.code);
    return { sql: parts.join(""), values };
  }

  function list(query: DeliveryQuery): Page<DeliveryRecord> {
    const startMs = elapsedMs();
    const limit = pageLimit(query.limit);
    const { sql, values } = conditions(query);
    const order = " AND d.id < ? AND d.id >= ? ORDER BY d.id DESC LIMIT ?";
    const statements = [
      ...(query.state === "dead" ? [] : [db.prepare(DELIVERIES + sql + order)]),
      ...(query.state === undefined || query.state === "dead" ? [db.prepare(DEAD_LETTERS + sql + order)] : []),
    ];
    return snapshot(() => {
      const { high, low } = bounds.get() as unknown as { readonly high: number; readonly low: number };
      const items: DeliveryRecord[] = [];
      let bytes = 0;
      let below = query.cursor === undefined ? high + 1 : Math.min(Number(query.cursor), high + 1);
      while (below > low) {
        if (elapsedMs() - startMs > TIME_LIMIT_MS) return { items, next: String(below) };
        const from = below - WINDOW;
        // One more than wanted, to know whether there is a next page.
        const wanted = limit - items.length + 1;
        const rows = statements
          .flatMap((statement) => statement.all(...values, below, from, wanted) as unknown as readonly Row[])
          .sort((a, b) => b.id - a.id);
        for (const row of rows) {
          if (items.length === limit || bytes > PAGE_BYTES) return { items, next: String(items.at(-1)!.id) };
          items.push(recordOf(row));
          bytes += row.payload?.length ?? 0;
        }
        below = from;
      }
      return { items, next: null };
    });
  }

  const one = [db.prepare(`${DELIVERIES} AND d.id = ?`), db.prepare(`${DEAD_LETTERS} AND d.id = ?`)];

  function get(id: number): DeliveryRecord | null {
    return snapshot(() => {
      for (const statement of one) {
        const row = statement.get(id) as unknown as Row | undefined;
        if (row) return recordOf(row);
      }
      return null;
    });
  }

  const recordOf = (row: Row): DeliveryRecord => ({
    id: row.id,
    state: STATES[row.state]!,
    kind: row.kind === KIND.input ? "input" : "delivery",
    executor: textOf(row.executor),
    rulePath: textOf(row.rule),
    collector: textOf(row.collector) ?? "",
    eventId: row.event_id,
    key: row.key && keyText(row.key),
    orderKey: row.order_key,
    committedMs: row.committed_ms,
    settledMs: row.settled_ms,
    dueMs: row.state === STATE.waiting ? row.due_ms : null,
    attempts: row.attempts,
    code: row.code,
    reason: row.reason,
    response: row.response,
    payload: row.payload,
  });

  /** Per executor: no unsettled delivery has a lower id. Ids only grow, so this only moves on. */
  const reached = new Map<string, number>();
  const unsettled = db.prepare(
    "SELECT id, committed_ms FROM delivery WHERE id >= ? AND id < ? AND executor = ? AND state < 2 ORDER BY id LIMIT 1",
  );
  const highest = db.prepare("SELECT max(id) AS high FROM delivery");

  function oldest(outboxes: readonly Outbox[]): Record<string, number | null> {
    const startMs = elapsedMs();
    return snapshot(() => {
      const high = Number(highest.get()?.["high"] ?? 0);
      const find = ({ executor, firstId }: Outbox): number | null => {
        const number = numberOf(executor);
        let from = Math.max(reached.get(executor) ?? 0, firstId);
        while (from <= high && elapsedMs() - startMs < TIME_LIMIT_MS / 2) {
          const row = unsettled.get(from, from + WINDOW, number);
          from = row ? Number(row["id"]) : from + WINDOW;
          reached.set(executor, Math.min(from, high + 1));
          if (row) return Number(row["committed_ms"]);
        }
        return null;
      };
      return Object.fromEntries(outboxes.map((outbox) => [outbox.executor, find(outbox)]));
    });
  }

  return {
    list(query) {
      beginRested(pace.pages);
      try {
        return list(query);
      } finally {
        pace.pages.end();
      }
    },
    get,
    oldest,
    check: () => snapshot(() => problems(db)),
    backup: (file) => copyDatabase(db, file, pace.backup),
    checkpoint() {
      // A database in a file has a location.
      checkpointing ??= openForCheckpoints(db.location() as string);
      checkpoint(checkpointing);
    },
    close() {
      checkpointing?.close();
      db.close();
    },
  };
}

function problems(db: DatabaseSync): string[] {
  const found = db
    .prepare("PRAGMA integrity_check")
    .all()
    .map((row) => String(row["integrity_check"]))
    .filter((line) => line !== "ok");
  const count = (sql: string): number => Number(db.prepare(sql).get()?.["n"] ?? 0);
  const expect = (what: string, actual: number, expected: number): void => {
    if (actual !== expected) found.push(`${what}: found ${actual}, expected ${expected}`);
  };
  expect(
    "unsettled deliveries that come first in their order but are not marked, or are marked and do not",
    count(
      `SELECT count(*) AS n FROM delivery d WHERE state < 2 AND head <> (order_key IS NULL OR NOT EXISTS (SELECT 1
       FROM delivery e WHERE e.executor = d.executor AND e.order_key = d.order_key AND e.state < 2 AND e.id < d.id))`,
    ),
    0,
  );
  expect(
    "settled deliveries marked as first",
    count("SELECT count(*) AS n FROM delivery WHERE state > 1 AND head = 1"),
    0,
  );
  expect(
    "unsettled deliveries without payload, or settled ones with it",
    count("SELECT count(*) AS n FROM delivery WHERE (state < 2) <> (payload IS NOT NULL)"),
    0,
  );
  // Written by the totals alone.
  const totals = JSON.parse(
    String(db.prepare("SELECT value FROM meta WHERE name = 'totals'").get()?.["value"] ?? "null"),
  ) as Totals | null;
  const executors = Object.values(totals?.executors ?? {});
  const sum = (pick: (executor: Totals["executors"][string]) => number): number =>
    executors.reduce((all, executor) => all + pick(executor), 0);
  expect(
    "pending deliveries",
    sum((e) => e.pending),
    count("SELECT count(*) AS n FROM delivery WHERE state = 0"),
  );
  expect(
    "waiting deliveries",
    sum((e) => e.waiting),
    count("SELECT count(*) AS n FROM delivery WHERE state = 1"),
  );
  expect(
    "unsettled bytes",
    sum((e) => e.bytes),
    count("SELECT sum(bytes) AS n FROM delivery WHERE state < 2"),
  );
  expect("history bytes", totals?.historyBytes ?? 0, count("SELECT sum(bytes) AS n FROM history"));
  expect("dead letter bytes", totals?.deadBytes ?? 0, count("SELECT sum(bytes) AS n FROM dead_letter"));
  return found;
}
