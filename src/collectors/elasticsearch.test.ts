import { createServer, type IncomingMessage } from "node:http";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector, type Answer, type Sending } from "../../test/kit/describe-collector.ts";
import { sendHttp, startHttp, type HttpMessage, type HttpSending } from "../../test/kit/http-sender.ts";
import { until } from "../../test/kit/event-loop.ts";
import { AppError, type ErrorCode } from "../component/app-error.ts";
import type { CollectorDeps } from "../component/define-collector.ts";
import type { OpenHttp } from "../component/http-mount.ts";
import { silentLogger } from "../component/logger.ts";
import { createIngestListener } from "../http/ingest-listener.ts";
import { elasticsearch } from "./elasticsearch.ts";

const PASSWORD = "s3cret-of-the-beat";
const LOGIN = `Basic ${Buffer.from(`beat:${PASSWORD}`).toString("base64")}`;
const noMount: CollectorDeps["http"] = { mount: () => () => undefined };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** On a port of its own that is free. */
async function start(file: Record<string, unknown>, deps: Omit<CollectorDeps, "http">) {
  let port = 0;
  const openHttp: OpenHttp = async (settings, handler) => {
    const opened = await deps.openHttp(settings, handler);
    port = opened.port;
    return opened;
  };
  const options = elasticsearch.options.parse({ port: 0, ...file });
  const collector = elasticsearch.create(options, { ...deps, http: noMount, openHttp });
  await collector.start();
  return { collector, port };
}

/** A running look-alike that commits at once unless told otherwise. */
async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = {}) {
  const world = collectorWorld({ id: "es", commitAtOnce: true, ...options });
  const { collector, port } = await start(file, world.deps);
  cleanups.push(async () => {
    world.commitAll();
    await collector.stop();
  });
  const ask = async (method: string, path: string, message: HttpMessage = {}) => {
    const answer = await sendHttp(port, path, { method, ...message });
    const json = answer.headers["content-type"]?.includes("json") && answer.text !== "";
    return { ...answer, body: (json ? JSON.parse(answer.text) : null) as Body };
  };
  const bulk = (lines: readonly (object | string)[], path = "/_bulk", message: HttpMessage = {}) =>
    ask("POST", path, { body: linesOf(lines), ...message });
  return { world, collector, port, ask, bulk, events: () => eventsOf(world) };
}

type Body = Readonly<Record<string, unknown>> & {
  readonly items: readonly Record<string, Item>[];
  readonly errors: boolean;
};
type Item = Readonly<Record<string, unknown>>;

const linesOf = (lines: readonly (object | string)[]): string =>
  lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
const eventsOf = (world: ReturnType<typeof collectorWorld>) =>
  world.emissions.flatMap(({ emission }) => emission.arrivals.map(({ event, identity }) => ({ ...event, identity })));
const CREATE = { create: { _index: "logs" } };

describeCollector(elasticsearch, {
  secrets: [PASSWORD, LOGIN],
  open: async (world) => {
    const { collector, port } = await start({ credentials: [{ username: "beat", password: PASSWORD }] }, world.deps);
    const headers = { authorization: LOGIN, "content-type": "application/x-ndjson" };
    const bodyOf = (document: object): string => linesOf([CREATE, document]);
    const sendingOf = ({ answer, vanish }: HttpSending): Sending => ({
      vanish,
      answer: answer.then(
        ({ status, text }): Answer => (status === 200 && text.includes('"errors":false') ? "acknowledged" : "refused"),
        (): Answer => "lost",
      ),
    });
    return {
      collector,
      close: async () => undefined,
      send(document) {
        const body = bodyOf(document);
        const more = { ...headers, "content-length": String(body.length) };
        const sending = startHttp(port, "/_bulk", { body, headers: more });
        sending.end();
        return sendingOf(sending);
      },
      sendHalf(document) {
        const body = bodyOf(document);
        const more = { ...headers, "content-length": String(body.length) };
        return sendingOf(startHttp(port, "/_bulk", { body: body.slice(0, body.length / 2), headers: more }));
      },
    };
  },
});

/** What Filebeat 7.17.29 asks on a fresh cluster, in its order, and what it needs to be told. */
describe("the handshake of Filebeat with template and ILM", () => {
  const name = "filebeat-7.17.29";
  const policy = { policy: { phases: { hot: { actions: { rollover: { max_size: "50gb", max_age: "30d" } } } } } };
  const template = { priority: 150, index_patterns: [`${name}-*`], template: { mappings: {} } };
  const alias = { aliases: { [name]: { is_write_index: true } } };
  const steps: [string, string, object | null, number, object | null][] = [
    [
      "GET",
      "/",
      null,
      200,
      { version: { number: "8.19.0", build_flavor: "default" }, tagline: "You Know, for Search" },
    ],
    ["GET", "/_license?human=false", null, 200, { license: { status: "active", type: "basic" } }],
    ["GET", "/_xpack", null, 200, { features: { ilm: { available: true, enabled: true } } }],
    ["GET", "/_ilm/policy/filebeat", null, 404, { status: 404 }],
    ["PUT", "/_ilm/policy/filebeat", policy, 200, { acknowledged: true }],
    ["GET", "/_ilm/policy/filebeat", null, 200, { filebeat: policy }],
    ["HEAD", `/_index_template/${name}`, null, 404, null],
    ["PUT", `/_index_template/${name}`, template, 200, { acknowledged: true }],
    ["HEAD", `/_index_template/${name}`, null, 200, null],
    ["GET", `/_alias/${name}`, null, 404, { status: 404 }],
    ["HEAD", `/${name}`, null, 404, null],
    [
      "PUT",
      `/%3C${name}-%7Bnow%2Fd%7D-000001%3E`,
      alias,
      200,
      { acknowledged: true, index: `${name}-2023.11.14-000001` },
    ],
    ["HEAD", `/${name}`, null, 200, null],
    ["GET", `/_alias/${name}`, null, 200, { [`${name}-2023.11.14-000001`]: alias }],
    [
      "PUT",
      `/%3C${name}-%7Bnow%2Fd%7D-000001%3E`,
      alias,
      400,
      { error: { type: "resource_already_exists_exception" } },
    ],
  ];
  test("step by step", async () => {
    const { ask, bulk } = await open();
    for (const [method, path, sent, status, expected] of steps) {
      const body = sent === null ? {} : { body: gzipSync(JSON.stringify(sent)) };
      const headers: Record<string, string> = sent === null ? {} : { "content-encoding": "gzip" };
      const answer = await ask(method, path, { ...body, headers: { accept: "application/json", ...headers } });
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(answer.headers["x-elastic-product"]).toBe("Elasticsearch");
      if (expected) expect(answer.body).toMatchObject(expected);
      else expect(answer.text).toBe("");
    }
    const lines = Array.from({ length: 50 }, (_, n) => [{ create: { _index: name } }, { n }]).flat();
    const answer = await bulk(lines);
    expect(answer.body.items).toHaveLength(50);
    expect(answer.body.errors).toBe(false);
  });

  // After the sources of libbeat (data streams since 8.0; `build_flavor` must not be serverless), not recorded. Of
  // Logstash's output the requests are known, their order only roughly.
  const beat = "filebeat-9.1.0";
  const stream = { index_patterns: [`${beat}-*`], data_stream: {}, priority: 150, template: { mappings: {} } };
  const logstash = {
    index_patterns: ["ecs-logstash-*"],
    priority: 200,
    template: { settings: { refresh_interval: "5s" } },
  };
  const rollover = { aliases: { "ecs-logstash": { is_write_index: true } } };
  const sequences: [string, [string, string, object | null, number][], string][] = [
    [
      "a Beat 8 or 9",
      [
        ["GET", "/", null, 200],
        ["GET", "/_license?human=false", null, 200],
        ["GET", "/_ilm/policy/filebeat", null, 404],
        ["PUT", "/_ilm/policy/filebeat", policy, 200],
        ["HEAD", `/_index_template/${beat}`, null, 404],
        ["PUT", `/_index_template/${beat}`, stream, 200],
        ["GET", `/_data_stream/${beat}`, null, 404],
        ["PUT", `/_data_stream/${beat}`, null, 200],
        ["GET", `/_data_stream/${beat}`, null, 200],
      ],
      beat,
    ],
    [
      "Logstash 8 or 9",
      [
        ["HEAD", "/", null, 200],
        ["GET", "/_license", null, 200],
        ["GET", "/", null, 200],
        ["GET", "/_xpack", null, 200],
        ["HEAD", "/_index_template/ecs-logstash", null, 404],
        ["PUT", "/_index_template/ecs-logstash", logstash, 200],
        ["HEAD", "/ecs-logstash", null, 404],
        ["PUT", "/%3Cecs-logstash-%7Bnow%2Fd%7D-000001%3E", rollover, 200],
        ["GET", "/_ilm/policy/logstash-policy", null, 404],
        ["PUT", "/_ilm/policy/logstash-policy", policy, 200],
      ],
      "ecs-logstash",
    ],
  ];
  test.each(sequences)("the handshake of %s, and only what it wants of the answer", async (_, requests, index) => {
    const { ask, bulk, world } = await open();
    for (const [method, path, body, status] of requests) {
      const answer = await ask(method, path, body === null ? {} : { body: JSON.stringify(body) });
      expect([method, path, answer.status]).toEqual([method, path, status]);
    }
    const wanted = "/_bulk?filter_path=errors,items.*.error,items.*.status";
    const answer = await bulk(
      [{ create: { _index: index } }, { n: 1 }, { create: { _index: index } }, { n: 2 }],
      wanted,
    );
    expect(answer.text).toBe('{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}');
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test.each([
    ["PUT", "/_component_template/c", "/_component_template/c"],
    ["PUT", "/_template/t", "/_template/t"],
    ["PUT", "/_ingest/pipeline/p", "/_ingest/pipeline/p"],
    ["PUT", "/_data_stream/logs-app-default", "/_data_stream/logs-app-default"],
    ["PUT", "/_plugins/_ism/policies/x", "/_plugins/_ism/policies/x"],
    ["PUT", "/index-1", "/index-1"],
  ])("%s %s is there afterwards, and gone after DELETE", async (method, path, asked) => {
    const { ask } = await open();
    expect((await ask("HEAD", asked)).status).toBe(404);
    expect((await ask("GET", asked)).status).toBe(404);
    expect([200, 201]).toContain((await ask(method, path, { body: '{"version":7}' })).status);
    expect((await ask("HEAD", asked)).status).toBe(200);
    expect((await ask("GET", asked)).status).toBe(200);
    expect((await ask("DELETE", asked)).status).toBe(200);
    expect((await ask("GET", asked)).status).toBe(404);
  });

  test.each([
    ["HEAD", "/", 200, null],
    ["GET", "/_cluster/health", 200, { status: "green", number_of_nodes: 1 }],
    ["GET", "/_cluster/health/logs?wait_for_status=yellow", 200, { timed_out: false }],
    ["GET", "/_nodes/http", 200, { _nodes: { total: 1 } }],
    ["GET", "/_cat/indices?format=json", 200, null],
    ["POST", "/_refresh", 200, { _shards: { failed: 0 } }],
    ["POST", "/_aliases", 400, { status: 400 }],
    ["POST", "/", 405, { status: 405 }],
    ["GET", "/logs/_doc/1", 404, { found: false }],
    ["POST", "/logs/_search", 400, { error: { type: "unsupported_operation_exception" } }],
    ["GET", "/_no_such_thing", 400, { error: { type: "illegal_argument_exception" } }],
    ["GET", "/%zz", 400, { error: { type: "parse_exception" } }],
  ] as const)("%s %s is %i", async (method, path, status, expected) => {
    const { ask } = await open();
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    if (expected) expect(answer.body).toMatchObject(expected);
  });

  test("a client that sniffs is told the address it already has", async () => {
    const { ask } = await open();
    const { body } = await ask("GET", "/_nodes/http", { headers: { host: "es.example.org:9200" } });
    const [node] = Object.values(body["nodes"] as Record<string, { http: { publish_address: string } }>);
    expect(node!.http.publish_address).toBe("es.example.org:9200");
  });

  test("version and cluster name are the configuration's; a newer client gets its media type", async () => {
    const { ask } = await open({ version: "7.17.29", cluster_name: "prod" });
    const accept = "application/vnd.elasticsearch+json; compatible-with=8";
    const { headers, body } = await ask("GET", "/", { headers: { accept } });
    expect(body).toMatchObject({ cluster_name: "prod", version: { number: "7.17.29" } });
    expect(headers["content-type"]).toBe("application/vnd.elasticsearch+json;compatible-with=8"); // without the blank
  });

  test("_cat as text; a template of either kind is listed", async () => {
    const { ask } = await open();
    await ask("PUT", "/_template/beat-1", { body: '{"index_patterns":["beat-*"]}' });
    const { text, headers } = await ask("GET", "/_cat/templates/beat-1?v");
    expect(headers["content-type"]).toBe("text/plain; charset=UTF-8");
    expect(text).toBe("name index_patterns order\nbeat-1 [beat-*] 0\n");
  });

  test("aliases by POST /_aliases", async () => {
    const { ask } = await open();
    await ask("PUT", "/logs-1");
    const actions = [{ add: { index: "logs-1", alias: "logs", is_write_index: true } }];
    expect((await ask("POST", "/_aliases", { body: JSON.stringify({ actions }) })).status).toBe(200);
    expect((await ask("GET", "/logs")).body).toMatchObject({
      "logs-1": { aliases: { logs: { is_write_index: true } } },
    });
    await ask("DELETE", "/logs-1/_alias/logs");
    expect((await ask("HEAD", "/_alias/logs")).status).toBe(404);
  });
});

describe("_bulk", () => {
  test("every operation, answered as exactly as it was asked", async () => {
    const { bulk, events } = await open();
    const { status, body } = await bulk(
      [
        { create: { _index: "logs", _id: "c1", pipeline: "p" } },
        { a: 1 },
        { index: { _index: "state", _id: 7, _type: "_doc", require_alias: true } },
        { b: 2 },
        { update: { _index: "state", _id: "u1" } },
        { doc: { c: 3 }, doc_as_upsert: true },
        { delete: { _index: "logs", _id: "d1" } },
        { create: {} },
        { d: 4 },
      ],
      "/fallback/_bulk?pipeline=q",
    );
    expect(status).toBe(200);
    const shards = { total: 1, successful: 1, failed: 0 };
    const common = { _version: 1, _shards: shards, _primary_term: 1 };
    expect(body).toEqual({
      took: 0,
      errors: false,
      items: [
        { create: { ...common, _index: "logs", _id: "c1", result: "created", _seq_no: 0, status: 201 } },
        { index: { ...common, _index: "state", _id: "7", result: "created", _seq_no: 1, status: 201 } },
        { update: { ...common, _index: "state", _id: "u1", result: "updated", _seq_no: 2, status: 200 } },
        { delete: { ...common, _index: "logs", _id: "d1", result: "deleted", _seq_no: 3, status: 200 } },
        { create: { ...common, _index: "fallback", _id: "made-up", result: "created", _seq_no: 4, status: 201 } },
      ],
    });
    expect(events().map(({ payload, metadata }) => [payload, metadata["elasticsearch"]])).toEqual([
      [{ a: 1 }, { index: "logs", op: "create", id: "c1", pipeline: "p" }],
      [{ b: 2 }, { index: "state", op: "index", id: "7", pipeline: "q" }],
      [{ c: 3 }, { index: "state", op: "update", id: "u1", pipeline: "q" }],
      [{ d: 4 }, { index: "fallback", op: "create", pipeline: "q" }],
    ]);
  });

  test("identity: of create the id, of index the id and the content, of all else none", async () => {
    const { bulk, events } = await open();
    await bulk([
      { create: { _index: "a", _id: "1" } },
      { n: 1 },
      { create: { _index: "b", _id: "1" } },
      { n: 1 },
      { index: { _index: "a", _id: "2" } },
      { x: 1, y: [{ p: 1, q: 2 }] },
      { index: { _index: "a", _id: "2" } },
      { y: [{ q: 2, p: 1 }], x: 1 },
      { index: { _index: "a", _id: "2" } },
      { x: 2 },
      { update: { _index: "a", _id: "2" } },
      { doc: {} },
      { index: { _index: "a" } },
      {},
    ]);
    const ids = events().map(({ id, identity }) => (identity === "given" ? id : null));
    expect(ids.slice(0, 2)).toEqual(["a/1", "b/1"]);
    expect(ids[2]).toMatch(/^a\/2\/.{43}$/);
    expect(ids[3]).toBe(ids[2]);
    expect(ids[4]).not.toBe(ids[2]);
    expect(ids.slice(5)).toEqual([null, null]);
  });

  test.each<[string, string | Buffer, Record<string, string>]>([
    ["plain", '{"index":{}}\n{"a":1}\n', {}],
    ["gzip", gzipSync('{"index":{}}\n{"a":1}\n'), { "content-encoding": "gzip" }],
    ["no newline at the end", '{"index":{}}\n{"a":1}', {}],
    ["CRLF", '{"index":{}}\r\n{"a":1}\r\n', {}],
    ["blank lines and a byte order mark", '\uFEFF\n{"index":{}}\n{"a":1}\n\n \n', {}],
    [
      "vendored type",
      '{"index":{}}\n{"a":1}\n',
      { "content-type": "application/vnd.elasticsearch+x-ndjson; compatible-with=9" },
    ],
    ["no type", '{"index":{}}\n{"a":1}\n', {}],
  ])("%s", async (_, body, headers) => {
    const { ask, world } = await open();
    for (const method of ["POST", "PUT"])
      expect((await ask(method, "/logs/_bulk", { body, headers })).body).toMatchObject({ errors: false });
    expect((await ask("POST", "/logs/_doc/_bulk", { body, headers })).status).toBe(200);
    expect(world.committed).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
  });

  test.each<[string, string | Buffer, string]>([
    ["not JSON", '{"n": nope}', "not valid JSON"],
    ["cut off", '{"n": 1', "not valid JSON"],
    ["empty", "", "not valid JSON"],
    ["no object", "[1]", "a document is an object"],
    ["too deep", `{"a":${"[".repeat(10)}${"]".repeat(10)}}`, "nested deeper than 5 levels"],
    ["not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not valid UTF-8"],
    ["unreadable to the normalizer", '{"unreadable":1}', "expected something readable"],
  ])("a document that is %s is its item's 400, and a dead letter", async (_, bad, reason) => {
    const { ask, world } = await open({}, { jsonDepth: 5 });
    const action = Buffer.from('{"create":{"_index":"logs"}}\n');
    const newline = Buffer.from("\n");
    const good = Buffer.from('{"good":1}');
    const body = Buffer.concat([action, Buffer.from(bad), newline, action, good, newline]);
    const { status, body: answer } = await ask("POST", "/_bulk", { body });
    expect(status).toBe(200);
    expect(answer.errors).toBe(true);
    expect(answer.items).toHaveLength(2);
    expect(answer.items[0]!["create"]).toEqual({
      _index: "logs",
      status: 400,
      error: { type: "document_parsing_exception", reason: expect.stringContaining(reason) as string },
    });
    expect(answer.items[1]!["create"]).toMatchObject({ status: 201 });
    expect(world.committed).toEqual([{ good: 1 }]);
    const [{ emission }] = world.emissions as [(typeof world.emissions)[number]];
    expect(emission.rejected).toMatchObject([{ index: 0, reason: expect.stringContaining(reason) as string }]);
  });

  test("an update by script has no document", async () => {
    const { bulk } = await open();
    const { body } = await bulk([{ update: { _index: "a", _id: "1" } }, { script: "x" }]);
    expect(body.items[0]!["update"]).toMatchObject({
      _id: "1",
      status: 400,
      error: { type: "action_request_validation_exception" },
    });
  });

  test.each([
    ["an action that is no JSON", "nope\n{}\n", "Malformed action/metadata line [1]"],
    ["an unknown action", '{"upsert":{}}\n{}\n', "expected one of [create, delete, index, update]"],
    ["two actions in one", '{"index":{},"create":{}}\n{}\n', "expected one of"],
    ["no object", '{"index":5}\n{}\n', "expected an object under [index]"],
    ["an action in third place", '{"index":{"_index":"a"}}\n{}\n[]\n{}\n', "line [3]"],
    ["no index", '{"index":{}}\n{}\n', "index is missing in line [1]"],
    ["no document", '{"index":{"_index":"a"}}\n', "no document after it"],
    ["nothing", "", "request body is required"],
    ["blank lines", "\n\n", "request body is required"],
  ])("%s refuses the request, and nothing of it is taken", async (_, body, reason) => {
    const { ask, world } = await open();
    const answer = await ask("POST", "/_bulk", { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { reason: expect.stringContaining(reason) as string }, status: 400 });
    expect(world.emissions).toEqual([]);
  });

  test("filter_path leaves what Beats ask for", async () => {
    const { bulk } = await open();
    const lines = [CREATE, { a: 1 }, CREATE, "nope"];
    const { text } = await bulk(lines, "/_bulk?filter_path=errors,items.*.error,items.*.status");
    const [, second] = (JSON.parse(text) as Body).items;
    expect(JSON.parse(text)).toEqual({
      errors: true,
      items: [{ create: { status: 201 } }, second],
    });
    expect(Object.keys(second!["create"]!).sort()).toEqual(["error", "status"]);
  });

  test.each([
    ["took", '{"took":0}'],
    ["items.*.error", "{}"],
    ["-items", '{"took":0,"errors":false}'],
    ["items.create.status", '{"items":[{"create":{"status":201}},{"create":{"status":201}}]}'],
    ["errors,items.index.status", '{"errors":false}'],
  ])("filter_path=%s: %s", async (filter, expected) => {
    const { bulk } = await open();
    expect((await bulk([CREATE, { a: 1 }, CREATE, { a: 2 }], `/_bulk?filter_path=${filter}`)).text).toBe(expected);
  });

  test("a request of many items is committed in portions", async () => {
    const { bulk, world } = await open({ max_items: 2 });
    const { body } = await bulk([CREATE, { n: 1 }, CREATE, { n: 2 }, CREATE, "no json", CREATE, { n: 4 }]);
    expect(body.items.map((item) => item["create"]!["status"])).toEqual([201, 201, 400, 201]);
    expect(world.emissions.map(({ emission }) => emission.rejected.map(({ index }) => index))).toEqual([[], [2]]);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
  });

  test("items of a portion that cannot be committed are 429 each, as are those after it", async () => {
    const { bulk, world } = await open({ max_items: 2 }, { commitAtOnce: false });
    const sending = bulk([1, 2, 3, 4, 5].flatMap((n) => [CREATE, { n }]));
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.commit();
    await until(() => world.emissions.length === 2);
    world.emissions[1]!.fail(new AppError("store_full", "not now"));
    const { status, body } = await sending;
    expect([status, body.errors]).toEqual([200, true]);
    expect(body.items.map((item) => item["create"]!["status"])).toEqual([201, 201, 429, 429, 429]);
    expect(body.items[2]!["create"]).toMatchObject({
      _index: "logs",
      error: { type: "es_rejected_execution_exception" },
    });
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }]);
    expect(world.emissions).toHaveLength(2);
  });

  const compatible = (version: number) => `application/vnd.elasticsearch+json; compatible-with=${version}`;
  test.each([
    ["8.19.0", "application/json", undefined],
    ["9.1.0", compatible(8), undefined],
    ["8.19.0", compatible(7), "_doc"],
    ["7.17.29", "application/json", "_doc"],
    ["7.17.29", compatible(8), undefined],
  ])("version %s asked for %s: items have the type %s", async (version, accept, type) => {
    const { ask, bulk } = await open({ version });
    const { body } = await bulk([CREATE, { n: 1 }, CREATE, "no json"], "/_bulk", { headers: { accept } });
    expect(body.items.map((item) => item["create"]!["_type"])).toEqual([type, type]);
    const single = await ask("POST", "/logs/_doc", { body: "{}", headers: { accept } });
    expect((single.body as Item)["_type"]).toBe(type);
  });

  test.each<[ErrorCode, number]>([
    ["commit_timeout", 429],
    ["store_full", 429],
    ["disk_full", 429],
    ["shutting_down", 429],
    ["too_large", 413],
  ])("after %s the request is %i as a whole", async (code, status) => {
    const { bulk, world } = await open({}, { commitAtOnce: false });
    const sending = bulk([CREATE, { n: 1 }]);
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new AppError(code, "not now"));
    const answer = await sending;
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, error: { reason: "not now" } });
    expect(answer.body.items).toBeUndefined();
  });

  test("a bug at the commit is 500, never 200", async () => {
    const { bulk, world } = await open({}, { commitAtOnce: false });
    const sending = bulk([CREATE, { n: 1 }]);
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new Error("boom"));
    expect((await sending).status).toBe(500);
  });

  test("a document that meets a bug is a dead letter of its own", async () => {
    const { bulk, world } = await open(
      {},
      {
        intake: () => {
          throw new Error("boom");
        },
      },
    );
    const { body } = await bulk([CREATE, { n: 1 }]);
    expect(body.items[0]!["create"]).toMatchObject({ status: 400 });
    expect(world.emissions[0]!.emission.rejected[0]!.reason).toMatch(/^internal/);
    expect(world.log.join()).toContain("boom");
  });

  test.each([
    ["too large", { max_payload_size: 100 }, "x".repeat(200), {}, 413],
    [
      "too large when inflated",
      { max_payload_size: 100 },
      gzipSync("x".repeat(20_000)),
      { "content-encoding": "gzip" },
      413,
    ],
    ["compressed in an unknown way", {}, "x", { "content-encoding": "br" }, 415],
    ["not what it says it is", {}, "x", { "content-encoding": "gzip" }, 400],
  ] as const)("a body that is %s", async (_, file, body, headers, status) => {
    const { ask } = await open(file);
    const answer = await ask("POST", "/_bulk", { body, headers });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status });
  });

  test("date math in names is resolved", async () => {
    const { bulk, events } = await open();
    await bulk([{ index: { _index: "<logs-{now/d}>" } }, {}]);
    expect(events()[0]!.metadata).toEqual({ elasticsearch: { index: "logs-2023.11.14", op: "index" } });
  });

  test("10,000 documents in one request, each answered", async () => {
    const { bulk, world } = await open();
    const lines = Array.from({ length: 10_000 }, (_, n) => [CREATE, { n }]).flat();
    const { body } = await bulk(lines);
    expect(body.items).toHaveLength(10_000);
    expect(world.committed).toHaveLength(10_000);
    expect(world.emissions).toHaveLength(1);
  });
});

describe("single documents", () => {
  test.each([
    ["POST", "/logs/_doc", 201, "index", undefined],
    ["POST", "/logs/_doc/1", 201, "index", "1"],
    ["PUT", "/logs/_doc/a%2Fb", 201, "index", "a/b"],
    ["PUT", "/logs/_create/1", 201, "create", "1"],
    ["POST", "/logs/_doc?op_type=create", 201, "create", undefined],
    ["POST", "/logs/event", 201, "index", undefined],
    ["PUT", "/logs/event/1", 201, "index", "1"],
    ["PUT", "/logs/event/1/_create", 201, "create", "1"],
  ])("%s %s", async (method, path, status, op, id) => {
    const { ask, events } = await open();
    const answer = await ask(method, path, { body: '{"a":1}' });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ _index: "logs", result: "created", _id: id ?? "made-up" });
    expect(events()[0]).toMatchObject({ payload: { a: 1 }, metadata: { elasticsearch: { op, index: "logs" } } });
  });

  test("POST /logs/_update/1 takes its doc, DELETE takes nothing", async () => {
    const { ask, world } = await open();
    const updated = await ask("POST", "/logs/_update/1", { body: '{"doc":{"a":1}}' });
    expect(updated).toMatchObject({ status: 200, body: { result: "updated" } });
    expect(await ask("DELETE", "/logs/_doc/1")).toMatchObject({ status: 200, body: { result: "deleted" } });
    expect(world.committed).toEqual([{ a: 1 }]);
  });

  test("a bad one is 400 and no dead letter", async () => {
    const { ask, world } = await open();
    const answer = await ask("POST", "/logs/_doc", { body: "nope" });
    expect(answer).toMatchObject({ status: 400, body: { error: { type: "document_parsing_exception" }, status: 400 } });
    expect(world.emissions).toEqual([]);
    expect(world.rejected).toEqual({ bad_json: 1 });
  });
});

describe("credentials", () => {
  const credentials = [{ username: "beat", password: PASSWORD }, { api_key: "kid:ksecret" }, { bearer: "tok" }];
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  test.each([
    [LOGIN, 200],
    [`basic ${base64(`beat:${PASSWORD}`)}`, 200],
    [`ApiKey ${base64("kid:ksecret")}`, 200],
    ["Bearer tok", 200],
    [`Basic ${base64("beat:wrong")}`, 401],
    [`Basic ${base64(`other:${PASSWORD}`)}`, 401],
    ["ApiKey kid:ksecret", 401],
    ["Bearer ksecret", 401],
    ["Bearer", 401],
    ["", 401],
    [undefined, 401],
  ])("%s is %i", async (authorization, status) => {
    const { ask, world } = await open({ credentials });
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const [method, path] of [
      ["GET", "/"],
      ["POST", "/logs/_doc"],
    ] as const) {
      const answer = await ask(method, path, { headers, ...(method === "POST" ? { body: "{}" } : {}) });
      expect(answer.status).toBe(status === 200 && method === "POST" ? 201 : status);
      if (status === 401) {
        expect(answer.body).toMatchObject({ error: { type: "security_exception" } });
        expect(answer.headers["www-authenticate"]).toContain("Basic");
      }
    }
    if (status === 401) expect(world.emissions).toEqual([]);
  });
  test("the encoded form of an API key is as good", async () => {
    const encoded = base64("kid:ksecret");
    const { ask } = await open({ credentials: [{ api_key: encoded }] });
    expect((await ask("GET", "/", { headers: { authorization: `ApiKey ${encoded}` } })).status).toBe(200);
  });
});

describe("on the ingest listener", () => {
  async function mounted(file: Record<string, unknown>) {
    const world = collectorWorld({ id: "es", commitAtOnce: true });
    const listener = createIngestListener({ host: "127.0.0.1", port: 0, maxConnections: 10 }, { logger: silentLogger });
    const collector = elasticsearch.create(elasticsearch.options.parse(file), { ...world.deps, http: listener.mount });
    await collector.start();
    const { port } = await listener.listen();
    cleanups.push(async () => {
      await collector.stop();
      await listener.close();
    });
    return { port, world };
  }
  test.each([
    [{}, "/elasticsearch/es"],
    [{ path: "/beats/prod" }, "/beats/prod"],
  ])("%j: %s", async (file, prefix) => {
    const { port, world } = await mounted(file);
    expect(JSON.parse((await sendHttp(port, prefix, { method: "GET" })).text)).toMatchObject({
      cluster_name: "squall",
    });
    expect((await sendHttp(port, `${prefix}/`, { method: "HEAD" })).status).toBe(200);
    expect((await sendHttp(port, `${prefix}/_bulk`, { body: linesOf([CREATE, { n: 1 }]) })).status).toBe(200);
    expect(world.committed).toEqual([{ n: 1 }]);
    for (const path of ["/_bulk", `${prefix}x/_bulk`])
      expect((await sendHttp(port, path, { body: "{}" })).status).toBe(404);
  });
});

test("a path of choice on a port of its own", async () => {
  const { ask } = await open({ path: "/beats" });
  expect((await ask("GET", "/beats/")).status).toBe(200);
  for (const path of ["/", "/beatsx", "/other"]) expect((await ask("GET", path)).status).toBe(404);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ host: "127.0.0.1" }, /port is missing/],
  [{ tls: { cert_file: "a", key_file: "b" } }, /port is missing/],
  [{ port: 1, auth: "none", credentials: [{ bearer: "x" }] }, /exclude each other/],
  [{ port: 1, auth: "cluster", tee: { url: "http://x" } }, /needs a tee with forward_credentials/],
  [{ port: 1, tee: { url: "ftp://x" } }, /http or https URL/],
  [{ port: 1, tee: { url: "http://u:p@x" } }, /without user name/],
  [
    { port: 1, tee: { url: "http://x", forward_credentials: true, credentials: { bearer: "x" } } },
    /exclude each other/,
  ],
  [{ port: 1, version: "8" }, /version/],
])("%j is refused", (file, message) => {
  const parsed = elasticsearch.options.safeParse(file);
  expect(parsed.success).toBe(false);
  expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
});

interface Cluster {
  readonly url: string;
  readonly seen: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage["headers"];
    readonly body: Buffer;
  }[];
  /** What the next answers are; null hangs up. */
  answer(reply: ((body: Buffer, url: string) => { status: number; body: unknown }) | null): void;
}

async function cluster(): Promise<Cluster> {
  const seen: Cluster["seen"][number][] = [];
  const items = (body: Buffer, status: (at: number) => number) => {
    const documents = body
      .toString()
      .trim()
      .split("\n")
      .filter((line) => line.startsWith('{"create"')).length;
    const list = Array.from({ length: documents }, (_, at) => ({ create: { status: status(at), _id: `real-${at}` } }));
    return { status: 200, body: { took: 3, errors: list.some(({ create }) => create.status > 299), items: list } };
  };
  let reply: Parameters<Cluster["answer"]>[0] = (body) => items(body, () => 201);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      if (!reply) return void response.destroy();
      const { status, body: answer } = reply(body, request.url ?? "");
      response.writeHead(status, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (next) => void (reply = next),
  };
}

describe("tee", () => {
  const lines = [CREATE, { n: 1 }, CREATE, { n: 2 }];
  const real = (statuses: readonly number[]) => () => ({
    status: 200,
    body: {
      took: 3,
      errors: statuses.some((status) => status > 299),
      items: statuses.map((status) => ({ create: { status } })),
    },
  });

  test("the commit comes first, then the bytes go on as they came, and the cluster's answer comes back", async () => {
    const behind = await cluster();
    const { ask, world } = await open(
      { tee: { url: `${behind.url}/base/`, credentials: { bearer: "own" } } },
      { commitAtOnce: false },
    );
    const body = gzipSync(linesOf(lines));
    const headers = {
      "content-encoding": "gzip",
      "content-type": "application/x-ndjson",
      authorization: "Bearer sender",
      "x-opaque-id": "o",
    };
    behind.answer(real([201, 409]));
    const sending = ask("POST", "/logs/_bulk?pipeline=p&filter_path=errors%2Citems", { body, headers });
    await until(() => world.emissions.length === 1);
    expect(behind.seen).toEqual([]);
    world.commitAll();
    const answer = await sending;
    expect(answer.body).toEqual({
      took: 3,
      errors: true,
      items: [{ create: { status: 201 } }, { create: { status: 409 } }],
    });
    expect(answer.headers["x-elastic-product"]).toBe("Elasticsearch");
    expect(behind.seen).toHaveLength(1);
    expect(behind.seen[0]).toMatchObject({
      method: "POST",
      url: "/base/logs/_bulk?pipeline=p&filter_path=errors%2Citems",
      headers: {
        "content-encoding": "gzip",
        "content-type": "application/x-ndjson",
        authorization: "Bearer own",
        "x-opaque-id": "o",
      },
    });
    expect(behind.seen[0]!.body.equals(body)).toBe(true);
  });

  test("the sender's credentials go on when they are to", async () => {
    const behind = await cluster();
    const { bulk } = await open({ tee: { url: behind.url, forward_credentials: true } });
    await bulk(lines, "/_bulk", { headers: { authorization: LOGIN } });
    expect(behind.seen[0]!.headers.authorization).toBe(LOGIN);
  });

  test("what is not committed does not go on", async () => {
    const behind = await cluster();
    const { bulk, world } = await open({ tee: { url: behind.url } }, { commitAtOnce: false });
    const sending = bulk(lines);
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new AppError("commit_timeout", "not now"));
    expect((await sending).status).toBe(429);
    expect(behind.seen).toEqual([]);
  });

  test("set-up requests are the cluster's to answer, or the look-alike's", async () => {
    const behind = await cluster();
    behind.answer(() => ({ status: 200, body: { from: "cluster" } }));
    const forwarding = await open({ tee: { url: behind.url } });
    expect((await forwarding.ask("GET", "/")).body).toEqual({ from: "cluster" });
    await forwarding.ask("PUT", "/_index_template/t", { body: '{"index_patterns":["x"]}' });
    expect(behind.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(["GET /", "PUT /_index_template/t"]);
    expect(behind.seen[1]!.body.toString()).toBe('{"index_patterns":["x"]}');
    const answering = await open({ tee: { url: behind.url, setup: "answer" } });
    expect((await answering.ask("GET", "/")).body).toMatchObject({ cluster_name: "squall" });
    expect(behind.seen).toHaveLength(2);
  });

  test("with credentials of its own nothing goes on but what shippers need", async () => {
    const behind = await cluster();
    const { ask } = await open({ tee: { url: behind.url, credentials: { bearer: "own" } } });
    expect((await ask("DELETE", "/logs")).status).toBe(404);
    expect((await ask("GET", "/_security/user")).status).toBe(400);
    expect(behind.seen).toEqual([]);
    const forwarding = await open({ tee: { url: behind.url, forward_credentials: true } });
    await forwarding.ask("DELETE", "/logs");
    expect(behind.seen).toHaveLength(1);
  });

  test.each<[string, Parameters<Cluster["answer"]>[0], number]>([
    ["gives no answer", null, 503],
    ["is overloaded", () => ({ status: 429, body: {} }), 429],
    ["is not available", () => ({ status: 503, body: {} }), 503],
    ["finds it too large", () => ({ status: 413, body: {} }), 413],
  ])("the cluster %s: the repeat goes on, and is no new event", async (_, reply, status) => {
    const behind = await cluster();
    const { bulk, world } = await open({ tee: { url: behind.url } });
    behind.answer(reply);
    expect((await bulk(lines)).status).toBe(status);
    expect((await bulk(lines)).status).toBe(status);
    behind.answer(real([201]));
    // In parts, keys in another order, with a document that is new.
    expect((await bulk(['{ "create": {"_index":"logs"} }', { n: 2 }])).status).toBe(200);
    expect((await bulk([CREATE, { n: 1 }, CREATE, { n: 3 }])).status).toBe(200);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(behind.seen.length).toBeGreaterThanOrEqual(4);
    // They were taken by now: equal documents are new ones.
    await bulk(lines);
    expect(world.committed).toHaveLength(5);
  });

  test("only the items that the sender repeats are expected; equal documents are counted", async () => {
    const behind = await cluster();
    const { bulk, world } = await open({ tee: { url: behind.url } });
    behind.answer(real([201, 429, 429, 400]));
    await bulk([CREATE, { n: 1 }, CREATE, { n: 2 }, CREATE, { n: 2 }, CREATE, { n: 4 }]);
    behind.answer(real([201, 201, 201]));
    await bulk([CREATE, { n: 2 }, CREATE, { n: 2 }, CREATE, { n: 2 }]);
    await bulk([CREATE, { n: 1 }, CREATE, { n: 4 }]);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }, { n: 4 }, { n: 2 }, { n: 1 }, { n: 4 }]);
  });

  test("after a quarter of an hour an equal document is a new one", async () => {
    const behind = await cluster();
    const { bulk, world } = await open({ tee: { url: behind.url } });
    behind.answer(null);
    await bulk([CREATE, { n: 1 }]);
    await (world.deps.clock as unknown as { advance(ms: number): Promise<void> }).advance(15 * 60_000); // a manual clock
    await bulk([CREATE, { n: 1 }]);
    expect(world.committed).toEqual([{ n: 1 }, { n: 1 }]);
  });

  describe("auth: cluster", () => {
    const file = (behind: Cluster) => ({ auth: "cluster", tee: { url: behind.url, forward_credentials: true } });
    const headers = { authorization: LOGIN };
    /** The answer to who the sender is, and to all else. */
    const answers = (behind: Cluster, status: number): void =>
      behind.answer((_, url) => (url.includes("security") ? { status, body: {} } : real([201, 201])()));

    test("the cluster is asked with the sender's credentials, once a minute", async () => {
      const behind = await cluster();
      const { bulk, world } = await open(file(behind));
      answers(behind, 200);
      for (let n = 0; n < 2; n++) expect((await bulk(lines, "/_bulk", { headers })).status).toBe(200);
      expect(behind.seen.map(({ url }) => url)).toEqual(["/_security/_authenticate", "/_bulk", "/_bulk"]);
      expect(behind.seen[0]).toMatchObject({ method: "GET", headers: { authorization: LOGIN } });
      await (world.deps.clock as unknown as { advance(ms: number): Promise<void> }).advance(60_000); // a manual clock
      await bulk(lines, "/_bulk", { headers });
      expect(behind.seen).toHaveLength(5);
    });

    test.each<[string, number, Record<string, string>, number]>([
      ["whom the cluster does not know", 401, headers, 401],
      ["whom it forbids", 403, headers, 401],
      ["who says nothing", 200, {}, 401],
      ["of whom it cannot tell", 404, headers, 503],
    ])("%s gets nowhere", async (_, status, sent, expected) => {
      const behind = await cluster();
      const { bulk, world } = await open(file(behind));
      answers(behind, status);
      expect((await bulk(lines, "/_bulk", { headers: sent })).status).toBe(expected);
      expect(world.emissions).toEqual([]);
      expect(behind.seen.filter(({ url }) => url === "/_bulk")).toEqual([]);
    });

    test("a cluster that is down lets nobody in", async () => {
      const behind = await cluster();
      const { bulk, world } = await open(file(behind));
      behind.answer(null);
      expect((await bulk(lines, "/_bulk", { headers })).status).toBe(503);
      expect(world.emissions).toEqual([]);
    });
  });

  test.each([
    ["with the authority of the file", { ca_file: "test/fixtures/tls/ca.crt" }, 200],
    ["without it", {}, 503],
  ])("https, %s", async (_, more, status) => {
    const server = createTlsServer(
      { cert: readFileSync("test/fixtures/tls/server.crt"), key: readFileSync("test/fixtures/tls/server.key") },
      (request, response) => {
        request.resume();
        request.on("end", () => response.end('{"errors":false,"items":[]}'));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { bulk, world } = await open({ tee: { url, ...more } });
    expect((await bulk(lines)).status).toBe(status);
    await bulk(lines);
    expect(world.log.filter((line) => line.includes("gives no answer"))).toHaveLength(status === 200 ? 0 : 1);
  });

  test("a request of more items than may be taken is split by its sender: 413", async () => {
    const behind = await cluster();
    const { bulk, world } = await open({ max_items: 1, tee: { url: behind.url } });
    expect((await bulk(lines)).status).toBe(413);
    expect(world.emissions).toEqual([]);
    expect(behind.seen).toEqual([]);
  });

  test("a cluster that is down is a reason for health, until it answers", async () => {
    const behind = await cluster();
    const raised: string[] = [];
    const health = {
      raise: (subject: string, code: string) => void raised.push(`${subject} ${code}`),
      clear: () => void raised.splice(0),
      reasons: () => [],
    };
    const world = collectorWorld({ id: "es", commitAtOnce: true });
    const { collector, port } = await start({ tee: { url: behind.url } }, { ...world.deps, health });
    cleanups.push(() => collector.stop());
    behind.answer(null);
    await sendHttp(port, "/_bulk", { body: linesOf(lines) });
    expect(raised).toEqual(["collector:es tee_unavailable"]);
    behind.answer(real([201, 201]));
    await sendHttp(port, "/_bulk", { body: linesOf(lines) });
    expect(raised).toEqual([]);
  });
});

describe("when a request cannot be taken now", () => {
  const document = (n: number) => ({ n, filler: "x".repeat(600) });
  /** One request fills the collector, until it is committed. */
  async function full(file: Record<string, unknown> = {}) {
    const opened = await open(file, { commitAtOnce: false, maxInFlightBytes: linesOf([CREATE, document(1)]).length });
    const first = opened.bulk([CREATE, document(1)]);
    await until(() => opened.world.emissions.length === 1);
    return { ...opened, first };
  }

  test("it waits for room, and is taken when there is some", async () => {
    const { bulk, world, first } = await full();
    const second = bulk([CREATE, document(2)]);
    await until(() => world.clock.pending > 0);
    world.emissions[0]!.commit();
    await until(() => world.emissions.length === 2);
    world.emissions[1]!.commit();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(world.rejected).toEqual({});
    expect(world.clock.pending).toBe(0);
  });

  test("so it does when its length is not known beforehand", async () => {
    const { port, world, first } = await full();
    const sending = startHttp(port, "/_bulk", { body: linesOf([CREATE, document(2)]) }); // chunked
    sending.end();
    await until(() => world.clock.pending > 0);
    world.emissions[0]!.commit();
    await until(() => world.emissions.length === 2);
    world.emissions[1]!.commit();
    expect([(await first).status, (await sending.answer).status]).toEqual([200, 200]);
  });

  test("after five seconds it is 429", async () => {
    const { bulk, world } = await full();
    const second = bulk([CREATE, document(2)]);
    await until(() => world.clock.pending > 0);
    await world.clock.advance(4999);
    expect(world.rejected).toEqual({});
    await world.clock.advance(1);
    expect((await second).status).toBe(429);
    expect(world.rejected).toEqual({ overloaded: 1 });
  });

  test("stopping sends away what waits", async () => {
    const { bulk, world, collector } = await full();
    const second = bulk([CREATE, document(2)]);
    await until(() => world.clock.pending > 0);
    const stop = collector.stop();
    expect((await second).status).toBe(503);
    world.emissions[0]!.commit();
    await stop;
  });

  test("more than 64 do not wait", async () => {
    const { bulk, world } = await full();
    const others = Array.from({ length: 65 }, (_, n) => bulk([CREATE, document(n)]));
    expect((await Promise.race(others)).status).toBe(429);
    await until(() => world.clock.pending === 64);
    await world.clock.advance(5000);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 429));
  });

  test("busy: hang_up ends the connection instead of 429 and 503", async () => {
    const { bulk, world, first } = await full({ busy: "hang_up" });
    const second = bulk([CREATE, document(2)]).then(String, () => "hung up");
    await until(() => world.clock.pending > 0);
    await world.clock.advance(5000);
    expect(await second).toBe("hung up");
    const lost = first.then(String, () => "hung up");
    world.emissions[0]!.fail(new AppError("commit_timeout", "not now"));
    expect(await lost).toBe("hung up");
    const third = bulk([CREATE, { n: 3 }]);
    await until(() => world.emissions.length === 2);
    world.emissions[1]!.commit();
    expect((await third).status).toBe(200);
  });
});

test("the collectors of the page on senders are as they should be", () => {
  const page = readFileSync("docs/senders-elasticsearch.md", "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```/gm)];
  expect(blocks.length).toBeGreaterThan(1);
  for (const [, text] of blocks) {
    const { id: _, type, ...options } = parse(text!) as Record<string, unknown>;
    expect(type).toBe("elasticsearch");
    expect(() => elasticsearch.options.parse(options)).not.toThrow();
  }
});
