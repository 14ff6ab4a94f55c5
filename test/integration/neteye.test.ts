/**
 * The article's case end to end: its collector and rule, pasted; a Winlogbeat document as Logstash sends it; a real
 * Icinga 2, reached through a relay that records what passes.
 */
import { readFileSync } from "node:fs";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Agent, request } from "undici";
import { type App, startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { configFolder, until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const fixture = (name: string): string => readFileSync(`test/fixtures/neteye/${name}`, "utf8");
const service = await startService("icinga2");

describe.skipIf(service.missing)("Winlogbeat → Logstash → Squall → Icinga 2", () => {
  const { url = "", ca = "", user = "", password = "", admin = "" } = service.info;
  const agent = new Agent({ connect: ca === "" ? {} : { ca: readFileSync(ca) } });
  let folder: ReturnType<typeof configFolder>;
  let relay: Awaited<ReturnType<typeof recordingRelay>>;
  let app: App;

  beforeAll(async () => {
    await icinga("PUT", "/v1/objects/hosts/WIN-LAB1", { templates: ["passive-host"], attrs: {} });
    for (const host of ["WIN-LAB1", "h1"])
      await icinga("PUT", `/v1/objects/services/${host}!eventlog-7036`, { templates: ["passive-service"], attrs: {} });
    relay = await recordingRelay(url, ca);
    folder = configFolder({
      "config/squall.yaml": {
        ingest: { port: 0 },
        admin: { port: 0 },
        executors: { icinga2: { options: { url: relay.url, username: user, password, ca_file: ca } } },
      },
      "collectors/eventlog.json": fixture("collector-eventlog.json"),
      "rules/windows/010_service_restart.json": fixture("010_service_restart.json"),
    });
    const deps = { env: {}, writeLog: () => undefined, terminal: false, colour: false, onCrash: () => () => undefined };
    app = await startApp(
      { dir: folder.dir, set: [] },
      { ...system, ...deps, stdin: () => Readable.from([]), exit: () => undefined },
    );
    await post(fixture("winlogbeat-7036.json"));
    await until(async () => (await services())["WIN-LAB1!eventlog-7036"]?.state === 2); // connections are open now
  });
  beforeEach(async () => {
    for (const host of ["WIN-LAB1", "h1"])
      await icinga("POST", "/v1/actions/process-check-result", {
        service: `${host}!eventlog-7036`,
        exit_status: 0,
        plugin_output: "fine",
      });
    relay.forget();
  });
  afterAll(async () => {
    await app?.stop();
    await relay?.close();
    folder?.remove();
    await agent.close();
    await service.remove();
  });

  async function icinga(method: "GET" | "PUT" | "POST", path: string, body?: object): Promise<unknown> {
    const { statusCode, body: answer } = await agent.request({
      origin: url,
      path,
      method,
      headers: { accept: "application/json", authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return JSON.parse(text);
  }

  async function services(): Promise<Record<string, { state: number; output: string | undefined }>> {
    const { results } = (await icinga(
      "GET",
      "/v1/objects/services?attrs=state&attrs=last_check_result&attrs=__name",
    )) as {
      results: { name: string; attrs: { state: number; last_check_result: { output: string } | null } }[];
    };
    return Object.fromEntries(
      results.map(({ name, attrs }) => [name, { state: attrs.state, output: attrs.last_check_result?.output }]),
    );
  }

  /** As the Logstash output of the fixture: the URL is its own, but for host and port. */
  async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
    const path = /url => "http:\/\/localhost:8080(.*)"/.exec(fixture("logstash-output.conf"))![1]!;
    const answer = await request(`${app.ingestUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const text = await answer.body.text();
    expect(answer.statusCode, text).toBe(200);
    return text;
  }

  const document = (change: (copy: { host: { name: string }; message: string }) => void): string => {
    const copy = JSON.parse(fixture("winlogbeat-7036.json")) as Parameters<typeof change>[0];
    change(copy);
    return JSON.stringify(copy);
  };

  const expected = JSON.parse(fixture("expected-icinga2-request.json")) as {
    method: string;
    path: string;
    body: JsonObject;
  };
  const text = fixture("winlogbeat-7036.json").trim();
  const sending: [string, string | Buffer, Record<string, string>, number][] = [
    ["json", text, {}, 1],
    ["json_batch", `[${text},${text}]`, {}, 2],
    ["json_batch, compressed", gzipSync(`[${text}]`), { "content-encoding": "gzip" }, 1],
  ];
  test.each(sending)(
    "%s: the request is the article's, and the service is critical",
    async (_name, body, headers, count) => {
      expect(JSON.parse(await post(body, headers))).toEqual({ accepted: count, rejected: [] });
      await until(async () => relay.answered() === count && (await services())["WIN-LAB1!eventlog-7036"]!.state === 2);
      for (const sent of relay.requests()) expect(sent).toEqual(expected);
      expect((await services())["h1!eventlog-7036"]!.state).toBe(0);
    },
  );

  test("idle, the state has changed at the target within 100 ms", async () => {
    const tookMs: number[] = [];
    // Other work shares the machine: the quickest is the nearest to idle.
    for (let round = 0; round < 5; round++) {
      await icinga("POST", "/v1/actions/process-check-result", {
        service: "WIN-LAB1!eventlog-7036",
        exit_status: 0,
        plugin_output: "fine",
      });
      relay.forget();
      const began = performance.now();
      await post(text);
      while (relay.answered() === 0) await new Promise((resolve) => setImmediate(resolve));
      tookMs.push(performance.now() - began);
      expect((await services())["WIN-LAB1!eventlog-7036"]!.state).toBe(2);
    }
    expect(Math.min(...tookMs)).toBeLessThan(100);
  });

  test("quotes, backslashes and line breaks arrive as they are", async () => {
    const message = 'He said "C:\\Temp\\x" || true\nsecond line\ttab ${event.type} $host.name$ ü';
    await post(document((copy) => (copy.message = message)));
    await until(async () => (await services())["WIN-LAB1!eventlog-7036"]!.state === 2);
    expect(relay.requests()[0]!.body["plugin_output"]).toBe(`CRITICAL - ${message}`);
    expect((await services())["WIN-LAB1!eventlog-7036"]!.output).toBe(`CRITICAL - ${message}`);
  });

  test.each(['x" || true || "', 'x\\" || true || \\"', 'WIN-LAB1" //', "x\n|| true"])(
    "the host name %j changes no object",
    async (name) => {
      const before = await services();
      await post(document((copy) => (copy.host.name = name)));
      // Not only the first: what names no object is tried again, so one of the test before may come between.
      const filter = `host.name == ${JSON.stringify(name)} && service.name == "eventlog-7036"`;
      await until(() => relay.answered(filter) > 0);
      expect(await services()).toEqual(before);
    },
  );
});

/** Passes requests on to the real server; keeps what passed. Its certificate is the real server's. */
async function recordingRelay(target: string, ca: string) {
  let requests: { readonly sent: { method: string; path: string; body: JsonObject }; answered: boolean }[] = [];
  const folder = ca.replace(/ca\.crt$/, "");
  const server = createServer(
    { cert: readFileSync(`${folder}server.crt`), key: readFileSync(`${folder}server.key`) },
    (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const body = Buffer.concat(chunks);
        const { method = "", url: path = "", headers } = incoming;
        const one = { sent: { method, path, body: JSON.parse(body.toString()) as JsonObject }, answered: false };
        requests.push(one);
        const passed = httpsRequest(
          new URL(path, target),
          { method, headers, ca: readFileSync(ca), agent: false },
          (answer) => {
            one.answered = true;
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        passed.end(body);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests.map(({ sent }) => sent),
    /** How many, of those with that filter if one is given. */
    answered: (filter?: string) =>
      requests.filter(({ sent, answered }) => answered && (filter === undefined || sent.body["filter"] === filter))
        .length,
    forget() {
      requests = [];
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
