/**
 * The database file.
 *
 * `delivery` is the outbox and, for the retention, the memory of settled keys. `head` marks the unsettled deliveries
 * that nothing stands before: all without an order key, and the first of each (executor, order key). Only heads are in
 * the index that `take` reads, so choosing the next delivery costs the same with one waiting or a million, on one key or
 * on as many keys. Who inserts or settles keeps the mark true. `due_ms` is the commit time while pending, so heads are
 * taken in the order in which they became due and a retry does not overtake or starve what is new.
 *
 * Executors, rule paths and collectors are numbers into `name`. Keys are 24 bytes, the first 8 of which keep neighbours
 * in time together in their index. Payloads stand last in a row, so that reading the columns before them does not follow
 * overflow pages. `meta` holds the schema version and the totals (totals.ts), written in each transaction.
 */
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../component/app-error.ts";

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
  CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    executor INTEGER NOT NULL,
    state INTEGER NOT NULL,
    head INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    committed_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    bytes INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    rule INTEGER NOT NULL,
    collector INTEGER NOT NULL,
    order_key TEXT,
    event_id TEXT NOT NULL,
    event_ms INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    give_up_code TEXT,
    give_up_ms INTEGER,
    code TEXT,
    reason TEXT,
    extra TEXT,
    response TEXT,
    payload TEXT
  );
  CREATE UNIQUE INDEX delivery_key ON delivery (key);
  CREATE INDEX delivery_head ON delivery (executor, due_ms, id) WHERE head = 1;
  CREATE INDEX delivery_order ON delivery (executor, order_key, id) WHERE state < 2 AND order_key IS NOT NULL;
  CREATE INDEX delivery_settled ON delivery (settled_ms) WHERE state >= 2;
  CREATE TABLE seen (
    key BLOB PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX seen_expires ON seen (expires_ms);
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL,
    response TEXT,
    payload TEXT NOT NULL
  );
  CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    settled_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    key BLOB,
    executor INTEGER,
    rule INTEGER,
    collector INTEGER NOT NULL,
    code TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    committed_ms INTEGER NOT NULL,
    order_key TEXT,
    event_id TEXT,
    event_ms INTEGER,
    received_ms INTEGER,
    reason TEXT NOT NULL,
    extra TEXT,
    response TEXT,
    payload TEXT NOT NULL
  );
  CREATE INDEX dead_letter_age ON dead_letter (settled_ms, id);
  `,
];

/** `delivery.state`; below 2 is unsettled. */
export const STATE = { pending: 0, waiting: 1, delivered: 2, superseded: 3, dead: 4 } as const;
/** `dead_letter.kind` */
export const KIND = { delivery: 0, input: 1 } as const;

/** The journal is cut to this when it begins anew. */
export const JOURNAL_BYTES = 64 * 1024 * 1024;

/** Opens the file for writing, and brings an older one to the present schema. */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  // FULL: a commit is on the disk when it returns. When the journal is put back is not for a commit to decide
  // (checkpoints.ts). The cache is the larger part of the writer's memory: 32 MiB.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = ${JOURNAL_BYTES};
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -32768;
    PRAGMA temp_store = MEMORY;
  `);
  migrate(db, path);
  return db;
}

/** A connection for checkpoints beside the writer's. */
export const openForCheckpoints = (path: string): DatabaseSync => new DatabaseSync(path, { timeout: 5_000 });

/** A second connection that can only read; pages are short, so it never holds up a checkpoint for long. */
export function openReadOnly(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  db.exec("PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;");
  return db;
}

/** Puts back into the file what the journal holds, as far as nobody reads an older state; commits may go on meanwhile. */
export const checkpoint = (db: DatabaseSync): void => db.exec("PRAGMA wal_checkpoint(PASSIVE)");

function migrate(db: DatabaseSync, path: string): void {
  db.exec("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  const row = db.prepare("SELECT value FROM meta WHERE name = 'schema'").get();
  const version = Number(row?.["value"] ?? 0);
  if (version > MIGRATIONS.length)
    throw new AppError(
      "store_failed",
      `${path} has schema version ${version}, this program reads versions up to ${MIGRATIONS.length}`,
    );
  for (const [at, statements] of MIGRATIONS.entries()) {
    if (at < version) continue;
    db.exec("BEGIN IMMEDIATE");
    db.exec(statements);
    db.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('schema', ?)").run(String(at + 1));
    db.exec("COMMIT");
  }
}
