import { readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Agent, request } from "undici";
import { configFolder, until } from "../../test/kit/squall-process.ts";
import { sinkServer, type SinkServer } from "../../test/kit/sink-server.ts";
import { Secret } from "../component/secret.ts";
import { type AdminClient, createAdminClient } from "../http/client.ts";
import { dropDeliveries, getDelivery, listDeliveries, retryDeliveries } from "../http/contract/deliveries.ts";
import { listExecutors } from "../http/contract/executors.ts";
import { getGeneration, postReload } from "../http/contract/generation.ts";
import { getHealthV1, getMetrics } from "../http/contract/health.ts";
import { storeBackup, storeCheck, storeCompact } from "../http/contract/store.ts";
import { readSession } from "./admin-session.ts";
import { type App, type AppOptions, startApp } from "./start-app.ts";
import { system } from "./system.ts";

const fixture = (name: string): string => readFileSync(`test/fixtures/neteye/${name}`, "utf8");
const SET = ["ingest.port=0", "admin.port=0", "log.level=info"];

let folder: ReturnType<typeof configFolder>;
let sink: SinkServer;
let app: App | null;
let crash: ((error: unknown) => void) | null;
let exits: number[];
let log: { msg: string; [key: string]: unknown }[];
let client: AdminClient | null;
let stdin: Readable;

beforeEach(async () => {
  app = null;
  crash = null;
  exits = [];
  client = null;
  stdin = Readable.from([]);
  log = [];
  sink = await sinkServer();
});
afterEach(async () => {
  await client?.close();
  await app?.stop();
  await sink.close();
  folder.remove();
});

async function start(files: Readonly<Record<string, unknown>>, set: readonly string[] = []): Promise<App> {
  folder = configFolder(files);
  app = await startAgain(set);
  const session = await readSession(join(folder.dir, "data/admin.session"));
  client = createAdminClient({
    url: session!.url,
    token: new Secret(session!.token),
    certificate: session!.certificate,
  });
  return app;
}

const byNumber = (a: unknown, b: unknown): number => (a as { n: number }).n - (b as { n: number }).n;

const startAgain = (
  set: readonly string[] = [],
  env: Record<string, string> = {},
  more: Partial<AppOptions> = {},
): Promise<App> =>
  startApp(
    { dir: folder.dir, set: [...SET, ...set], ...more },
    {
      ...system,
      env,
      stdin: () => stdin,
      writeLog: (text) => void log.push(JSON.parse(text) as (typeof log)[number]),
      terminal: false,
      colour: false,
      onCrash(run) {
        crash = run;
        return () => undefined;
      },
      exit: (code) => void exits.push(code),
    },
  );

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const { statusCode, body: answer } = await request(`${app!.ingestUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: statusCode, text: await answer.text() };
};

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { statusCode, body } = await request(url, { headers });
  return { status: statusCode, text: await body.text() };
};

/** One collector, one rule that forwards `n` to the sink. */
const forwarding = (): Record<string, unknown> => ({
  "config/squall.yaml": { executors: { sink: { type: "webhook" } } },
  "collectors/in.yaml": { id: "in", token: "t" },
  "rules/all/010_forward.yaml": {
    actions: [{ id: "sink", payload: { method: "POST", url: `${sink.url}/hook`, body: { n: "${event.payload.n}" } } }],
  },
});

describe("the NetEye article's files, pasted", () => {
  const files = {
    "config/squall.yaml":
      "executors:\n  icinga2: {dry_run: true, options: {url: 'https://localhost:5665', username: u, password: hunter2}}\n",
    "collectors/eventlog.json": fixture("collector-eventlog.json"),
    "rules/windows_eventlog/010_service_restart.json": fixture("010_service_restart.json"),
  };

  test("what Winlogbeat sends becomes the request to Icinga 2; it said what it listens on, the token once, what to try", async () => {
    await start(files);
    const answer = await post("/event/eventlog?token=secret_token", fixture("winlogbeat-7036.json"));
    expect(answer).toEqual({ status: 200, text: '{"accepted":1,"rejected":[]}' });
    const sent = (): unknown => log.find((line) => line["request"] !== undefined)?.["request"];
    await until(() => sent() !== undefined);
    const { method, path, body } = JSON.parse(fixture("expected-icinga2-request.json")) as Record<string, unknown>;
    expect(sent()).toMatchObject({ method, url: `https://localhost:5665${String(path)}`, body });
    expect(log.filter((line) => line["level"] !== "info")).toEqual([]);

    const { lines, ingestUrl, adminUrl } = app!;
    expect(lines).toEqual([
      "squall 0.1.0: 1 collector, 1 rule, 3 executors",
      `events   ${ingestUrl}/event/<collector>`,
      `admin    ${adminUrl}`,
      expect.stringMatching(
        /^token    [\w-]{43} \(for the admin API; shown this once, its hash is in .*data\/admin\.token\)$/,
      ),
      "dry run  icinga2: requests are logged, not sent",
      `try      curl -H 'content-type: application/json' -d '{"message":"hello"}' '${ingestUrl}/event/eventlog?token=secret_token'`,
    ]);

    await app!.stop();
    folder.write("collectors/eventlog.json", { id: "eventlog", token: "${env:TOKEN}" });
    app = await startAgain([], { TOKEN: "hunter3" });
    expect(app.lines.some((line) => line.startsWith("token"))).toBe(false);
    expect(app.lines.at(-1)).toContain("?token=$TOKEN");
    expect(JSON.stringify([app.lines, log])).not.toContain("hunter3");
  });
});

test("an event reaches the target, once, is listed as delivered; executors and store tell about themselves", async () => {
  await start(forwarding());
  expect((await post("/event/in?token=t", { n: 7 }, { "idempotency-key": "e1" })).status).toBe(200);
  expect((await post("/event/in?token=t", { n: 7 }, { "idempotency-key": "e1" })).status).toBe(200);
  await until(() => sink.received.length > 0);
  expect(sink.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ n: 7 }]);
  await until(async () => (await client!.call(listDeliveries, {})).items[0]?.state === "delivered");
  const { items } = await client!.call(listDeliveries, {});
  expect(items).toMatchObject([{ executor: "sink", rule_path: "root.all.forward", event_id: "e1", collector: "in" }]);
  expect(items[0]!.key).toBe(sink.received[0]!.key);
  expect((await post("/event/in", { n: 8 })).status).toBe(401);

  const executors = (await client!.call(listExecutors, {})).items;
  expect(executors).toContainEqual({
    id: "sink",
    type: "webhook",
    dry_run: false,
    breaker: "closed",
    in_flight: 0,
    pending: 0,
    waiting: 0,
    dead: 0,
    oldest_ms: null,
  });
  const file = join(folder.dir, "copy.db");
  const { bytes } = await client!.call(storeBackup, { body: { file } });
  expect(bytes).toBe(readFileSync(file).length);
  expect(await client!.call(storeCheck, {})).toEqual({ problems: [] });
  expect(await client!.call(storeCompact, {})).toMatchObject({ before_bytes: expect.any(Number) });
});

test("dead letters are listed, shown, retried and dropped over the API", async () => {
  sink.answer(400);
  await start(forwarding());
  for (const n of [1, 2]) await post("/event/in?token=t", { n });
  const dead = async () => (await client!.call(listDeliveries, { query: { state: "dead" } })).items;
  await until(async () => (await dead()).length === 2);
  const [last, first] = await dead();
  expect(await client!.call(getDelivery, { params: { id: first!.id } })).toMatchObject({
    state: "dead",
    executor: "sink",
  });
  sink.answer(200);
  expect(await client!.call(retryDeliveries, { body: { id: first!.id } })).toEqual({ count: 1 });
  await until(() => sink.received.length === 1);
  expect(await client!.call(dropDeliveries, { body: { executor: "sink" } })).toEqual({ count: 1 });
  expect(await dead()).toEqual([]);
  await expect(client!.call(getDelivery, { params: { id: last!.id } })).rejects.toMatchObject({ code: "not_found" });
});

test("lines of standard input are events; at their end all is delivered, and the app asks to be stopped", async () => {
  folder = configFolder({
    "config/squall.yaml": { executors: { sink: { type: "webhook" } } },
    "rules/all/010_one.yaml": {
      constraint: { WHERE: { type: "ge", first: "${event.payload.n}", second: 2 } },
      actions: [{ id: "sink", payload: { url: `${sink.url}/a`, body: { n: "${event.payload.n}" } } }],
    },
  });
  stdin = Readable.from([Buffer.from('{"n":1}\n{"n":2}\n{"n":3}')]);
  app = await startAgain([], {}, { stdin: { format: "json", codec: "json" } });
  expect(await app.finished).toBe("standard input has ended");
  expect(sink.received.map(({ body }) => JSON.parse(body) as unknown).toSorted(byNumber)).toEqual([{ n: 2 }, { n: 3 }]);
});

test("--stdin with a format that does not exist is told as a mistake of the command line", async () => {
  folder = configFolder({});
  const start = startAgain([], {}, { stdin: { format: "jsonn", codec: "json" } });
  await expect(start).rejects.toMatchObject({
    cause: {
      diagnostics: expect.arrayContaining([
        expect.objectContaining({ file: "--stdin", suggestion: "json" }),
      ]) as unknown,
    },
  });
  app = null;
});

describe("reload", () => {
  test("without a change the generation stays; new rules and collectors take the place of the old", async () => {
    await start(forwarding());
    expect(await client!.call(postReload, {})).toMatchObject({ number: 1 });
    folder.write("collectors/more.yaml", { id: "more", auth: "none" });
    folder.write("collectors/in.yaml", { id: "in", token: "new" });
    folder.write("rules/all/010_forward.yaml", {
      actions: [{ id: "sink", payload: { url: `${sink.url}/hook`, body: { changed: "${event.payload.n}" } } }],
    });
    expect(await client!.call(postReload, {})).toMatchObject({ number: 2, last_error: null, restart_needed: [] });
    expect((await post("/event/in?token=t", { n: 1 })).status).toBe(401);
    expect((await post("/event/in?token=new", { n: 2 })).status).toBe(200);
    expect((await post("/event/more", { n: 3 })).status).toBe(200);
    await until(() => sink.received.length === 2);
    expect(sink.received.map(({ body }) => body).toSorted()).toEqual(['{"changed":2}', '{"changed":3}']);
  });

  test("a failed one leaves everything in service and is told everywhere, until one succeeds", async () => {
    await start(forwarding());
    const before = await client!.call(getGeneration, {});
    folder.write("collectors/more.yaml", { id: "more", auth: "none" });
    folder.write("rules/all/020_bad.yaml", {
      constraint: { WHERE: { type: "equls", first: 1, second: 1 } },
      actions: [],
    });
    const error = await client!.call(postReload, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "configuration",
      cause: { diagnostics: [{ file: "rules/all/020_bad.yaml" }] },
    });

    const after = await client!.call(getGeneration, {});
    expect(after).toEqual({ ...before, last_error: expect.objectContaining({ diagnostics: [expect.anything()] }) });
    expect((await post("/event/in?token=t", { n: 1 })).status).toBe(200);
    expect((await post("/event/more", { n: 1 })).status).toBe(404);
    expect(await client!.call(getHealthV1, {})).toMatchObject({
      status: "degraded",
      reasons: [{ subject: "configuration", code: "reload_failed" }],
    });
    expect((await get(`${app!.ingestUrl}/health/ready`)).status).toBe(200);
    expect(await client!.call(getMetrics, {})).toContain('squall_reloads_total{result="failed"} 1');
    expect(log.some((line) => line["level"] === "error" && line.msg.includes("reload failed"))).toBe(true);

    folder.write("rules/all/020_bad.yaml", { actions: [] });
    expect(await client!.call(postReload, {})).toMatchObject({ number: 2, last_error: null });
    expect(await client!.call(getHealthV1, {})).toMatchObject({ status: "ok", reasons: [] });
    expect((await post("/event/more", { n: 1 })).status).toBe(200);

    // Settings of listeners and store wait for a restart, and say so.
    folder.write("config/squall.yaml", {
      ingest: { max_connections: 7 },
      store: { retention: "1h" },
      executors: { sink: { type: "webhook" } },
    });
    expect(await client!.call(postReload, {})).toMatchObject({ number: 3, restart_needed: ["ingest", "store"] });
    expect((await client!.call(getHealthV1, {})).reasons).toMatchObject([{ code: "restart_needed" }]);
  });

  test("a changed file is noticed", async () => {
    await start(forwarding());
    folder.write("collectors/more.yaml", { id: "more", auth: "none" });
    await until(async () => (await client!.call(getGeneration, {})).number === 2);
    expect((await post("/event/more", { n: 1 })).status).toBe(200);
  });
});

describe("start and stop", () => {
  test("a configuration with errors does not start and leaves nothing behind", async () => {
    folder = configFolder({ "config/squall.yaml": "ingst: {}\n" });
    await expect(startAgain()).rejects.toMatchObject({
      code: "configuration",
      cause: { diagnostics: [{ file: "config/squall.yaml", line: 1 }] },
    });
    await expect(access(join(folder.dir, "data"))).rejects.toThrow("ENOENT");
  });

  test("a held store and a taken port end the start; the latter frees its store", async () => {
    await start(forwarding());
    await expect(startAgain()).rejects.toMatchObject({
      code: "store_locked",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect((await post("/event/in?token=t", { n: 1 })).status).toBe(200);
    const port = new URL(app!.ingestUrl).port;
    const store = [`store.path=${folder.dir}/other/squall.db`, `admin.token_hash_file=${folder.dir}/other/token`];
    await expect(startAgain([...store, `ingest.port=${port}`])).rejects.toMatchObject({ code: "port_taken" });
    const other = await startAgain(store);
    await other.stop();
  });

  test("after a stop the session is gone, what was not delivered is sent after the next start", async () => {
    sink.answer(503);
    await start(forwarding());
    await post("/event/in?token=t", { n: 1 });
    await app!.stop();
    await app!.stop();
    expect(await readSession(join(folder.dir, "data/admin.session"))).toBeNull();
    await expect(get(`${app!.ingestUrl}/health/live`)).rejects.toThrow("ECONNREFUSED");
    sink.answer(200);
    app = await startAgain();
    await until(() => sink.received.length === 1);
  });

  test("TLS on both listeners; the session holds what a command needs to trust it", async () => {
    const tls = {
      cert_file: resolve("test/fixtures/tls/server.crt"),
      key_file: resolve("test/fixtures/tls/server.key"),
    };
    await start({ "config/squall.yaml": { ingest: { tls }, admin: { tls } } });
    expect([app!.ingestUrl, app!.adminUrl]).toEqual([
      expect.stringMatching("^https:"),
      expect.stringMatching("^https:"),
    ]);
    expect(await client!.call(getHealthV1, {})).toMatchObject({ status: "ok" });
    const agent = new Agent({ connect: { ca: readFileSync("test/fixtures/tls/ca.crt") } });
    for (const url of [app!.ingestUrl, app!.adminUrl]) {
      const { statusCode, body } = await agent.request({ origin: url, path: "/health/live", method: "GET" });
      expect([statusCode, await body.text()]).toEqual([200, '{"status":"live"}']);
    }
    await agent.close();
  });

  test("an error that nobody caught is logged and ends the process", async () => {
    await start({});
    crash!(new TypeError("x is not a function"));
    expect(log.at(-1)).toMatchObject({ level: "error", err: { type: "TypeError", message: "x is not a function" } });
    expect(exits).toEqual([3]);
  });

  test("the empty folder is a configuration; with metrics on the ingest listener, for their own token", async () => {
    await start({});
    expect(await client!.call(getHealthV1, {})).toMatchObject({ status: "ok", generation: { number: 1 } });
    expect((await get(`${app!.ingestUrl}/health/live`)).text).toBe('{"status":"live"}');
    expect((await get(`${app!.ingestUrl}/metrics`)).status).toBe(404);
    expect((await get(`${app!.adminUrl}/health`)).status).toBe(200);
    expect((await get(`${app!.adminUrl}/api/v1/generation`)).status).toBe(401);
    await app!.stop();

    folder.write("config/squall.yaml", { metrics: { listener: "ingest", token: "scrape" } });
    app = await startAgain();
    expect((await get(`${app!.ingestUrl}/metrics`)).status).toBe(401);
    const found = await get(`${app!.ingestUrl}/metrics`, { authorization: "Bearer scrape" });
    expect(found.text).toMatch(/^squall_generation 1$/m);
  });
});
