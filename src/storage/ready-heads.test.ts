import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createReadyHeads } from "./ready-heads.ts";

/** Heads of executor 1 with id = due time, as far as this index needs them. */
function start(count: number) {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE delivery (id INTEGER PRIMARY KEY, executor INT, due_ms INT, head INT, state INT)");
  const insert = db.prepare("INSERT INTO delivery VALUES (?, 1, ?, 1, 0)");
  for (let id = 1; id <= count; id++) insert.run(id, id);
  const leases = new Set<number>();
  const heads = createReadyHeads(db, (id) => leases.has(id), 0);
  const take = (limit: number) => {
    const { ids, more } = heads.next(1, limit, 1_000_000);
    for (const id of ids) leases.add(id);
    return [...ids, ...(more ? ["more"] : [])];
  };
  const release = (id: number) => {
    leases.delete(id);
    heads.appeared(1, id, id, true);
  };
  return { take, release, heads };
}

test("what is leased is passed once, what is released comes back in its place", () => {
  const { take, release } = start(5);
  expect(take(3)).toEqual([1, 2, 3, "more"]);
  release(2);
  expect(take(2)).toEqual([2, 4, "more"]);
  release(4);
  release(1);
  expect(take(1)).toEqual([1, "more"]);
  expect(take(9)).toEqual([4, 5]);
  expect(take(9)).toEqual([]);
});

test("when too many appear behind, reading starts again before the first of them", () => {
  const { take, release, heads } = start(12_000);
  expect(take(11_000)).toHaveLength(11_001);
  for (let id = 10_600; id > 400; id--) release(id);
  expect(take(2)).toEqual([401, 402, "more"]);
  expect(take(20_000)).toHaveLength(10_600 - 402 + 1_000);
  heads.appeared(1, 3, 3, true);
  expect(take(9)).toEqual([]);
});
