import { existsSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { request } from "undici";
import { sinkServer, type SinkServer } from "../../test/kit/sink-server.ts";
import { configFolder, until } from "../../test/kit/squall-process.ts";
import { testHost } from "../../test/kit/test-host.ts";
import { type App, startApp } from "../app/start-app.ts";
import { system } from "../app/system.ts";
import { runCli } from "./run-cli.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** Three dead letters in a store, first while a process holds it, then while nobody does: the commands are the same. */
let folder: ReturnType<typeof configFolder>;
let sink: SinkServer;
let app: App;

beforeAll(async () => {
  sink = await sinkServer();
  sink.answer(400);
  folder = configFolder({
    "config/squall.yaml": { executors: { sink: { type: "webhook" } }, ingest: { port: 0 }, admin: { port: 0 } },
    "collectors/in.yaml": { id: "in", auth: "none" },
    "rules/all/010_one.yaml": {
      actions: [{ id: "sink", payload: { url: `${sink.url}/a`, body: { n: "${event.payload.n}" } } }],
    },
  });
  const deps = { env: {}, writeLog: () => undefined, terminal: false, colour: false, onCrash: () => () => undefined };
  app = await startApp(
    { dir: folder.dir, set: [] },
    { ...system, ...deps, stdin: () => Readable.from([]), exit: () => undefined },
  );
  for (const n of [1, 2, 3]) {
    const { body } = await request(`${app.ingestUrl}/event/in`, { method: "POST", body: JSON.stringify({ n }) });
    await body.dump();
    await until(async () => (await list()).filter((item) => item.state === "dead").length === n);
  }
});
afterAll(async () => {
  await app.stop();
  await sink.close();
  folder.remove();
});

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const host = testHost({ cwd: folder.dir, env });
  const code = await runCli(args, host);
  return { code, ...host.written };
}

const list = async (): Promise<{ id: number; state: string }[]> =>
  (JSON.parse((await run(["deliveries", "list", "--json"])).out) as { items: { id: number; state: string }[] }).items;

const commands = (): void => {
  test("list: a table, newest first, cut with a cursor to go on", async () => {
    const { code, out } = await run(["deliveries", "list", "--limit", "1", "--state", "dead"]);
    expect(code).toBe(0);
    const [head, row, more] = out.trim().split("\n");
    expect(head).toMatch(/^id +state +executor +rule +committed +attempts +reason$/);
    expect(row).toMatch(/^\d+ +dead +sink +root\.all\.one +\d{4}-\S+Z +1 +\S.*400/);
    const cursor = /^more: --cursor (\S+)$/.exec(more!)![1]!;
    const next = await run(["deliveries", "list", "--limit", "1", "--state", "dead", "--cursor", cursor]);
    expect(Number.parseInt(next.out.split("\n")[1]!)).toBeLessThan(Number.parseInt(row!));
  });

  test("list: filters", async () => {
    expect((await run(["deliveries", "list", "--executor", "other", "--json"])).out).toBe('{"items":[],"next":null}\n');
    expect((await run(["deliveries", "list", "--state", "pending", "--json"])).out).toBe('{"items":[],"next":null}\n');
    expect((await run(["deliveries", "list", "--rule", "root.all.one"])).out).toContain("sink");
  });

  test("show", async () => {
    const { id } = (await list())[0]!;
    const { code, out } = await run(["deliveries", "show", String(id)]);
    expect(code).toBe(0);
    expect(out).toMatch(/^executor +sink$/m);
    expect(out).toMatch(/^payload +\{.*"n":3/m);
    expect(JSON.parse((await run(["deliveries", "show", String(id), "--json"])).out)).toMatchObject({
      id,
      state: "dead",
    });
    expect(await run(["deliveries", "show", "999"])).toMatchObject({
      code: 1,
      err: "squall: there is no delivery 999\n",
    });
  });

  test("drop one", async () => {
    const before = await list();
    const id = before.at(-1)!.id;
    expect(await run(["deliveries", "drop", String(id)])).toMatchObject({ code: 0, out: "1 dropped\n" });
    expect(await run(["deliveries", "drop", String(id)])).toMatchObject({ code: 1, out: "0 dropped\n" });
    expect((await list()).map((item) => item.id)).toEqual(before.slice(0, -1).map((item) => item.id));
  });

  test("store check, compact, backup", async () => {
    expect(await run(["store", "check"])).toEqual({ code: 0, out: "the store is sound\n", err: "" });
    expect((await run(["store", "compact"])).out).toMatch(/^\d+ bytes before, \d+ after\n$/);
    const name = `copy-${existsSync(join(folder.dir, "copy-1.db")) ? 2 : 1}.db`;
    const { code, out } = await run(["store", "backup", name, "--json"]);
    const file = join(folder.dir, name);
    expect([code, JSON.parse(out)]).toEqual([0, { file, bytes: readFileSync(file).length }]);
    expect(await run(["store", "backup", name])).toMatchObject({
      code: 1,
      err: expect.stringContaining("never overwrites"),
    });
  });
};

describe("while a process holds the store, over its API", () => {
  commands();

  test("from elsewhere: a URL and the admin token", async () => {
    const token = app.lines.find((line) => line.startsWith("token"))!.split(/ +/)[1]!;
    const args = ["deliveries", "list", "--json", "--url", app.adminUrl];
    const { code, out } = await run(args, { SQUALL_ADMIN_TOKEN: token });
    expect([code, JSON.parse(out)]).toMatchObject([0, { next: null }]);
    expect(await run(args, { SQUALL_ADMIN_TOKEN: "wrong" })).toMatchObject({
      code: 3,
      err: "squall: the admin token is wrong\n",
    });
    expect(await run(["deliveries", "list", "--url", "http://127.0.0.1:1"], { SQUALL_ADMIN_TOKEN: "t" })).toMatchObject(
      {
        code: 3,
        err: expect.stringContaining("no answer from http://127.0.0.1:1"),
      },
    );
  });
});

describe("while nobody holds it, by opening it", () => {
  beforeAll(() => app.stop());
  commands();

  test("retry: pending again, and the lock is free after each command", async () => {
    expect(await run(["deliveries", "retry", "--executor", "sink"])).toMatchObject({
      code: 0,
      out: "1 made pending again\n",
    });
    expect(await list()).toMatchObject([{ state: "pending" }]);
  });
});

test("settings with errors: 3, and what they are", async () => {
  folder.write("bad/config/squall.yaml", "stor: {}\n");
  const { code, err } = await run(["store", "check", "--config-dir", "bad"]);
  expect(code).toBe(3);
  expect(err).toContain("bad/config/squall.yaml:1:1".slice(4));
});
