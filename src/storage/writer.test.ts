import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import { delivery, START_MS, storeFolder, storeOptions, unitOf } from "../../test/kit/store-fixtures.ts";
import { packGroup } from "./group-message.ts";
import { openDatabase } from "./schema.ts";
import { createWriter } from "./writer.ts";

let cleanup = (): void => undefined;
afterEach(() => cleanup());

function start() {
  const folder = storeFolder();
  const options = storeOptions(join(folder, "squall.db"));
  const db = openDatabase(options.path);
  const writer = createWriter(db, options, () => 0);
  cleanup = () => {
    writer.close();
    rmSync(folder, { recursive: true });
  };
  const commit = (lease: number, ...deliveries: readonly NewDelivery[]) =>
    writer.group(packGroup(START_MS, [], [{ unit: unitOf(...deliveries), lease: { icinga2: lease } }]));
  const take = (limit = 99, enough = 99) => {
    const { runs, more } = writer.take("icinga2", limit, START_MS, 99, enough);
    return { runs: runs.map((run) => run.map((row) => row[5])), more };
  };
  return { writer, db, commit, take };
}

test("a group that breaks off leaves memory as it was: leases, totals, ids, names", () => {
  const { writer, db, commit, take } = start();
  const sending = commit(1, delivery("a")).ids[0]!;
  const before = structuredClone(writer.totals());
  db.exec(
    "CREATE TEMP TRIGGER failing BEFORE INSERT ON delivery WHEN NEW.event_id = 'c' BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const settlement = { id: sending, state: "waiting", attempts: 1, atMs: START_MS, untilMs: START_MS } as const;
  const unit = unitOf(delivery("b", { rulePath: "root.new" }), delivery("c"));
  expect(() => writer.group(packGroup(START_MS, [settlement], [{ unit, lease: { icinga2: 9 } }]))).toThrow("no");
  db.exec("DROP TRIGGER failing");
  expect(writer.totals()).toEqual(before);
  // "a" is still being sent; "b" and "c" take the ids that the group had leased.
  commit(0, delivery("b", { rulePath: "root.new" }), delivery("c"));
  expect(take()).toEqual({ runs: [["b"], ["c"]], more: false });
  writer.release([sending]);
  expect(take().runs).toEqual([["a"]]);
  const reopened = createWriter(db, storeOptions("unused"), () => 0);
  expect(
    reopened
      .take("icinga2", 9, START_MS, 1, 9)
      .runs.flat()
      .map((row) => row[2]),
  ).toContain("root.new");
});

test("a take that is enough begins no further run, and says that there are more", () => {
  const { commit, take } = start();
  const ordered = ["a", "b", "c"].flatMap((key) => [1, 2, 3].map((n) => delivery(`${key}${n}`, { orderKey: key })));
  commit(0, ...ordered);
  expect(take(99, 2)).toEqual({ runs: [["a1", "a2", "a3"]], more: true });
  expect(take(99, 4)).toEqual({
    runs: [
      ["b1", "b2", "b3"],
      ["c1", "c2", "c3"],
    ],
    more: false,
  });
});

test("what was broken off by a crash is pending again", () => {
  const { db, commit } = start();
  commit(9, delivery("a"));
  const again = createWriter(db, storeOptions("unused"), () => 0);
  expect(again.take("icinga2", 9, START_MS, 1, 9).runs).toHaveLength(1);
});
