import { existsSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { silentLogger } from "../component/logger.ts";
import { storeFolder } from "../../test/kit/store-fixtures.ts";
import { BALLAST_BYTES, ballastPath, createDiskGuard } from "./disk-guard.ts";
import { MIN_FREE_BYTES } from "./space.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function start(freeBytes: number, prepare: (ballast: string) => void = () => undefined) {
  const folder = storeFolder();
  folders.push(folder);
  const databasePath = join(folder, "squall.db");
  const ballast = ballastPath(databasePath);
  prepare(ballast);
  const free = { bytes: freeBytes };
  return { guard: createDiskGuard({ databasePath, logger: silentLogger, freeBytes: () => free.bytes }), free, ballast };
}

test("the ballast is written where there is room above what must stay free", async () => {
  const { guard, ballast } = start(MIN_FREE_BYTES + BALLAST_BYTES);
  await guard.settled();
  expect(statSync(ballast)).toMatchObject({ size: BALLAST_BYTES, mode: 0o100600 });
  // Blocks of 512 bytes: it must take real space.
  expect(statSync(ballast).blocks * 512).toBeGreaterThanOrEqual(BALLAST_BYTES);
});

test("without room for it, work goes on without it", async () => {
  const { guard, ballast } = start(MIN_FREE_BYTES + BALLAST_BYTES - 1);
  await guard.settled();
  expect([guard.full(), existsSync(ballast)]).toEqual([false, false]);
});

test("below the limit it is full and the ballast is given up; both come back with space", async () => {
  const { guard, free, ballast } = start(2 ** 40);
  await guard.settled();
  free.bytes = MIN_FREE_BYTES - 1;
  expect([guard.full(), existsSync(ballast)]).toEqual([true, false]);
  free.bytes = MIN_FREE_BYTES + BALLAST_BYTES - 1;
  await guard.settled();
  expect(guard.full()).toBe(true);
  free.bytes = MIN_FREE_BYTES + BALLAST_BYTES;
  await guard.settled();
  expect([guard.full(), existsSync(ballast)]).toEqual([false, true]);
});

test("what the database finds counts, whatever the file system says", async () => {
  const { guard, ballast } = start(2 ** 40);
  await guard.settled();
  guard.foundFull();
  expect(existsSync(ballast)).toBe(false);
  expect(guard.full()).toBe(true);
  await guard.settled();
  expect([guard.full(), existsSync(ballast)]).toEqual([false, true]);
});

test("a whole ballast is kept at start, a torn one is written anew", async () => {
  const whole = start(MIN_FREE_BYTES, (ballast) => {
    writeFileSync(ballast, "");
    truncateSync(ballast, BALLAST_BYTES);
  });
  whole.free.bytes = 0;
  expect([whole.guard.full(), existsSync(whole.ballast)]).toEqual([true, false]);
  const torn = start(2 ** 40, (ballast) => writeFileSync(ballast, "torn"));
  await torn.guard.settled();
  expect(statSync(torn.ballast).size).toBe(BALLAST_BYTES);
});

test("stopping leaves no half ballast", async () => {
  const { guard, ballast } = start(2 ** 40);
  guard.full();
  await guard.stop();
  expect(existsSync(ballast)).toBe(false);
});

test("the real file system tells how much is free", () => {
  const folder = storeFolder();
  folders.push(folder);
  const guard = createDiskGuard({ databasePath: join(folder, "squall.db"), logger: silentLogger });
  expect(guard.freeBytes()).toBeGreaterThan(0);
});
