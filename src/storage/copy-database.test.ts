import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { storeFolder } from "../../test/kit/store-fixtures.ts";
import { copyDatabase } from "./copy-database.ts";
import { noPace, type Pace } from "./pace.ts";
import { openDatabase, openReadOnly } from "./schema.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A database of 1,000 rows and 2 MB; `write` adds one row and changes all others. */
function start() {
  const folder = storeFolder();
  const path = join(folder, "squall.db");
  const db = openDatabase(path);
  const reading = openReadOnly(path);
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => db.close(),
    () => reading.close(),
  );
  const insert = db.prepare("INSERT INTO history (id, bytes, payload) VALUES (?, 0, ?)");
  db.exec("BEGIN");
  for (let id = 1; id <= 1_000; id++) insert.run(id, "x".repeat(2_000));
  db.exec("COMMIT");
  let next = 1_001;
  const write = (): void => {
    db.exec("UPDATE history SET bytes = bytes + 1");
    insert.run(next++, "x");
  };
  const checkpoint = () => db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  return { reading, write, checkpoint, folder, file: join(folder, "copy.db") };
}

function contents(file: string) {
  const db = new DatabaseSync(file);
  try {
    const rows = db.prepare("SELECT count(*) AS rows, min(bytes) AS least, max(bytes) AS most FROM history").get();
    return { ...rows, sound: db.prepare("PRAGMA integrity_check").get()?.["integrity_check"] };
  } finally {
    db.close();
  }
}

test("a copy is of the state it began with, whatever is committed meanwhile", async () => {
  const { reading, write, checkpoint, file } = start();
  let steps = 0;
  const pace: Pace = {
    ...noPace,
    end() {
      steps++;
      write();
      checkpoint();
    },
  };
  write();
  await copyDatabase(reading, file, pace);
  expect(steps).toBeGreaterThan(5);
  expect(contents(file)).toEqual({ rows: 1_001, least: 0, most: 1, sound: "ok" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  // The next one sees what has happened since.
  rmSync(file);
  await copyDatabase(reading, file, noPace);
  expect(contents(file)).toMatchObject({ rows: 1_001 + steps, most: 1 + steps });
});

test("one that is broken off leaves nothing, and the connection reads on", async () => {
  const { reading, write, folder, file } = start();
  const pace: Pace = {
    ...noPace,
    end() {
      throw new Error("enough");
    },
  };
  await expect(copyDatabase(reading, file, pace)).rejects.toThrow("enough");
  expect(readdirSync(folder).filter((name) => name.startsWith("copy"))).toEqual([]);
  write();
  expect(reading.prepare("SELECT count(*) AS n FROM history").get()).toEqual({ n: 1_001 });
  await copyDatabase(reading, file, noPace);
  expect(existsSync(file)).toBe(true);
});
