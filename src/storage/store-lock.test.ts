import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { storeFolder } from "../../test/kit/store-fixtures.ts";
import { lockStore } from "./store-lock.ts";

let folder = "";
beforeEach(() => void (folder = storeFolder()));
afterEach(() => rmSync(folder, { recursive: true }));

const holder = { pid: 4711, startedMs: Date.UTC(2026, 0, 2, 3, 4, 5) };

test("a second one is told who holds the store, until it is released", async () => {
  const path = join(folder, "data", "squall.db");
  const lock = await lockStore(path, holder);
  await expect(lockStore(path)).rejects.toMatchObject({
    code: "store_locked",
    message: `the store ${path} is held by process 4711, started 2026-01-02T03:04:05.000Z`,
  });
  const file = join(folder, "data", "squall.lock");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  lock.release();
  lock.release();
  expect(existsSync(`${file}.holder`)).toBe(false);
  (await lockStore(path)).release();
});

test("two stores in one folder have two locks", async () => {
  const one = await lockStore(join(folder, "one.db"));
  const two = await lockStore(join(folder, "two.db"));
  one.release();
  two.release();
});

test("kill -9 frees it, whatever is left behind", async () => {
  const path = join(folder, "squall.db");
  const code = `import { lockStore } from ${JSON.stringify(new URL("store-lock.ts", import.meta.url).href)};
    await lockStore(${JSON.stringify(path)}); console.log("held"); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await expect(lockStore(path)).rejects.toMatchObject({
    code: "store_locked",
    message: expect.stringContaining(`process ${child.pid},`),
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  (await lockStore(path)).release();
});

test("a place that cannot be written is no lock of another", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(lockStore(join(folder, "file", "squall.db"))).rejects.toMatchObject({ code: "store_failed" });
});
