/**
 * Worker of the durable gate's floors: the shipped schema and statements, and plain `(id, payload)` rows, each with
 * 256 rows a transaction, synchronous=FULL, with nobody to hand anything over to.
 */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { INSERT_DELIVERY } from "../../src/storage/commit-units.ts";
import { openDatabase } from "../../src/storage/schema.ts";
import { openTotals } from "../../src/storage/totals.ts";
import { timedKey } from "./timed-key.ts";

const { folder, payload } = workerData as { folder: string; payload: string };
const GROUP = 256;

const shipped = openDatabase(`${folder}/floor.db`);
// There is no second thread here that would put the journal back.
shipped.exec("PRAGMA wal_autocheckpoint = 1000");
shipped.exec("INSERT INTO name (id, text) VALUES (1, 'x')");
const insert = shipped.prepare(INSERT_DELIVERY);
const totals = openTotals(shipped);
const text = new TextEncoder();
const payloadBytes = text.encode(payload);
const plain = new DatabaseSync(`${folder}/plain.db`);
plain.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, payload TEXT NOT NULL)");
const insertPlain = plain.prepare("INSERT INTO row (id, payload) VALUES (?, ?)");

let next = 1;
const writes: Readonly<Record<string, (rows: readonly (readonly [number, Uint8Array])[]) => void>> = {
  shipped(rows) {
    shipped.exec("BEGIN IMMEDIATE");
    for (const [id, key] of rows) {
      insert.run(id, key, 1, 1, id, id, payload.length, 1, 1, null, text.encode(`event-${id}`), id, id, null, payloadBytes);
    }
    totals.save();
    shipped.exec("COMMIT");
  },
  plain(rows) {
    plain.exec("BEGIN IMMEDIATE");
    for (const [id] of rows) insertPlain.run(id, payload);
    plain.exec("COMMIT");
  },
};

parentPort!.on("message", ({ kind, count }: { kind: "shipped" | "plain"; count: number }) => {
  const groups: [number, Uint8Array][][] = [];
  for (let i = 0; i < count; i += GROUP)
    groups.push(
      Array.from({ length: Math.min(GROUP, count - i) }, () => {
        const id = next++;
        return [id, timedKey(id)];
      }),
    );
  const begin = performance.now();
  for (const group of groups) writes[kind]!(group);
  parentPort!.postMessage(count / ((performance.now() - begin) / 1000));
});
