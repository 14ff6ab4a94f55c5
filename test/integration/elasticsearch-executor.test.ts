import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Agent } from "undici";
import { elasticsearch } from "../../src/executors/elasticsearch.ts";
import type { ExecutorItem } from "../../src/component/define-executor.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { createTestExecutor, executorItem, type TestExecutor } from "../kit/describe-executor.ts";
import { startServices } from "../services/service.ts";

const LIMITS = "indexing_pressure.memory.limit: 40kb\nhttp.max_content_length: 64kb\n";
const [secure, open, limited] = await startServices(
  ["elasticsearch", { SQUALL_ES_SECURE: "1" }],
  ["opensearch"],
  ["elasticsearch", {}, LIMITS],
);
const made: TestExecutor[] = [];
const create = (options: Readonly<Record<string, unknown>>): TestExecutor => {
  const executor = createTestExecutor(elasticsearch, options);
  made.push(executor);
  return executor;
};
afterAll(async () => {
  for (const { executor } of made) await executor.close?.();
  await Promise.all([secure, open, limited].map((service) => service.remove()));
});

const loginOf = (pair = ":"): { username: string; password: string } => ({
  username: pair.slice(0, pair.indexOf(":")),
  password: pair.slice(pair.indexOf(":") + 1),
});
const item = (key: string, payload: JsonObject): ExecutorItem => executorItem(payload, { idempotencyKey: key });
const kindsOf = (outcomes: readonly { readonly kind: string }[]): Record<string, number> =>
  outcomes.reduce<Record<string, number>>((counts, { kind }) => ({ ...counts, [kind]: (counts[kind] ?? 0) + 1 }), {});

const { admin, writer, reader, ca = "" } = secure.info;
const dialects = [
  ["Elasticsearch", secure, { basic: loginOf(admin), tls: { ca_file: ca } }],
  ["OpenSearch", open, {}],
] as const;

describe.each(dialects)("elasticsearch executor against %s", (_, service, options) => {
  const url = service.info["url"] ?? "";
  const agent = new Agent({ connect: url.startsWith("https") ? { ca: readFileSync(ca) } : {} });
  const ask = async (method: "GET" | "PUT" | "POST", path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await agent.request({
      origin: url,
      path,
      method,
      headers: {
        "content-type": "application/json",
        ...(url.startsWith("https") ? { authorization: `Basic ${Buffer.from(admin!).toString("base64")}` } : {}),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const count = async (index: string): Promise<unknown> => {
    await ask("POST", `/${index}/_refresh`);
    return (await ask("GET", `/${index}/_count`))["count"];
  };
  const run = test.skipIf(service.missing);
  afterAll(() => agent.close());

  run("500 documents into an index, and the same again changes nothing", async () => {
    const { runBatch } = create({ endpoint: url, ...options });
    const items = Array.from({ length: 500 }, (_, n) =>
      item(`key-${n}`, { index: "squall-a", data: { n, text: "x".repeat(100) } }),
    );
    expect(kindsOf(await runBatch(items))).toEqual({ delivered: 500 });
    expect(await count("squall-a")).toBe(500);
    const again = await runBatch(items);
    expect(again.every((outcome) => outcome.kind === "delivered" && outcome.note !== undefined)).toBe(true);
    expect(await count("squall-a")).toBe(500);
  });

  run("500 documents into a data stream, and the same again changes nothing", async () => {
    await ask("PUT", "/_index_template/squall-stream", {
      index_patterns: ["squall-stream*"],
      data_stream: {},
      template: { settings: { number_of_replicas: 0 }, mappings: { properties: { n: { type: "integer" } } } },
    });
    const { runBatch } = create({ endpoint: url, ...options });
    const items = Array.from({ length: 500 }, (_, n) =>
      item(`key-${n}`, { index: "squall-stream", data: { "@timestamp": "2026-01-01T00:00:00Z", n } }),
    );
    expect(kindsOf(await runBatch(items))).toEqual({ delivered: 500 });
    expect(kindsOf(await runBatch(items))).toEqual({ delivered: 500 });
    expect(await count("squall-stream")).toBe(500);

    const bad = await runBatch([
      item("no-time", { index: "squall-stream", data: { n: 1 } }),
      item("replace", { index: "squall-stream", op_type: "index", data: { "@timestamp": 1, n: 1 } }),
      item("good", { index: "squall-stream", data: { "@timestamp": 1, n: 1 } }),
    ]);
    expect(bad.map(({ kind }) => kind)).toEqual(["reject", "reject", "delivered"]);
  });

  run("a document that the mapping forbids is rejected, the others of the request are stored", async () => {
    const { runBatch } = create({ endpoint: url, ...options });
    await runBatch([item("first", { index: "squall-m", data: { n: 1 } })]);
    const outcomes = await runBatch([
      item("a", { index: "squall-m", data: { n: 2 } }),
      item("b", { index: "squall-m", data: { n: "two" } }),
      item("c", { index: "squall-m", data: { n: 3 } }),
    ]);
    expect(outcomes).toMatchObject([
      { kind: "delivered" },
      { kind: "reject", reason: expect.stringMatching(/400 Bad Request for the document: .*parsing_exception/) },
      { kind: "delivered" },
    ]);
    expect(await count("squall-m")).toBe(3);
  });

  run("an unknown pipeline, or index name, is rejected and the others are stored", async () => {
    const { runBatch } = create({ endpoint: url, ...options });
    const outcomes = await runBatch([
      item("a", { index: "squall-p", data: { n: 1 } }),
      item("b", { index: "squall-p", pipeline: "nowhere", data: { n: 2 } }),
      item("c", { index: "Squall UPPER", data: { n: 3 } }),
      item("d", { index: "squall-p", data: { n: 4 } }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "reject", "reject", "delivered"]);
    expect(await count("squall-p")).toBe(2);
  });

  run("a document with an id of its own is replaced by `index`", async () => {
    const { run: send } = create({ endpoint: url, ...options });
    for (const state of ["up", "down"])
      expect(await send({ index: "squall-i", id: "h1", op_type: "index", data: { state } })).toEqual({
        kind: "delivered",
      });
    expect(await ask("GET", "/squall-i/_doc/h1")).toMatchObject({ _source: { state: "down" } });
  });
});

describe.skipIf(secure.missing)("credentials", () => {
  const { url = "" } = secure.info;
  const payload = { index: "squall-c", data: { n: 1 } };
  const as = (login: string | undefined, more: object = {}) =>
    create({ endpoint: url, basic: loginOf(login), tls: { ca_file: ca }, ...more });

  test("may create: delivered", async () => {
    expect(await as(writer).run(payload)).toEqual({ kind: "delivered" });
  });
  test("wrong password: unavailable", async () => {
    expect(await as("squall_writer:wrong").run(payload)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("401"),
    });
  });
  test("none: unavailable", async () => {
    const { run } = create({ endpoint: url, tls: { ca_file: ca } });
    expect(await run(payload)).toMatchObject({ kind: "unavailable" });
  });
  test("may not write at all: rejected", async () => {
    expect(await as(reader).run(payload)).toMatchObject({ kind: "reject", reason: expect.stringContaining("403") });
  });
  test("may not write this index: rejected, the others are stored", async () => {
    const outcomes = await as(writer).runBatch([item("x", { index: "other", data: {} }), item("y", payload)]);
    expect(outcomes).toMatchObject([{ kind: "reject", reason: expect.stringContaining("403") }, { kind: "delivered" }]);
  });
  test("an authority that is not trusted: unavailable", async () => {
    expect(await as(writer, { tls: {} }).run(payload)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("certificate"),
    });
  });
});

describe.skipIf(limited.missing)("limits of the target", () => {
  const { url = "" } = limited.info;
  const documents = (prefix: string, ...kilobytes: readonly number[]): readonly ExecutorItem[] =>
    kilobytes.map((size, n) => item(`${prefix}-${n}`, { index: "squall-l", data: { text: "x".repeat(size * 1024) } }));

  test("a request over the memory limit is tried again", async () => {
    const { runBatch } = create({ endpoint: url });
    expect(await runBatch(documents("memory", 50))).toMatchObject([
      { kind: "retry", reason: expect.stringContaining("429") },
    ]);
  });

  test("a request over the size limit is halved, down to the document that is too large", async () => {
    const { runBatch } = create({ endpoint: url, gzip: false });
    const outcomes = await runBatch(documents("size", 5, 5, 100, 5));
    expect(outcomes).toMatchObject([
      { kind: "delivered" },
      { kind: "delivered" },
      { kind: "reject", reason: expect.stringContaining("413") },
      { kind: "delivered" },
    ]);
  });

  test("a stopped Elasticsearch is unavailable", async () => {
    const { runBatch } = create({ endpoint: url });
    await limited.stop();
    expect(await runBatch(documents("gone", 1))).toMatchObject([{ kind: "unavailable" }]);
  });
});
