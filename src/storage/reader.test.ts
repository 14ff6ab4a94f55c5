import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import { delivery, START_MS, storeFolder, storeOptions, unitOf } from "../../test/kit/store-fixtures.ts";
import { packGroup } from "./group-message.ts";
import { createReader } from "./reader.ts";
import { openDatabase, openReadOnly } from "./schema.ts";
import { createWriter } from "./writer.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function start(elapsedMs: () => number = () => 0) {
  const folder = storeFolder();
  const options = storeOptions(join(folder, "squall.db"));
  const db = openDatabase(options.path);
  const writer = createWriter(db, options, () => 0);
  const reader = createReader(openReadOnly(options.path), elapsedMs);
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => writer.close(),
    () => reader.close(),
  );
  const commit = (...deliveries: readonly NewDelivery[]) =>
    writer.group(packGroup(START_MS, [], [{ unit: unitOf(...deliveries), lease: {} }]));
  return { writer, reader, commit, db };
}

test("a page that runs out of time says where to go on, and the next one does", () => {
  let now = 0;
  const { reader, commit, db } = start(() => (now += 600));
  commit(delivery("wanted", { rulePath: "root.rare" }));
  db.exec("UPDATE delivery SET id = 1");
  commit(delivery("last"));
  db.exec("UPDATE delivery SET id = 70000 WHERE id > 1");
  const seen: (string | null)[] = [];
  let pages = 0;
  for (let cursor: string | null | undefined; cursor !== null; pages++) {
    const page = reader.list({ rulePath: "root.rare", ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.items.map(({ eventId }) => eventId));
    cursor = page.next;
  }
  expect(seen).toEqual(["wanted"]);
  expect(pages).toBeGreaterThan(1);
});

test("names that came after it was opened are found", () => {
  const { reader, commit } = start();
  expect(reader.list({ executor: "late" }).items).toEqual([]);
  commit(delivery("a", { executor: "late" }));
  expect(reader.list({ executor: "late" }).items).toHaveLength(1);
  expect(reader.oldest(["late", "never"].map((executor) => ({ executor, firstId: 0 })))).toEqual({
    late: START_MS,
    never: null,
  });
});

test.each([
  ["UPDATE delivery SET head = 0 WHERE id = 1", /marked/],
  ["UPDATE delivery SET payload = NULL WHERE id = 2", /payload/],
  ["UPDATE delivery SET bytes = 1 WHERE id = 2", /unsettled bytes/],
  ["UPDATE delivery SET state = 1 WHERE id = 2", /waiting deliveries: found 0, expected 1/],
  ["DELETE FROM delivery WHERE id = 2", /pending deliveries: found 2, expected 1/],
])("check finds what %s breaks", (damage, expected) => {
  const { reader, commit, db } = start();
  commit(delivery("a", { orderKey: "k" }), delivery("b", { orderKey: "k" }));
  expect(reader.check()).toEqual([]);
  db.exec(damage);
  expect(reader.check().join("\n")).toMatch(expected);
});

test("commits are durable after the retention too, which does not need to be", () => {
  const { writer } = start();
  expect(writer.pragmas().synchronous).toBe(2);
  writer.maintain(START_MS);
  expect(writer.pragmas().synchronous).toBe(2);
});
