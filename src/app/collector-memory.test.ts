import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectorMemory } from "./collector-memory.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "squall-memory-"))));
afterEach(() => rmSync(dir, { recursive: true }));

test("what one process saved the next one loads, exact integers too", async () => {
  const store = join(dir, "data/squall.db");
  expect(await collectorMemory(store, "logs").load()).toBeUndefined();
  await collectorMemory(store, "logs").save({ offset: 9007199254740993n });
  await collectorMemory(store, "other").save({ offset: 1 });
  expect(await collectorMemory(store, "logs").load()).toEqual({ offset: 9007199254740993n });
  const file = join(dir, "data/collectors/logs.json");
  expect(readFileSync(file, "utf8")).toBe('{"offset":9007199254740993}');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a file that was damaged is named, not taken for nothing", async () => {
  const memory = collectorMemory(join(dir, "squall.db"), "logs");
  await memory.save({});
  writeFileSync(join(dir, "collectors/logs.json"), "{");
  await expect(memory.load()).rejects.toThrow(/collectors\/logs\.json does not hold what the collector saved: /);
});
