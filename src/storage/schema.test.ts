import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeFolder } from "../../test/kit/store-fixtures.ts";
import { openDatabase } from "./schema.ts";

let folder = "";
beforeAll(() => void (folder = storeFolder()));
afterAll(() => rmSync(folder, { recursive: true }));

test("a commit is durable when it returns, and the journal is bounded", () => {
  const db = openDatabase(join(folder, "a.db"));
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma("synchronous"), pragma("journal_mode"), pragma("journal_size_limit")]).toEqual([2, "wal", 67108864]);
  db.close();
});

test("opening again changes nothing", () => {
  const schemaOf = () => {
    const db = openDatabase(join(folder, "b.db"));
    const rows = db.prepare("SELECT sql FROM sqlite_schema ORDER BY name").all();
    const [version] = db.prepare("SELECT value FROM meta WHERE name = 'schema'").all();
    db.close();
    return { rows, version: version?.["value"] };
  };
  const first = schemaOf();
  expect(first.version).toBe("1");
  expect(schemaOf()).toEqual(first);
});
