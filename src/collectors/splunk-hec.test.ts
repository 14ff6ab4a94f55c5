import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector, type Answer, type Sending } from "../../test/kit/describe-collector.ts";
import { until } from "../../test/kit/event-loop.ts";
import { sendHttp, startHttp, type HttpMessage, type HttpSending } from "../../test/kit/http-sender.ts";
import { AppError } from "../component/app-error.ts";
import type { CollectorDeps } from "../component/define-collector.ts";
import { createIntake } from "../component/intake.ts";
import { silentLogger } from "../component/logger.ts";
import { createIngestListener } from "../http/ingest-listener.ts";
import { falco } from "../normalizers/falco.ts";
import { sysdig } from "../normalizers/sysdig.ts";
import { splunkHec } from "./splunk-hec.ts";

const TOKEN = "11111111-s3cret";
const CHANNEL = "FE0ECFAD-13D5-401B-847D-77833BD77131";
const PATH = "/services/collector";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(file: Record<string, unknown>, deps: Omit<CollectorDeps, "http">) {
  const listener = createIngestListener({ host: "127.0.0.1", port: 0, maxConnections: 1000 }, { logger: silentLogger });
  const collector = splunkHec.create(splunkHec.options.parse(file), { ...deps, http: listener.mount });
  await collector.start();
  const { port } = await listener.listen();
  return { collector, port, close: () => listener.close() };
}

/** A running collector that commits at once unless told otherwise. */
async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = {}) {
  const world = collectorWorld({ id: "hec", commitAtOnce: true, ...options });
  const { collector, port, close } = await serve({ token: TOKEN, ...file }, world.deps);
  cleanups.push(async () => {
    world.commitAll();
    await collector.stop();
    await close();
  });
  const post = async (
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
    method = "POST",
  ) => {
    const message: HttpMessage = { method, body, headers: { authorization: `Splunk ${TOKEN}`, ...headers } };
    const { status, text, headers: back } = await sendHttp(port, `${PATH}${path}`, message);
    return { status, headers: back, ...(JSON.parse(text) as { text: string; code: number }) };
  };
  const events = () => world.emissions.flatMap(({ emission }) => emission.arrivals.map(({ event }) => event));
  return { world, collector, port, post, events };
}

describeCollector(splunkHec, {
  secrets: [TOKEN],
  open: async (world) => {
    const { collector, port, close } = await serve({ token: TOKEN }, world.deps);
    const headers = { authorization: `Splunk ${TOKEN}` };
    const sendingOf = ({ answer, vanish }: HttpSending): Sending => ({
      vanish,
      answer: answer.then(
        ({ status }): Answer => (status === 200 ? "acknowledged" : "refused"),
        (): Answer => "lost",
      ),
    });
    return {
      collector,
      close,
      send(document) {
        const body = JSON.stringify({ event: document });
        const more = { ...headers, "content-length": String(body.length) };
        const sending = startHttp(port, PATH, { body, headers: more });
        sending.end();
        return sendingOf(sending);
      },
      sendHalf(document) {
        const body = JSON.stringify({ event: document });
        const more = { ...headers, "content-length": String(body.length) };
        return sendingOf(startHttp(port, PATH, { body: body.slice(0, body.length / 2), headers: more }));
      },
    };
  },
});

describe("events", () => {
  test.each(["", "/", "/event", "/event/1.0", "/event?x=1"])("POST %s", async (path) => {
    const { post, world } = await open();
    expect(await post(path, '{"event":{"a":1}}')).toMatchObject({ status: 200, text: "Success", code: 0 });
    expect(world.committed).toEqual([{ a: 1 }]);
  });

  test("time, host, source, sourcetype and index are inherited, fields are not", async () => {
    const { post, events } = await open();
    const body = [
      {
        time: 1426279439.123,
        host: "h1",
        source: "s",
        sourcetype: "t",
        index: "main",
        event: "one",
        fields: { club: "g" },
      },
      { event: "two", host: "h2" },
      { event: { n: 3 }, time: "1426279440" },
      { event: 4 },
    ];
    expect((await post("", body.map((event) => JSON.stringify(event)).join(""))).status).toBe(200);
    const inherited = { source: "s", sourcetype: "t", index: "main" };
    expect(events().map(({ created_ms, payload, metadata }) => [created_ms, payload, metadata["splunk"]])).toEqual([
      [1426279439123, { value: "one" }, { host: "h1", ...inherited, fields: { club: "g" } }],
      [1426279439123, { value: "two" }, { host: "h2", ...inherited }],
      [1426279440000, { n: 3 }, { host: "h2", ...inherited }],
      [1426279440000, { value: 4 }, { host: "h2", ...inherited }],
    ]);
  });

  test.each([
    [1426279439, 1426279439000],
    ["1426279439.5", 1426279439500],
    [1426279439123, 1426279439123],
    ["1426279439123456", 1426279439123],
    [1426279439123456789n, 1426279439123],
    [null, 1_700_000_000_000],
    ["", 1_700_000_000_000],
  ])("time %s is %i", async (time, createdMs) => {
    const { post, events } = await open();
    const text = typeof time === "bigint" ? String(time) : JSON.stringify(time);
    await post("", `{"time":${text},"event":1}`);
    expect(events()[0]!.created_ms).toBe(createdMs);
  });

  test.each([
    ["concatenated", '{"event":1}{"event":2}'],
    ["in lines", '{"event":1}\n{"event":2}\n'],
    ["on many lines", '{\n"event": 1\n}\n{\n"event":\n2}'],
    ["in an array", '[{"event":1},{"event":2}]'],
  ])("%s", async (_, body) => {
    const { post, world } = await open();
    expect((await post("", body)).code).toBe(0);
    expect((await post("", gzipSync(body), { "content-encoding": "gzip" })).code).toBe(0);
    expect(world.committed).toEqual([{ value: 1 }, { value: 2 }, { value: 1 }, { value: 2 }]);
  });

  test.each([
    ["nothing", "", 5, "No data"],
    ["blanks", " \n ", 5, "No data"],
    ["an empty array", "[]", 5, "No data"],
    ["no JSON", "nope", 6, "Invalid data format"],
    ["cut off", '{"event":', 6, "Invalid data format"],
    ["no object", "5", 6, "Invalid data format"],
    ["a time that is none", '{"time":"soon","event":1}', 6, "Invalid data format"],
    ["unreadable to the normalizer", '{"event":{"unreadable":1}}', 6, "Invalid data format"],
    ["no event", '{"host":"h"}', 12, "Event field is required"],
    ["a blank event", '{"event":""}', 13, "Event field cannot be blank"],
    ["a null event", '{"event":null}', 13, "Event field cannot be blank"],
    ["nested fields", '{"event":1,"fields":{"a":{"b":1}}}', 15, "Error in handling indexed fields"],
    ["fields that are a list", '{"event":1,"fields":[1]}', 15, "Error in handling indexed fields"],
  ])("%s is 400, and nothing is kept of it", async (_, body, code, text) => {
    const { post, world } = await open();
    expect(await post("", body)).toMatchObject({ status: 400, code, text });
    expect(world.emissions).toEqual([]);
  });

  test("of several the good ones are taken, the bad ones kept, the first bad one named", async () => {
    const { post, world } = await open();
    const answer = await post("", '{"event":1}{"host":"h"}{"event":""}{"event":4}');
    expect(answer).toMatchObject({ status: 400, code: 12, "invalid-event-number": 1 });
    expect(world.committed).toEqual([{ value: 1 }, { value: 4 }]);
    expect(world.emissions[0]!.emission.rejected).toEqual([
      { index: 1, reason: "`event` is missing", sample: '{"host":"h"}' },
      { index: 2, reason: "`event` is blank", sample: '{"event":""}' },
    ]);
  });

  test("a document that meets a bug is kept, and not asked for again", async () => {
    const intake = (): never => {
      throw new Error("boom");
    };
    const { post, world } = await open({}, { intake });
    expect((await post("", '{"event":1}')).status).toBe(400);
    expect(world.emissions[0]!.emission.rejected[0]!.reason).toMatch(/^internal/);
  });

  test("an Idempotency-Key names the events", async () => {
    const { post, events } = await open();
    await post("", '{"event":1}', { "idempotency-key": "k" });
    await post("", '{"event":1}{"event":2}', { "idempotency-key": "m" });
    expect(events().map(({ id }) => id)).toEqual(["k", "m#0", "m#1"]);
  });

  test("a time of the document itself goes before that of the envelope", async () => {
    const normalizer = { collectorId: "hec", normalizer: falco, mapping: null, trustMetadata: false, metadataFrom: {} };
    const { post, events } = await open({}, { intake: createIntake(normalizer, { uuid: () => "u" }) });
    const event = { rule: "r", priority: "Error", output: "o", output_fields: {}, time: "2024-05-02T09:14:07Z" };
    await post("", JSON.stringify({ time: 1, event }));
    expect(events()[0]).toMatchObject({ type: "falco", created_ms: 1714641247000 });
  });
});

describe("raw", () => {
  test.each(["/raw", "/raw/1.0", "/raw/"])("POST %s: lines of text, with the query's metadata", async (path) => {
    const { post, events } = await open();
    const query = "?host=h&source=s&sourcetype=t&index=i&time=1426279439";
    expect((await post(path + query, "one\r\n\n  two\nthree")).code).toBe(0);
    expect(events().map(({ payload }) => payload)).toEqual([{ value: "one" }, { value: "two" }, { value: "three" }]);
    expect(events()[0]).toMatchObject({
      created_ms: 1426279439000,
      metadata: { splunk: { host: "h", source: "s", sourcetype: "t", index: "i" } },
    });
  });

  test.each<[string, string, unknown[]]>([
    ["one document on many lines", '{\n "a": 1\n}', [{ a: 1 }]],
    ["documents in lines", '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ["a list", '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ["a bad one in lines", '{"a":1}\n{"a":\n', [{ a: 1 }, { value: '{"a":' }]],
    ["text between", 'x\n{"a":1}\n', [{ value: "x" }, { a: 1 }]],
    ["text that begins like JSON", "[info] all well\n{ok}", [{ value: "[info] all well" }, { value: "{ok}" }]],
  ])("JSON is read as JSON: %s", async (_, body, payloads) => {
    const { post, events } = await open();
    expect((await post("/raw", body)).code).toBe(0);
    expect(events().map(({ payload }) => payload)).toEqual(payloads);
  });

  test("or is text always", async () => {
    const { post, events } = await open({ raw: "lines" });
    await post("/raw", '{"a":1}\n{"a":2}');
    expect(events().map(({ payload }) => payload)).toEqual([{ value: '{"a":1}' }, { value: '{"a":2}' }]);
  });

  test.each([
    ["", 5],
    ["\n\n", 5],
    [Buffer.from([0xff, 0xfe]), 6],
  ])("%j is refused with code %i", async (body, code) => {
    const { post } = await open();
    expect(await post("/raw", body)).toMatchObject({ status: 400, code });
  });

  test.each(["monitor-alert-active.json", "monitor-alert-ok.json", "secure-policy-event.json"])(
    "Sysdig's webhook: %s",
    async (file) => {
      const options = { collectorId: "s", normalizer: sysdig, mapping: null, trustMetadata: false, metadataFrom: {} };
      const { post, events } = await open({}, { intake: createIntake(options, { uuid: () => "u" }) });
      const body = readFileSync(`test/fixtures/sysdig/${file}`);
      expect((await post("/raw", body, { "content-type": "application/json" })).code).toBe(0);
      expect(events()).toHaveLength(1);
      expect(events()[0]!.type).toBe(file.startsWith("secure") ? "sysdig.secure" : "sysdig.monitor");
    },
  );
});

describe("acknowledgements", () => {
  const headers = { "x-splunk-request-channel": CHANNEL };
  test("each channel numbers its requests; a number is done as soon as it is given", async () => {
    const { post } = await open();
    expect(await post("", '{"event":1}', headers)).toMatchObject({ code: 0, ackId: 0 });
    expect(await post(`/raw?channel=${CHANNEL.toLowerCase()}`, "x")).toMatchObject({ code: 0, ackId: 1 });
    expect(await post(`?channel=${CHANNEL.replace("FE", "00")}`, '{"event":1}')).toMatchObject({ ackId: 0 });
    expect(await post("", '{"event":1}')).toEqual(expect.not.objectContaining({ ackId: expect.anything() as unknown }));
    const asked = await post("/ack", '{"acks":[0,1,2,-1,0.5]}', headers);
    expect(asked).toMatchObject({ status: 200, acks: { "0": true, "1": true, "2": false, "-1": false, "0.5": false } });
    expect(await post("/ack", '{"acks":[0]}', headers)).toMatchObject({ acks: { "0": true } });
  });

  test("a request that was not taken has none", async () => {
    const { post, world } = await open({}, { commitAtOnce: false });
    const sending = post("", '{"event":1}', headers);
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new AppError("disk_full", "not now"));
    expect(await sending).toEqual(expect.not.objectContaining({ ackId: 0 }));
    expect(await post("/ack", '{"acks":[0]}', headers)).toMatchObject({ acks: { "0": false } });
  });

  test("a channel that nobody uses ends", async () => {
    const { post, world } = await open();
    await post("", '{"event":1}', headers);
    await (world.deps.clock as unknown as { advance(ms: number): Promise<void> }).advance(10 * 60_000); // a manual clock
    expect(await post("/ack", '{"acks":[0]}', headers)).toMatchObject({ acks: { "0": false } });
  });

  test.each<[string, Record<string, unknown>, string, string, Record<string, string>, number]>([
    ["no channel", {}, "/ack", '{"acks":[0]}', {}, 10],
    ["a channel that is none", {}, "/ack", '{"acks":[0]}', { "x-splunk-request-channel": "x" }, 11],
    ["the same with an event", {}, "/event", '{"event":1}', { "x-splunk-request-channel": "x" }, 11],
    ["off", { acks: false }, "/ack", '{"acks":[0]}', headers, 14],
    ["no list", {}, "/ack", '{"acks":0}', headers, 6],
    ["no JSON", {}, "/ack", "nope", headers, 6],
  ])("%s", async (_, file, path, body, more, code) => {
    const { post } = await open(file);
    expect(await post(path, body, more)).toMatchObject({ status: 400, code });
  });

  test("off: no number is given", async () => {
    const { post } = await open({ acks: false });
    expect(await post("", '{"event":1}', headers)).toEqual(expect.not.objectContaining({ ackId: 0 }));
  });
});

describe("tokens", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  test.each([
    [`Splunk ${TOKEN}`, 200, 0],
    [`splunk ${TOKEN}`, 200, 0],
    [`Bearer ${TOKEN}`, 200, 0],
    [`Basic ${base64(`x:${TOKEN}`)}`, 200, 0],
    [`Basic ${base64(`:${TOKEN}`)}`, 200, 0],
    ["Splunk other", 403, 4],
    [`Splunk ${TOKEN}x`, 403, 4],
    [`Basic ${base64("x:other")}`, 403, 4],
    [`Digest ${TOKEN}`, 401, 3],
    ["Splunk", 401, 3],
    [TOKEN, 401, 3],
  ])("%s: %i, code %i", async (authorization, status, code) => {
    const { post, world } = await open();
    for (const path of ["", "/raw", "/ack"]) {
      const answer = await post(path, '{"event":1}', { authorization, "x-splunk-request-channel": CHANNEL });
      if (code === 0 && path === "/ack") expect(answer.code).toBe(6);
      else expect(answer).toMatchObject({ status, code });
    }
    if (code !== 0) expect(world.emissions).toEqual([]);
  });

  test.each([
    [{}, `?token=${TOKEN}`, 200, 0],
    [{}, "?token=other", 403, 4],
    [{}, "", 401, 2],
    [{ query_token: false }, `?token=${TOKEN}`, 400, 16],
    [{ token: undefined, tokens: ["a", TOKEN] }, `?token=${TOKEN}`, 200, 0],
    [{ token: undefined, auth: "none" }, "", 200, 0],
  ])("%j %s: %i, code %i", async (file, query, status, code) => {
    const { port } = await open(file);
    const answer = await sendHttp(port, `${PATH}${query}`, { body: '{"event":1}' });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ code });
  });
});

describe("refusals", () => {
  test.each([
    ["commit_timeout", 503, 9],
    ["store_full", 503, 9],
    ["shutting_down", 503, 9],
  ] as const)("after %s it is %i, code %i, with a time to wait", async (failure, status, code) => {
    const { post, world } = await open({}, { commitAtOnce: false });
    const sending = post("", '{"event":1}');
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new AppError(failure, "not now"));
    const answer = await sending;
    expect(answer).toMatchObject({ status, code });
    expect(answer.headers["retry-after"]).toBe("1");
  });

  test("a bug at the commit is 500", async () => {
    const { post, world } = await open({}, { commitAtOnce: false });
    const sending = post("", '{"event":1}');
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new Error("boom"));
    expect(await sending).toMatchObject({ status: 500, code: 8 });
  });

  test.each<[string, Record<string, unknown>, string | Uint8Array, Record<string, string>, number, number]>([
    ["too large", { max_payload_size: 10 }, '{"event":"long enough"}', {}, 413, 27],
    [
      "too large inflated",
      { max_payload_size: 100 },
      gzipSync("x".repeat(9999)),
      { "content-encoding": "gzip" },
      413,
      27,
    ],
    ["no gzip", {}, "x", { "content-encoding": "gzip" }, 400, 6],
    ["an unknown encoding", {}, "x", { "content-encoding": "br" }, 415, 6],
  ])("%s", async (_, file, body, headers, status, code) => {
    const { post } = await open(file);
    expect(await post("", body, headers)).toMatchObject({ status, code });
  });

  test.each([
    ["GET", "/event", 405],
    ["DELETE", "", 405],
    ["POST", "/s2s", 404],
    ["POST", "/event/2.0", 404],
    ["GET", "/constructor", 404],
  ])("%s %s is %i", async (method, path, status) => {
    const { post } = await open();
    expect((await post(path, "", {}, method)).status).toBe(status);
  });
});

test("health: of an open one, a full one, a stopping one", async () => {
  const { port, world, collector, post } = await open({}, { commitAtOnce: false, maxInFlightBytes: 10 });
  const ask = async () => JSON.parse((await sendHttp(port, `${PATH}/health/1.0`, { method: "GET" })).text) as object;
  expect(await ask()).toEqual({ text: "HEC is healthy", code: 17 });
  const sending = post("", '{"event":"more than ten"}');
  await until(() => world.emissions.length === 1);
  expect(await ask()).toMatchObject({ code: 18 });
  const stopped = collector.stop();
  expect(await ask()).toMatchObject({ code: 23 });
  world.commitAll();
  await sending;
  await stopped;
});

test("on a port of its own, at a path of choice", async () => {
  const world = collectorWorld({ id: "hec", commitAtOnce: true });
  let port = 0;
  const openHttp: CollectorDeps["openHttp"] = async (settings, handler) => {
    const opened = await world.deps.openHttp(settings, handler);
    port = opened.port;
    return opened;
  };
  const file = { token: TOKEN, port: 0, path: "/hec" };
  const http = { mount: () => () => undefined };
  const collector = splunkHec.create(splunkHec.options.parse(file), { ...world.deps, http, openHttp });
  await collector.start();
  cleanups.push(() => collector.stop());
  expect((await sendHttp(port, `/hec?token=${TOKEN}`, { body: '{"event":1}' })).status).toBe(200);
  expect((await sendHttp(port, `${PATH}?token=${TOKEN}`, { body: '{"event":1}' })).status).toBe(404);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ token: "a", tokens: ["b"] }, /exclude each other/],
  [{ token: "a", auth: "none" }, /exclude each other/],
  [{ token: "a", host: "127.0.0.1" }, /port is missing/],
  [{ token: "a", tls: { cert_file: "a", key_file: "b" } }, /port is missing/],
  [{ token: "a", path: "hec" }, /path/],
])("%j is refused", (file, message) => {
  const parsed = splunkHec.options.safeParse(file);
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
});
