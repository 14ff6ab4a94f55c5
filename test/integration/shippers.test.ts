/**
 * Whoever ships to Elasticsearch ships to the look-alike: recorded requests of many senders, answered as each was content
 * with, and as a real Elasticsearch answers them; and the clients that a package manager brings, run while Squall stops
 * and starts. Where the recordings are from: `test/fixtures/shippers/README.md`.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawHttpSender } from "../kit/raw-http-sender.ts";
import { restartableApp } from "../kit/restartable-app.ts";
import {
  bodyBytes,
  operationsOf,
  recordedShippers,
  shipperBytes,
  type Shipper,
  type ShipperRequest,
} from "../kit/shipper-requests.ts";
import { sinkServer } from "../kit/sink-server.ts";
import { configFolder, freePort, until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const USER = "shipper";
const PASSWORD = "of-the-shipper";
const LOGIN = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;

/** Squall with a look-alike for each of `names`, which may be said to have another version, and every event in a sink. */
async function openSquall(
  names: readonly { readonly name: string; readonly server?: string }[],
  more: Readonly<Record<string, unknown>> = {},
) {
  const sink = await sinkServer();
  const ports = new Map<string, number>();
  for (const { name } of names) ports.set(name, await freePort());
  const collectors = names.map(({ name, server }) => ({
    id: name,
    type: "elasticsearch",
    host: "127.0.0.1",
    port: ports.get(name),
    credentials: [{ username: USER, password: PASSWORD }],
    ...(server === undefined ? {} : { version: server }),
    ...more,
  }));
  const folder = configFolder({
    "config/squall.yaml": {
      ingest: { port: 0 },
      admin: { port: 0 },
      log: { level: "error" },
      executors: { sink: { type: "webhook", options: { url: sink.url } } },
    },
    ...Object.fromEntries(collectors.map((collector) => [`collectors/${collector.id}.yaml`, collector])),
    "rules/all/010_all.yaml": {
      constraint: { WHERE: null, WITH: {} },
      actions: [
        {
          id: "sink",
          payload: {
            method: "POST",
            url: "/",
            body: { payload: "${event.payload}", shipped: "${event.metadata.elasticsearch}" },
          },
        },
      ],
    },
  });
  const app = await restartableApp(folder.dir);
  return {
    sink,
    port: (name: string): number => ports.get(name)!,
    ...app,
    async close() {
      await app.stop();
      await sink.close();
      folder.remove();
    },
  };
}

const shippers = recordedShippers();
const titled = shippers.map((shipper) => [`${shipper.sender} ${shipper.version} (${shipper.name})`, shipper] as const);
const isBulk = ({ path }: ShipperRequest): boolean => /\/_bulk(\?|$)/.test(path);

interface Item {
  readonly _type?: string;
  readonly status: number;
}
const itemsOf = (text: string): readonly (readonly [string, Item])[] => {
  const { items } = JSON.parse(text) as { items: Record<string, Item>[] };
  return items.map((item) => Object.entries(item)[0]!);
};

describe("recorded requests", () => {
  let squall: Awaited<ReturnType<typeof openSquall>>;
  beforeAll(async () => void (squall = await openSquall(shippers)));
  afterAll(() => squall.close());

  const replay = async (shipper: Shipper, pieceBytes: number) => {
    const port = squall.port(shipper.name);
    const sender = await rawHttpSender(port, pieceBytes);
    try {
      const answers = [];
      for (const each of shipper.requests)
        answers.push(await sender.send(shipperBytes(each, `127.0.0.1:${port}`, LOGIN)));
      return answers;
    } finally {
      sender.close();
    }
  };

  test("there are some of every kind of sender", () => {
    expect(shippers.length).toBeGreaterThanOrEqual(17);
  });

  test.each(titled)("%s", async (_, shipper) => {
    const before = squall.sink.received.length;
    const answers = await replay(shipper, 7);
    expect(answers.map(({ status }) => status)).toEqual(shipper.requests.map(({ status }) => status));
    for (const { head } of answers) expect(head).toMatch(/^x-elastic-product: Elasticsearch\r?$/im);
    const operations = shipper.requests.filter(isBulk).flatMap(operationsOf);
    const items = shipper.requests.flatMap((each, at) => (isBulk(each) ? itemsOf(answers[at]!.text) : []));
    expect(items.map(([operation]) => operation)).toEqual(operations);
    for (const [operation, { status }] of items) expect([operation, status]).toEqual([operation, STATUS[operation]]);
    const documents = operations.filter((operation) => operation !== "delete").length;
    await until(() => squall.sink.received.length >= before + documents);
    expect(squall.sink.received).toHaveLength(before + documents);
  });

  test.each(titled)("%s: a wrong password gets nowhere", async (_, shipper) => {
    const port = squall.port(shipper.name);
    const sender = await rawHttpSender(port, 65_536);
    const bulk = shipper.requests.find(isBulk)!;
    const { status } = await sender.send(shipperBytes(bulk, `127.0.0.1:${port}`, "Basic eDp5"));
    sender.close();
    expect(status).toBe(401);
  });
});

const STATUS: Readonly<Record<string, number>> = { create: 201, index: 201, update: 200, delete: 200 };

const service = await startService("elasticsearch");
afterAll(() => service.remove());

/** The reduced Elasticsearch of the tests has no root, no licenses and no lifecycles. */
const isLacking = ({ path, body }: ShipperRequest): boolean =>
  /^\/(\?|$)|^\/_(license|xpack|ilm)/.test(path) || (path.includes("_template/") && /"lifecycle"/.test(body ?? ""));

describe.skipIf(service.missing !== null)("as a real Elasticsearch answers them", () => {
  const agent = new Agent();
  let squall: Awaited<ReturnType<typeof openSquall>>;
  beforeAll(async () => void (squall = await openSquall(shippers)));
  afterAll(() => Promise.all([squall.close(), agent.close()]));

  const ask = async (url: string, each: ShipperRequest) => {
    const body = bodyBytes(each);
    const headers = Object.fromEntries(
      each.headers.filter(([name]) => /^(accept|content-type|content-encoding)$/i.test(name)),
    );
    const answer = await request(`${url}${each.path}`, {
      method: each.method as "GET", // or another; only the type is narrower
      dispatcher: agent,
      headers: { ...headers, authorization: LOGIN },
      body: body.length === 0 ? null : body,
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, type: answer.headers["content-type"], text };
  };

  // A cluster of version 8 refuses what is for version 9, and types of documents.
  const spoken = titled.filter(([, { requests }]) => !/compatible-with=9|\\"_type\\"/.test(JSON.stringify(requests)));
  test.each(spoken)("%s", async (_, shipper) => {
    for (const path of ["/*", "/_index_template/*", "/_template/*"])
      await (await request(`${service.info["url"]}${path}`, { method: "DELETE", dispatcher: agent })).body.dump();
    for (const each of shipper.requests) {
      if (isLacking(each)) continue;
      const real = await ask(service.info["url"]!, each);
      const ours = await ask(`http://127.0.0.1:${squall.port(shipper.name)}`, each);
      const what = `${each.method} ${each.path}`;
      expect([what, ours.status]).toEqual([what, real.status]);
      if (shipper.server === undefined) expect([what, ours.type?.toString()]).toEqual([what, real.type?.toString()]);
      if (!isBulk(each)) continue;
      const [theirs, own] = [itemsOf(real.text), itemsOf(ours.text)];
      expect(own.map(([operation]) => operation)).toEqual(theirs.map(([operation]) => operation));
      for (const [at, [operation, item]] of own.entries()) {
        const model = theirs[at]![1];
        expect(shapeOf(item)).toEqual(shapeOf(shipper.server === undefined ? model : { ...model, _type: "_doc" }));
        // Nothing is kept here, so nobody can know what was there before.
        if (operation === "create" || operation === "index") expect(item.status).toBe(model.status);
      }
    }
  });
});

/** Keys, sorted, with the types of what they hold. */
const shapeOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([key, inner]) => [key, shapeOf(inner)]),
      )
    : typeof value;

/** FOLDER/7, 8, 9 of each language; empty where there is no package manager for it. */
async function fetchClients(): Promise<Readonly<Record<string, string>>> {
  const dir = mkdtempSync(join(tmpdir(), "squall-shippers-"));
  try {
    const script = join(import.meta.dirname, "../services/shippers.sh");
    const { stdout } = await promisify(execFile)("bash", [script, "start", dir]);
    return Object.fromEntries(
      stdout
        .trim()
        .split(" ")
        .slice(1)
        .map((pair) => pair.split("=") as [string, string]),
    );
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error;
    console.warn(`skipped: clients that ship to Elasticsearch: ${(error as Error).message}`);
    return {};
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const folders = await fetchClients();
const clients = [
  ["javascript", process.execPath, "bulk.mjs"],
  ["python", "python3", "bulk.py"],
] as const;
if (!folders["python"]) console.warn("skipped: the Python clients: there is no pip here");

describe.each(clients)("a client in %s", (language, program, script) => {
  test.skipIf(!folders[language]).each(["7", "8", "9"])(
    "version %s, while Squall stops and starts: nothing is lost, nothing fires twice",
    async (version) => {
      const squall = await openSquall([{ name: "es" }]);
      const total = 500;
      const folder = join(folders[language]!, version);
      const child = spawn(program, [join(import.meta.dirname, "../kit/senders", script)], {
        env: {
          PATH: process.env["PATH"] ?? "",
          CLIENT: folder,
          PYTHONPATH: folder,
          PYTHONDONTWRITEBYTECODE: "1",
          ES_URL: `http://127.0.0.1:${squall.port("es")}`,
          ES_USER: USER,
          ES_PASSWORD: PASSWORD,
          TOTAL: String(total),
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      const bodies = (): readonly string[] => squall.sink.received.map(({ body }) => body);
      try {
        await until(() => bodies().length >= 100);
        await squall.stop();
        await squall.start();
        await until(() => bodies().length >= total);
        expect(await ended).toBe(0);
        expect(new Set(bodies()).size).toBe(total);
        expect(bodies()).toHaveLength(total);
      } catch (error) {
        throw new Error(`${(error as Error).message}; ${bodies().length} fired\n${output.slice(-2000)}`, {
          cause: error,
        });
      } finally {
        child.kill();
        await ended;
        await squall.close();
      }
    },
  );
});

if (!folders["rsyslog"]) console.warn("skipped: rsyslog's omelasticsearch is not installed");

test.skipIf(!folders["rsyslog"])(
  "rsyslog's omelasticsearch, while Squall stops and starts: nothing is lost",
  async () => {
    const squall = await openSquall([{ name: "es" }], { busy: "hang_up" });
    const config = `
module(load="omelasticsearch")
template(name="json" type="list") {
  constant(value="{") property(name="msg" outname="message" format="jsonf") constant(value="}")
}
action(type="omelasticsearch" server="127.0.0.1" serverport="${squall.port("es")}" uid="${USER}" pwd="${PASSWORD}"
       searchIndex="logs" searchType="" bulkmode="on" template="json"
       queue.type="linkedList" action.resumeRetryCount="-1" action.resumeInterval="1")
`;
    const rsyslog = await startService("rsyslog", {}, config);
    const log = (from: number, to: number): void => {
      const lines = Array.from({ length: to - from }, (_, n) => `Failed password for u${from + n}`);
      execFileSync("logger", ["-u", rsyslog.info["socket"] ?? "", "-d", "-t", "sshd"], { input: lines.join("\n") });
    };
    const distinct = (): number => new Set(squall.sink.received.map(({ body }) => body)).size;
    try {
      log(0, 100);
      await until(() => distinct() >= 50);
      await squall.stop();
      log(100, 200);
      await squall.start();
      log(200, 300);
      await until(() => distinct() >= 300);
      expect(distinct()).toBe(300);
    } finally {
      await rsyslog.remove();
      await squall.close();
    }
  },
);
