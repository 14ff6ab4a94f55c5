/**
 * Squall to Squall over Splunk's protocol, with acknowledgements: what the splunk_hec executor sends, the splunk_hec
 * collector takes, and a rule on the other side fires once for each. And Sysdig's webhook, as it is set up in Sysdig: an
 * additional header `Authorization: Splunk …`, to `/raw`.
 */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { request } from "undici";
import { type App, startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import { sinkServer, type SinkServer } from "../kit/sink-server.ts";
import { configFolder, freePort, until } from "../kit/squall-process.ts";

const TOKEN = "11111111-2222-3333-4444-555555555555";
const deps = { env: {}, writeLog: () => undefined, terminal: false, colour: false, onCrash: () => () => undefined };
const start = (dir: string): Promise<App> =>
  startApp({ dir, set: [] }, { ...system, ...deps, stdin: () => Readable.from([]), exit: () => undefined });

let sink: SinkServer;
let receiver: App;
let sender: App;
const folders: ReturnType<typeof configFolder>[] = [];
const settings = { ingest: { port: 0 }, admin: { port: 0 }, log: { level: "error" } };

beforeAll(async () => {
  sink = await sinkServer();
  const port = await freePort();
  const toSink = (body: Record<string, string>) => ({ id: "sink", payload: { method: "POST", url: "/", body } });
  const receiving = configFolder({
    "config/squall.yaml": { ...settings, executors: { sink: { type: "webhook", options: { url: sink.url } } } },
    "collectors/hec.yaml": { id: "hec", type: "splunk_hec", port, token: TOKEN },
    "collectors/sysdig.yaml": { id: "sysdig", type: "splunk_hec", format: "sysdig", token: TOKEN },
    "rules/hec/010_forwarded.yaml": {
      constraint: { WHERE: { type: "equals", first: "${event.type}", second: "hec" }, WITH: {} },
      actions: [toSink({ n: "${event.payload.n}", host: "${event.metadata.splunk.host}", ms: "${event.created_ms}" })],
    },
    "rules/sysdig/010_alert.yaml": {
      constraint: { WHERE: { type: "startsWith", first: "${event.type}", second: "sysdig." }, WITH: {} },
      actions: [toSink({ sysdig: "${event.type}", status: "${event.payload.status}" })],
    },
  });
  const sending = configFolder({
    "config/squall.yaml": {
      ...settings,
      executors: {
        splunk: {
          type: "splunk_hec",
          timeout: "1m", // of an acknowledgement too; after it, all is sent again
          options: { url: `http://127.0.0.1:${port}`, token: TOKEN, acks: true, ack_interval: "20ms", host: "web-1" },
        },
      },
    },
    "collectors/in.yaml": { id: "in", auth: "none" },
    "rules/all/010_forward.yaml": {
      actions: [{ id: "splunk", payload: { event: { n: "${event.payload.n}" }, time: "${event.created_ms}" } }],
    },
  });
  folders.push(receiving, sending);
  receiver = await start(receiving.dir);
  sender = await start(sending.dir);
});
afterAll(async () => {
  await sender?.stop();
  await receiver?.stop();
  await sink.close();
  for (const folder of folders) folder.remove();
});

const post = async (url: string, body: string | Buffer, headers: Record<string, string> = {}) => {
  const answer = await request(url, { method: "POST", body, headers });
  return { status: answer.statusCode, text: await answer.body.text() };
};
const bodies = () => sink.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test("500 events go over, acknowledged, and each fires its rule once", async () => {
  const events = Array.from({ length: 500 }, (_, n) => JSON.stringify({ n })).join("\n");
  const { status } = await post(`${sender.ingestUrl}/event/in`, events, { "content-type": "application/x-ndjson" });
  expect(status).toBe(200);
  const numbers = () =>
    bodies()
      .filter((body) => body["host"] === "web-1")
      .map((body) => Number(body["n"]));
  await until(() => numbers().length >= 500);
  expect(numbers().sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, n) => n));
});

describe("Sysdig's webhook", () => {
  const headers = { authorization: `Splunk ${TOKEN}`, "content-type": "application/json" };
  test.each([
    ["monitor-alert-active.json", "sysdig.monitor", "firing"],
    ["monitor-alert-ok.json", "sysdig.monitor", "resolved"],
    ["secure-policy-event.json", "sysdig.secure", "firing"],
  ])("%s, and the same again", async (file, type, status) => {
    const body = readFileSync(`test/fixtures/sysdig/${file}`);
    const matching = () => bodies().filter((each) => each["sysdig"] === type && each["status"] === status).length;
    for (const compressed of [false, true]) {
      const more: Record<string, string> = compressed ? { "content-encoding": "gzip" } : {};
      const answer = await post(`${receiver.ingestUrl}/services/collector/raw`, compressed ? gzipSync(body) : body, {
        ...headers,
        ...more,
      });
      expect(answer).toEqual({ status: 200, text: '{"text":"Success","code":0}' });
    }
    await until(() => matching() >= 1);
    expect(matching()).toBe(1);
  });

  test("with another token it gets nowhere", async () => {
    const url = `${receiver.ingestUrl}/services/collector/raw`;
    expect(await post(url, "{}", { authorization: "Splunk other" })).toEqual({
      status: 403,
      text: '{"text":"Invalid token","code":4}',
    });
  });
});
