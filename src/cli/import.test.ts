import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testHost } from "../../test/kit/test-host.ts";
import { runCli } from "./run-cli.ts";

const FIXTURES = resolve("test/fixtures/tornado-install");

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "squall-import-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const host = testHost({ cwd: dir });
  const code = await runCli(["import", "tornado", ...args], host);
  return { code, ...host.written };
}

test("an import with nothing refused, and its report", async () => {
  const { code, out, err } = await run(join(FIXTURES, "export"), "--out", "new", "--report", "report/all.txt");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^7 mapped, 2 changed, 0 refused\n/);
  expect(readFileSync(join(dir, "report/all.txt"), "utf8")).toBe(out);
  expect(existsSync(join(dir, "new/processing-trees/010_tenant_a.json"))).toBe(true);
});

test("something was refused: 1, as JSON", async () => {
  const { code, out } = await run(join(FIXTURES, "refused"), "--out", "new", "--json", "--report", "r.json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    refused: expect.arrayContaining([expect.objectContaining({ deviation: 8 })]),
  });
  expect(readFileSync(join(dir, "r.json"), "utf8")).toBe(out);
});

test("without the passwords the installation loads: they are variables", async () => {
  const { code, out } = await run(join(FIXTURES, "v2"), "--out", "new", "--json");
  expect(code).toBe(1); // the listeners
  expect(JSON.parse(out)).toMatchObject({
    diagnostics: [],
    environment: [{ name: "ICINGA2_PASSWORD" }, { name: "DIRECTOR_PASSWORD" }],
  });
  const check = testHost({ cwd: dir, env: { ICINGA2_PASSWORD: "x", DIRECTOR_PASSWORD: "y" } });
  expect(await runCli(["check", "--strict", "--config-dir", "new"], check)).toBe(0);
});

test.each<[string[], number, string]>([
  [["nowhere", "--out", "new"], 3, "cannot be read"],
  [[join(FIXTURES, "v1"), "--out", FIXTURES], 2, "is not empty"],
  [[join(FIXTURES, "v1")], 2, "required option '--out <dir>'"],
])("%j is %i", async (args, expected, message) => {
  const { code, err } = await run(...args);
  expect(code).toBe(expected);
  expect(err).toContain(message);
});
