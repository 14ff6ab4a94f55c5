import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isObject, parseJson, printJson, type JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "../../test/kit/http-sink.ts";
import { elasticsearch } from "./elasticsearch.ts";

const data = { "@timestamp": 1, message: "x" };

interface Line {
  readonly op: "create" | "index";
  readonly id: string;
  readonly action: JsonObject;
  readonly document: JsonObject & { readonly n?: number };
}
const linesOf = (request: SinkRequest): readonly Line[] => {
  const rows = request.body.split("\n");
  expect(rows.pop()).toBe("");
  return rows.flatMap((row, i) => {
    if (i % 2 === 1) return [];
    const [[op, action]] = Object.entries(JSON.parse(row) as object) as [["create" | "index", { _id: string }]];
    return [{ op, id: action._id, action, document: JSON.parse(rows[i + 1]!) as JsonObject }];
  });
};
type Item = { readonly status: number } & JsonObject;
const bulkAnswer = (request: SinkRequest, item: (line: Line) => Item = () => ({ status: 201 })): SinkAnswer => {
  const items = linesOf(request).map((line) => ({ [line.op]: item(line) }));
  return { status: 200, body: JSON.stringify({ errors: false, items }) };
};

describeExecutor(elasticsearch, {
  options: (url) => ({ endpoint: url, basic: { username: "squall", password: "p@ss/wörd" } }),
  payload: () => ({ index: "alerts", data }),
  badPayloads: {
    "no index": { data },
    "no data": { index: "a" },
    "data that is no object": { index: "a", data: [1] },
    "unknown operation": { index: "a", data, op_type: "delete" },
    "endpoint of another scheme": { index: "a", data, endpoint: "ftp://x" },
    "credentials elsewhere": { index: "a", data, endpoint: "http://127.0.0.1:2" },
    "unknown authentication": { index: "a", data, auth: { type: "Basic" } },
  },
  http: {
    secrets: ["p@ss/wörd"],
    answer: (status, request) =>
      status < 300 ? { ...(bulkAnswer(request) as object), status } : { status, body: "{}" },
    keyIn: (request) => linesOf(request)[0]!.id,
  },
});

describe("bulk requests", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());

  const create = (options: object = {}) => createTestExecutor(elasticsearch, { endpoint: sink.url, ...options });
  const items = (count: number, more: (n: number) => JsonObject = () => ({})) =>
    Array.from({ length: count }, (_, n) =>
      executorItem({ index: "alerts", data: { n }, ...more(n) }, { idempotencyKey: `key-${n}` }),
    );

  test("one request, documents in order, ids and operations as given", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create({ api_key: "abc", endpoint: `${sink.url}/es/` });
    const more: readonly JsonObject[] = [{}, { id: 7, op_type: "index" }, { pipeline: "clean", index: "logs-<x>" }];
    const from = sink.requests.length;
    const delivered = { kind: "delivered" };
    expect(await runBatch(items(3, (n) => more[n]!))).toEqual([delivered, delivered, delivered]);
    expect(sink.requests.length).toBe(from + 1);
    const request = sink.requests[from]!;
    expect(request).toMatchObject({
      method: "POST",
      path: "/es/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store",
      headers: { "content-type": "application/x-ndjson", accept: "application/json", authorization: "ApiKey abc" },
    });
    expect(linesOf(request)).toMatchObject([
      { op: "create", action: { _index: "alerts", _id: "key-0" }, document: { n: 0 } },
      { op: "index", action: { _index: "alerts", _id: "7" }, document: { n: 1 } },
      { op: "create", action: { _index: "logs-<x>", _id: "key-2", pipeline: "clean" }, document: { n: 2 } },
    ]);
    await executor.close?.();
  });

  test.each([
    [true, "gzip"],
    [false, undefined],
  ])("gzip: %s sends content-encoding %s", async (gzip, encoding) => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create({ gzip });
    await runBatch(items(100));
    expect(sink.requests.at(-1)!.headers["content-encoding"]).toBe(encoding);
    expect(linesOf(sink.requests.at(-1)!)).toHaveLength(100);
    await executor.close?.();
  });

  test("integers stay exact", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { run, executor } = create();
    await run({ index: "a", data: { big: 9007199254740993n } });
    expect(sink.requests.at(-1)!.body).toContain('{"big":9007199254740993}');
    await executor.close?.();
  });

  test("documents that are at hand as text are sent as it stands, the others printed: the same bytes", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create({ gzip: false });
    const documents: readonly JsonObject[] = [
      { big: 9007199254740993n, zero: -0, "2": "é", "1": "漢" },
      { lone: "\ud800" },
      { data: { data: "}" }, index: "," },
    ];
    const sent = documents.map((document, n) => {
      const payloadText = printJson({ index: "a", data: document, ...(n === 1 ? {} : { pipeline: "p" }) });
      const parsed = parseJson(payloadText);
      if (!parsed.ok || !isObject(parsed.value)) throw new Error("no object");
      return executorItem(parsed.value, { payloadText });
    });
    await runBatch(sent);
    await runBatch(sent.map(({ payload }) => executorItem(payload)));
    const [kept, printed] = sink.requests.slice(-2).map(({ body }) => body);
    expect(kept).toBe(printed);
    expect(kept).toContain('{"1":"漢","2":"é","big":9007199254740993,"zero":0}\n');
    expect(kept).toContain('{"lone":"\ufffd"}\n');
    await executor.close?.();
  });

  test("the text of a payload is what is sent: it is not printed once more", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { run, executor } = create();
    await run({ index: "a", data: { read: 1 } }, { payloadText: '{"index":"a","data":{"kept":1}}' });
    expect(linesOf(sink.requests.at(-1)!)[0]!.document).toEqual({ kept: 1 });
    await executor.close?.();
  });

  test("every endpoint gets a request of its own, and one that is away does not hold the other", async () => {
    const other = await httpSink();
    sink.respond((request) => bulkAnswer(request));
    other.respond({ status: 503 });
    const { runBatch, executor } = create();
    const outcomes = await runBatch(items(4, (n) => (n % 2 ? { endpoint: other.url } : {})));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "retry", "delivered", "retry"]);
    expect(linesOf(other.requests[0]!).map(({ id }) => id)).toEqual(["key-1", "key-3"]);
    await executor.close?.();
    await other.close();
  });

  const error = { type: "document_parsing_exception", reason: "failed", caused_by: { type: "x", reason: "field [n]" } };
  const rows: readonly (readonly [string, string, Item, object])[] = [
    ["created", "create", { status: 201 }, { kind: "delivered" }],
    ["replaced", "index", { status: 200 }, { kind: "delivered" }],
    [
      "there already",
      "create",
      { status: 409, error: { type: "version_conflict_engine_exception" } },
      { kind: "delivered", note: expect.any(String) },
    ],
    [
      "conflict while replacing",
      "index",
      { status: 409, error: { type: "version_conflict_engine_exception" } },
      { kind: "retry" },
    ],
    [
      "in the failure store",
      "create",
      { status: 201, failure_store: "used" },
      { kind: "delivered", note: expect.stringContaining("failure store") },
    ],
    [
      "mapping conflict",
      "create",
      { status: 400, error },
      { kind: "reject", reason: expect.stringContaining("document_parsing_exception: failed; x: field [n]") },
    ],
    ["forbidden", "create", { status: 403, error: { type: "security_exception" } }, { kind: "reject" }],
    ["no such index", "create", { status: 404, error: { type: "index_not_found_exception" } }, { kind: "reject" }],
    ["not logged in", "create", { status: 401 }, { kind: "unavailable" }],
    ["too much", "create", { status: 429, error: { type: "es_rejected_execution_exception" } }, { kind: "retry" }],
    ["shard away", "create", { status: 503, error: { type: "unavailable_shards_exception" } }, { kind: "retry" }],
  ];
  test.each(rows)("item: %s", async (_, opType, item, expected) => {
    sink.respond((request) => bulkAnswer(request, ({ document }) => (document.n === 1 ? item : { status: 201 })));
    const { runBatch, executor } = create();
    const outcomes = await runBatch(items(3, () => ({ op_type: opType })));
    expect(outcomes).toMatchObject([{ kind: "delivered" }, expected, { kind: "delivered" }]);
    await executor.close?.();
  });

  test.each([413, 400])("a request refused with %i is halved until the bad document stands alone", async (status) => {
    sink.respond((request) =>
      linesOf(request).some(({ document }) => document.n === 5) ? { status, body: "bad" } : bulkAnswer(request),
    );
    const { runBatch, executor } = create();
    const from = sink.requests.length;
    const kinds = (await runBatch(items(8))).map(({ kind }) => kind);
    expect(kinds).toEqual([
      "delivered",
      "delivered",
      "delivered",
      "delivered",
      "delivered",
      "reject",
      "delivered",
      "delivered",
    ]);
    expect(sink.requests.slice(from).map((request) => linesOf(request).length)).toEqual([8, 4, 4, 2, 1, 1, 2]);
    await executor.close?.();
  });

  test.each([
    ["fewer results than documents", '{"items":[{"create":{"status":201}}]}'],
    ["no JSON", "<html>"],
    ["no items", "{}"],
  ])("an answer with %s is tried again", async (_, body) => {
    sink.respond({ status: 200, body });
    const { runBatch, executor } = create();
    expect((await runBatch(items(2))).map(({ kind }) => kind)).toEqual(["retry", "retry"]);
    await executor.close?.();
  });

  test("a bad payload does not hold the others of its batch", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create();
    const kinds = (await runBatch(items(3, (n) => (n === 1 ? { data: 1 } : {})))).map(({ kind }) => kind);
    expect(kinds).toEqual(["delivered", "reject", "delivered"]);
    await executor.close?.();
  });

  test("a trace is passed on only when all documents have it", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create();
    const [a, b] = [
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ];
    for (const [second, expected] of [
      [a, a],
      [b, undefined],
      [null, undefined],
    ] as const) {
      const [one, two] = items(2);
      await runBatch([
        { ...one!, traceparent: a },
        { ...two!, traceparent: second },
      ]);
      expect(sink.requests.at(-1)!.headers["traceparent"]).toBe(expected);
    }
    await executor.close?.();
  });

  test("certificates of a payload that cannot be read are tried again, and do not hold the others", async () => {
    sink.respond((request) => bulkAnswer(request));
    const { runBatch, executor } = create();
    const missing = {
      type: "PemCertificatePath",
      certificate_path: "/nowhere/c",
      private_key_path: "/nowhere/k",
      ca_certificate_path: "/nowhere/ca",
    };
    const outcomes = await runBatch(items(2, (n) => (n === 0 ? { auth: missing } : { auth: { type: "None" } })));
    expect(outcomes).toMatchObject([
      { kind: "retry", reason: expect.stringContaining("/nowhere/ca") },
      { kind: "delivered" },
    ]);
    await executor.close?.();
  });
});

test.each([
  ["basic and API key", { endpoint: "http://x", basic: { username: "a", password: "b" }, api_key: "c" }],
  ["credentials without endpoint", { api_key: "c" }],
  ["two forms of certificates", { tls: {}, default_auth: { type: "None" } }],
  ["endpoint with credentials", { endpoint: "http://a:b@x" }],
])("options refused: %s", (_, options) => {
  expect(elasticsearch.options.safeParse(options).success).toBe(false);
});

test("the key of a preview is the delivery's", () => {
  const { executor } = createTestExecutor(elasticsearch, { endpoint: "http://x" });
  expect(executor.preview(executorItem({ index: "a", data })).body).toEqual([
    { create: { _index: "a", _id: EXAMPLE_KEY } },
    data,
  ]);
});

test("a certificate of the options that cannot be read stops the start, naming the option and the file", () => {
  const options = { tls: { ca_file: "/nowhere/ca.pem" } };
  expect(() => createTestExecutor(elasticsearch, options)).toThrow(
    /^tls\.ca_file: "\/nowhere\/ca\.pem" cannot be read: ENOENT/,
  );
});
