import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashToken } from "../http/admin-access.ts";
import { readSession, reachableUrl, sessionFile, writeSession } from "./admin-session.ts";
import { loadAdminToken } from "./admin-token.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "squall-admin-"));
});
afterEach(() => rm(dir, { recursive: true }));

const bytes = (count: number): Buffer => Buffer.alloc(count, 7);
const mode = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

test("the token is made once, given once, and stored only as a hash that others cannot read", async () => {
  const file = join(dir, "data", "admin.token");
  const first = await loadAdminToken(file, bytes);
  expect(first.fresh).toBe(bytes(32).toString("base64url"));
  expect(first.hash).toBe(hashToken(first.fresh!));
  expect(await mode(file)).toBe("600");
  expect(await mode(join(dir, "data"))).toBe("700");
  expect(await readFile(file, "utf8")).not.toContain(first.fresh!);
  expect(await loadAdminToken(file, bytes)).toEqual({ hash: first.hash, fresh: null });
});

test("a file that holds no hash is refused, not replaced", async () => {
  const file = join(dir, "admin.token");
  await writeFile(file, "hunter2\n");
  await expect(loadAdminToken(file, bytes)).rejects.toMatchObject({ code: "configuration" });
  expect(await readFile(file, "utf8")).toBe("hunter2\n");
});

test("a session is written for its owner alone, also over an old file that others could read", async () => {
  const file = sessionFile(join(dir, "squall.db"));
  await writeFile(file, "{}", { mode: 0o644 });
  await writeSession(file, { url: "http://127.0.0.1:1", token: "t" });
  expect(await mode(file)).toBe("600");
  expect(await readSession(file)).toEqual({ url: "http://127.0.0.1:1", token: "t" });
  await writeFile(file, "{}");
  await expect(readSession(file)).rejects.toMatchObject({ code: "conflict" });
  await rm(file);
  expect(await readSession(file)).toBeNull();
});

test.each([
  ["http://0.0.0.0:8081", "http://127.0.0.1:8081"],
  ["https://[::]:8081", "https://[::1]:8081"],
  ["http://10.0.0.5:8081", "http://10.0.0.5:8081"],
])("%s is reached at %s", (url, expected) => {
  expect(reachableUrl(url)).toBe(expected);
});
