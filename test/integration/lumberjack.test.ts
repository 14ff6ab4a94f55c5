/**
 * Beats' protocol into the whole application, restarted meanwhile: what was acknowledged is there, once. The sender is
 * written from the specification; where SQUALL_FILEBEAT names a Filebeat (OSS build), that one too.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archivingApp, type ArchivingApp } from "../kit/archiving-app.ts";
import { lumberjackClient, windowOf } from "../kit/lumberjack-client.ts";
import { freePort, until } from "../kit/squall-process.ts";

const [port, securePort] = [await freePort(), await freePort()];
let app: ArchivingApp;
beforeAll(async () => {
  app = await archivingApp({
    "beats.yaml": { id: "beats", type: "lumberjack", port },
    "secure.yaml": {
      id: "secure",
      type: "lumberjack",
      port: securePort,
      tls: {
        cert_file: resolve("test/fixtures/tls/server.crt"),
        key_file: resolve("test/fixtures/tls/server.key"),
        client_ca_file: resolve("test/fixtures/tls-client/client-ca.crt"),
      },
      metadata_from: { shipper: { from: "client_certificate" } },
    },
  });
});
afterAll(() => app.remove());

/** As Filebeat 7.17 writes it, with the keys that make its identity. */
const line = (path: string, n: number) => ({
  "@timestamp": "2026-11-21T09:44:24.295Z",
  "@metadata": { beat: "filebeat", type: "_doc", version: "7.17.29" },
  log: { offset: n * 100, file: { path } },
  message: `line ${n}`,
  input: { type: "filestream" },
  agent: { type: "filebeat", id: "05ef5ed6-c6fc-4939-8d11-25439030e41b" },
});
const linesOf = (path: string): number[] =>
  app
    .events()
    .filter(({ payload }) => (payload as { log?: { file: { path: string } } }).log?.file.path === path)
    .map(({ payload }) => Number(/^line (\d+)$/.exec(String(payload["message"]))![1]));
const count = (length: number): number[] => Array.from({ length }, (_, n) => n);

test("an event of Filebeat", async () => {
  const client = lumberjackClient(port);
  client.write(windowOf([line("/one", 0)]));
  await client.acked(1);
  await until(() => linesOf("/one").length === 1);
  const [event] = app.events();
  expect(event).toMatchObject({
    type: "filebeat",
    created_ms: Date.parse("2026-11-21T09:44:24.295Z"),
    payload: { message: "line 0", log: { offset: 0 } },
    metadata: { beats: { beat: "filebeat", version: "7.17.29" } },
  });
  client.vanish();
});

test("with a client certificate, and not without", async () => {
  const ca = readFileSync("test/fixtures/tls/ca.crt");
  const cert = readFileSync("test/fixtures/tls-client/client.crt");
  const key = readFileSync("test/fixtures/tls-client/client.key");
  const stranger = lumberjackClient(securePort, { ca });
  stranger.write(windowOf([line("/secure", 1)]));
  await stranger.closed;
  const client = lumberjackClient(securePort, { ca, cert, key });
  client.write(windowOf([line("/secure", 0)]));
  await client.acked(1);
  client.vanish();
  await until(() => linesOf("/secure").length === 1);
  expect(linesOf("/secure")).toEqual([0]);
  expect(app.events().at(-1)!.metadata).toMatchObject({ shipper: "beat-1" });
});

/** Sends windows of a file like a Beat: two in flight, all that is not acknowledged again after every loss; halfway it waits. */
async function ship(path: string, total: number, windowSize: number, halfway: Promise<void>): Promise<number> {
  const windows = Array.from({ length: total / windowSize }, (_, w) =>
    windowOf(count(windowSize).map((n) => line(path, w * windowSize + n))),
  );
  let done = 0;
  let connections = 0;
  while (done < windows.length) {
    const client = lumberjackClient(port);
    connections++;
    try {
      let sent = done;
      const [before] = [done];
      while (done < windows.length) {
        while (sent < windows.length && sent < done + 2) client.write(windows[sent++]!);
        if (done === windows.length / 2) await halfway;
        await client.acked(done - before + 1);
        done++;
      }
    } catch {
      await new Promise((again) => setTimeout(again, 50)); // as a Beat waits before it connects again
    }
    client.vanish();
  }
  return connections;
}

test("restarted in the middle: everything acknowledged is there, and nothing twice", async () => {
  const { promise: restarted, resolve } = Promise.withResolvers<void>();
  const shipping = ship("/restart", 6000, 100, restarted);
  await until(() => linesOf("/restart").length > 1000);
  await app.restart();
  resolve();
  expect(await shipping).toBeGreaterThan(1);
  await until(() => linesOf("/restart").length >= 6000);
  expect(linesOf("/restart").sort((a, b) => a - b)).toEqual(count(6000));
});

const filebeat = process.env["SQUALL_FILEBEAT"] ?? "";
const title = existsSync(filebeat) ? "Filebeat" : "Filebeat (skipped: SQUALL_FILEBEAT names none)";
describe.skipIf(!existsSync(filebeat))(title, () => {
  let dir: string;
  let log: string;
  let child: ChildProcess | undefined;
  const start = (options: object): void => {
    const config = {
      filebeat: { inputs: [{ type: "filestream", id: "a", paths: [log] }] },
      output: { logstash: { hosts: [`127.0.0.1:${port}`], ...options } },
      logging: { to_files: false, level: "info" },
    };
    writeFileSync(join(dir, "filebeat.yml"), JSON.stringify(config));
    const paths = ["--path.home", dir, "--path.data", join(dir, "data"), "-c", join(dir, "filebeat.yml")];
    child = spawn(filebeat, ["-e", "--strict.perms=false", ...paths], { stdio: "ignore" });
  };
  const end = async (): Promise<void> => {
    const running = child;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    await ended;
  };
  const write = (from: number, to: number): void =>
    appendFileSync(
      log,
      count(to - from)
        .map((n) => `line ${from + n}\n`)
        .join(""),
    );
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "squall-filebeat-"));
    log = join(dir, "app.log");
  });
  afterAll(async () => {
    await end();
    rmSync(dir, { recursive: true, force: true });
  });

  test("10,000 lines, with a restart in the middle: each arrives once", async () => {
    write(0, 5000);
    start({});
    await until(() => linesOf(log).length > 0);
    await app.restart();
    write(5000, 10_000);
    await until(() => linesOf(log).length >= 10_000);
    expect(linesOf(log).sort((a, b) => a - b)).toEqual(count(10_000));
    await end();
  });

  test("uncompressed, one window at a time", async () => {
    start({ compression_level: 0, pipelining: 0 });
    write(10_000, 13_000);
    await until(() => linesOf(log).length >= 13_000);
    expect(linesOf(log).sort((a, b) => a - b)).toEqual(count(13_000));
    await end();
  });
});
