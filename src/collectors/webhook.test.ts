import { createHmac } from "node:crypto";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector, type Answer, type Sending } from "../../test/kit/describe-collector.ts";
import { until } from "../../test/kit/event-loop.ts";
import {
  sendHttp,
  startHttp,
  type HttpAnswer,
  type HttpMessage,
  type HttpSending,
} from "../../test/kit/http-sender.ts";
import { AppError, type ErrorCode } from "../component/app-error.ts";
import type { Collector, CollectorDeps } from "../component/define-collector.ts";
import type { HttpHandler } from "../component/http-mount.ts";
import { createMountTable } from "../http/ingest-mount-table.ts";
import { createIngestListener } from "../http/ingest-listener.ts";
import { silentLogger } from "../component/logger.ts";
import { webhook } from "./webhook.ts";

const TOKEN = "s3cret-of-the-sender";
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(collector: (http: CollectorDeps["http"]) => Collector) {
  const listener = createIngestListener({ host: "127.0.0.1", port: 0, maxConnections: 1000 }, { logger: silentLogger });
  const running = collector(listener.mount);
  await running.start();
  const { port } = await listener.listen();
  return { collector: running, port, close: () => listener.close() };
}

/** A running webhook that commits at once unless told otherwise. */
async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = {}) {
  const world = collectorWorld({ id: "hook", commitAtOnce: true, ...options });
  const { collector, port, close } = await serve((http) =>
    webhook.create(webhook.options.parse(file), { ...world.deps, http }),
  );
  cleanups.push(async () => {
    world.commitAll();
    await collector.stop();
    await close();
  });
  const post = (message: HttpMessage, path = "/event/hook") => sendHttp(port, path, message);
  return { world, collector, port, post, close };
}

const problemOf = ({ headers, text }: HttpAnswer) => {
  expect(headers["content-type"]).toBe("application/problem+json");
  return JSON.parse(text) as Record<string, unknown>;
};

describeCollector(webhook, {
  secrets: [TOKEN],
  open: async (world) => {
    const options = webhook.options.parse({ token: TOKEN });
    const { collector, port, close } = await serve((http) => webhook.create(options, { ...world.deps, http }));
    const path = `/event/under-test?token=${TOKEN}`;
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
        const body = JSON.stringify(document);
        const sending = startHttp(port, path, { body, headers: { "content-length": String(body.length) } });
        sending.end();
        return sendingOf(sending);
      },
      sendHalf(document) {
        const body = JSON.stringify(document);
        const half = body.slice(0, body.length / 2);
        return sendingOf(startHttp(port, path, { body: half, headers: { "content-length": String(body.length) } }));
      },
    };
  },
});

describe("answers", () => {
  test("one object", async () => {
    const { post, world } = await open();
    const answer = await post({ body: '{"a":1}', headers: { "content-type": "application/json" } });
    expect(answer).toMatchObject({ status: 200, text: '{"accepted":1,"rejected":[]}' });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(world.committed).toEqual([{ a: 1 }]);
  });

  test("PUT is as good", async () => {
    const { post } = await open();
    expect((await post({ method: "PUT", body: "{}" })).status).toBe(200);
  });

  test.each(["GET", "HEAD", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])("%s is 405", async (method) => {
    const { post, world } = await open();
    const answer = await post({ method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("POST, PUT");
    expect(world.rejected).toEqual({ method_not_allowed: 1 });
  });

  test.each(["/event/nobody", "/event/hook/", "/event", "/", "/event/%zz", "/event/hookk", "/other/hook"])(
    "%s is 404",
    async (path) => {
      const { post } = await open();
      expect(problemOf(await post({ body: "{}" }, path))).toMatchObject({ status: 404, code: "not_found" });
    },
  );

  test("a percent-encoded id is the id", async () => {
    const { post } = await open();
    expect((await post({ body: "{}" }, "/event/ho%6Fk")).status).toBe(200);
  });

  const hostile: [string, HttpMessage, number, string, string][] = [
    ["empty", { body: "" }, 400, "bad_input", "bad_json"],
    ["white space", { body: " \r\n" }, 400, "bad_input", "bad_json"],
    ["no JSON", { body: "hello" }, 400, "bad_input", "bad_json"],
    ["cut JSON", { body: '{"a":[1,' }, 400, "bad_input", "bad_json"],
    ["a closer too many", { body: '{"a":1}}' }, 400, "bad_input", "bad_json"],
    ["text after the object", { body: '{"a":1} and more' }, 400, "bad_input", "bad_json"],
    ["a cut array", { body: '[{"a":1},{"b":2}' }, 400, "bad_input", "bad_json"],
    ["text after the array", { body: "[1] 2" }, 400, "bad_input", "bad_json"],
    ["a number no double holds", { body: '{"a":1e400}' }, 400, "bad_input", "bad_json"],
    ["too deep", { body: '{"a":'.repeat(129) + "1" + "}".repeat(129) }, 400, "bad_input", "too_deep"],
    ["much too deep", { body: '{"a":'.repeat(100_000) }, 400, "bad_input", "too_deep"],
    ["invalid UTF-8", { body: Buffer.from('{"a":"\xff"}', "latin1") }, 400, "bad_input", "bad_encoding"],
    ["UTF-16", { body: Buffer.from("\ufeff{}", "utf16le") }, 400, "bad_input", "bad_encoding"],
    ["an overlong NUL", { body: Buffer.from('{"a":"\xc0\x80"}', "latin1") }, 400, "bad_input", "bad_encoding"],
    ["no gzip", { body: "{}", headers: { "content-encoding": "gzip" } }, 400, "bad_input", "bad_encoding"],
    [
      "cut gzip",
      { body: gzipSync('{"a":"abcdef"}').subarray(0, 15), headers: { "content-encoding": "gzip" } },
      400,
      "bad_input",
      "bad_encoding",
    ],
    [
      "cut zstd",
      { body: zstdCompressSync('{"a":"abcdef"}').subarray(0, 15), headers: { "content-encoding": "zstd" } },
      400,
      "bad_input",
      "bad_encoding",
    ],
    ["unreadable for the normalizer", { body: '{"unreadable":1}' }, 400, "bad_input", "unreadable"],
    ["brotli", { body: "x", headers: { "content-encoding": "br" } }, 415, "unsupported_type", "unsupported_type"],
    [
      "two encodings",
      { body: "x", headers: { "content-encoding": "gzip, gzip" } },
      415,
      "unsupported_type",
      "unsupported_type",
    ],
    ["a picture", { body: "x", headers: { "content-type": "image/png" } }, 415, "unsupported_type", "unsupported_type"],
    ["no type at all", { body: "x", headers: { "content-type": "%%" } }, 415, "unsupported_type", "unsupported_type"],
    [
      "latin1",
      { body: "{}", headers: { "content-type": "application/json; charset=ISO-8859-1" } },
      415,
      "unsupported_type",
      "unsupported_type",
    ],
  ];
  test.each(hostile)("%s", async (_name, message, status, code, reason) => {
    const { post, world } = await open();
    const answer = await post(message);
    expect(problemOf(answer)).toMatchObject({ status, code, type: `urn:squall:problem:${code}` });
    expect(answer.status).toBe(status);
    expect(world.rejected).toEqual({ [reason]: 1 });
    expect(world.emissions).toEqual([]);
  });

  test.each<[ErrorCode, number | undefined, string]>([
    ["overloaded", undefined, "1"],
    ["commit_timeout", 2500, "3"],
    ["store_full", 10, "1"],
    ["disk_full", 60_000, "60"],
    ["shutting_down", undefined, "1"],
  ])("a commit that fails with %s is 503 and says when to try again", async (code, retryAfterMs, seconds) => {
    const { world, post } = await open({}, { commitAtOnce: false });
    const answer = post({ body: "{}" });
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new AppError(code, "not now", retryAfterMs === undefined ? {} : { retryAfterMs }));
    expect(problemOf(await answer)).toMatchObject({ status: 503, code, detail: "not now" });
    expect((await answer).headers["retry-after"]).toBe(seconds);
    expect(world.rejected).toEqual({ unavailable: 1 });
  });

  test("a bug in the commit is 500, and its text stays here", async () => {
    const { world, post } = await open({}, { commitAtOnce: false });
    const answer = post({ body: "{}" });
    await until(() => world.emissions.length === 1);
    world.emissions[0]!.fail(new Error("the inner secret"));
    expect((await answer).status).toBe(500);
    expect((await answer).text).not.toContain("inner");
    expect(world.log.join()).toContain("the inner secret");
  });

  test("a bug in the intake makes a dead letter and is acknowledged", async () => {
    const intake = (): never => {
      throw new Error("a bug");
    };
    const { world, post } = await open({}, { intake });
    const answer = await post({ body: '{"a":1}' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
    expect(world.emissions[0]!.emission.rejected).toMatchObject([{ index: 0, sample: '{"a":1}' }]);
    expect(world.log.join()).toContain("a bug");
  });

  test("while stopping: 503, not 404", async () => {
    const { world, post, collector } = await open({}, { commitAtOnce: false });
    const first = post({ body: "{}" });
    await until(() => world.emissions.length === 1);
    const stopped = collector.stop();
    const late = await post({ body: "{}" });
    expect(problemOf(late)).toMatchObject({ status: 503, code: "shutting_down" });
    expect(late.headers["retry-after"]).toBe("1");
    world.commitAll();
    await stopped;
    expect((await first).status).toBe(200);
    expect((await post({ body: "{}" })).status).toBe(404);
  });
});

describe("several documents", () => {
  const lines = (...texts: string[]): string => texts.join("\n");
  const ndjson = { "content-type": "application/x-ndjson" };
  const json = { "content-type": "application/json" };
  test.each<[string, HttpMessage, unknown[], number[]]>([
    ["array", { body: '[{"a":1},{"a":2}]', headers: json }, [{ a: 1 }, { a: 2 }], []],
    ["empty array", { body: " [ ] ", headers: json }, [], []],
    ["array of one bad", { body: "[bad]", headers: json }, [], [0]],
    ["array of one unreadable", { body: '[{"unreadable":1}]', headers: json }, [], [0]],
    ["partly bad", { body: '[{"a":1},{"a":}, {"unreadable":1},{"a":4}]' }, [{ a: 1 }, { a: 4 }], [1, 2]],
    ["bad by depth", { body: `[1,${"[".repeat(200)}${"]".repeat(200)},3]` }, [{ value: 1 }, { value: 3 }], [1]],
    ["empty elements", { body: "[1,,2,]" }, [{ value: 1 }, { value: 2 }], [1, 3]],
    ["NDJSON", { body: lines('{"a":1}', "", '{"a":2}\r', ""), headers: ndjson }, [{ a: 1 }, { a: 2 }], []],
    [
      "NDJSON with bad lines",
      { body: lines('{"a":1}', '{"a"', '{"a":3}'), headers: ndjson },
      [{ a: 1 }, { a: 3 }],
      [1],
    ],
    ["NDJSON of one bad line", { body: '{"a"', headers: ndjson }, [], [0]],
    ["NDJSON that says JSON", { body: lines('{"a":1}', '{"a', '{"a":3}'), headers: json }, [{ a: 1 }, { a: 3 }], [1]],
    ["concatenated", { body: '{"a":1}{"a":2} {"a":3}', headers: json }, [{ a: 1 }, { a: 2 }, { a: 3 }], []],
    ["concatenated, one cut", { body: '{"a":"}{"}{"a":', headers: json }, [{ a: "}{" }], [1]],
    ["concatenated, printed over lines", { body: '{\n"a":1\n}\n{\n"a":2\n}', headers: json }, [{ a: 1 }, { a: 2 }], []],
  ])("%s", async (_name, message, committed, badAt) => {
    const { post, world } = await open();
    const answer = await post(message);
    expect(answer.status).toBe(200);
    const { accepted, rejected } = JSON.parse(answer.text) as { accepted: number; rejected: { index: number }[] };
    expect(accepted).toBe(committed.length);
    expect(rejected.map(({ index }) => index)).toEqual(badAt);
    expect(world.committed).toEqual(committed);
    expect(world.emissions.length).toBe(committed.length + badAt.length > 0 ? 1 : 0);
  });

  test("the bad ones go along as dead letters, with their text cut to 64 KB", async () => {
    const { post, world } = await open();
    await post({ body: `[{"a":1},{"unreadable":1},{bad},${JSON.stringify({ unreadable: "é".repeat(70_000) })}]` });
    const { rejected, arrivals, source } = world.emissions[0]!.emission;
    expect(source).toBe("hook");
    expect(arrivals).toHaveLength(1);
    expect(rejected.slice(0, 2)).toMatchObject([
      { index: 1, sample: '{"unreadable":1}', reason: "expected something readable, found unreadable" },
      { index: 2, sample: "{bad}", reason: expect.stringContaining("not valid JSON") as string },
    ]);
    expect(Buffer.byteLength(rejected[2]!.sample)).toBeLessThanOrEqual(65_536);
    expect(rejected[2]!.sample).not.toContain("\ufffd");
    expect(world.rejected).toEqual({ unreadable: 2, bad_json: 1 });
  });

  test("split: false keeps an array whole", async () => {
    const { post, world } = await open({ split: false });
    expect((await post({ body: '[{"a":1},{"a":2}]' })).text).toBe('{"accepted":1,"rejected":[]}');
    expect(world.committed).toEqual([{ value: [{ a: 1 }, { a: 2 }] }]);
    expect((await post({ body: "[1," })).status).toBe(400);
  });

  const many = Array.from({ length: 3000 }, (_, n) => ({
    n,
    nested: [{ text: `},{ "${n}\\"`, more: "é".repeat(50) }],
  }));
  const compact = JSON.stringify(many);
  test.each<[string, string, Record<string, string>]>([
    ["array, compact", compact, json],
    ["array, spaced", `[${many.map((each) => JSON.stringify(each)).join(", ")}]`, json],
    ["array, printed", JSON.stringify(many, null, 2), json],
    ["small array", JSON.stringify(many.slice(0, 90)), json],
    [
      "small array, lines",
      `[${many
        .slice(0, 90)
        .map((each) => JSON.stringify(each))
        .join(",\n")}]`,
      json,
    ],
    ["flat array", JSON.stringify(many.map(({ n }) => ({ n, text: "x".repeat(100) }))), json],
    ["lines", many.map((each) => JSON.stringify(each)).join("\n"), ndjson],
    ["lines that say JSON", many.map((each) => JSON.stringify(each)).join("\n"), json],
    ["one after the other", many.map((each) => JSON.stringify(each, null, 1)).join(""), json],
  ])("many: %s", async (_name, body, headers) => {
    const { post, world } = await open();
    const answer = await post({ body, headers });
    const { accepted, rejected } = JSON.parse(answer.text) as { accepted: number; rejected: unknown[] };
    expect(rejected).toEqual([]);
    const sent = body.length < 100_000 ? 90 : 3000;
    expect(accepted).toBe(sent);
    expect(world.committed.map((payload) => (payload as { n: number }).n)).toEqual(
      many.slice(0, sent).map(({ n }) => n),
    );
    expect(world.committed.at(-1)).toMatchObject({ n: sent - 1 });
  });

  test("more documents than a request may hold are 413", async () => {
    const { post } = await open();
    expect((await post({ body: `[${"1,".repeat(200_000)}1]` })).status).toBe(413);
    expect((await post({ body: "1\n".repeat(200_001), headers: ndjson })).status).toBe(413);
  });

  test.each([
    ["small documents", 20_000, 40, 200],
    ["large documents", 100, 100_000, 3],
    ["a small body of tiny documents", 20_000, 0, 200],
  ])("between two turns of the event loop only a slice is taken in: %s", async (_name, count, bytes, atMost) => {
    let turn = 0;
    let running = true;
    const tick = (): void => {
      turn++;
      if (running) setImmediate(tick);
    };
    const perTurn = new Map<number, number>();
    const intake: CollectorDeps["intake"] = () => {
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
      return { ok: true, value: [] };
    };
    const { post } = await open({}, { intake });
    tick();
    const element = bytes === 0 ? "1" : `{"text":"${"x".repeat(bytes)}"}`;
    const body = `[${Array.from({ length: count }, () => element).join(",")}]`;
    expect((await post({ body })).text).toBe(`{"accepted":${count},"rejected":[]}`);
    running = false;
    expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(atMost);
  });
});

describe("kinds and encodings", () => {
  const kinds: [string, string | undefined, string | Buffer, unknown][] = [
    ["object", "application/json", '{"a":"é"}', { a: "é" }],
    ["object, charset", "application/json; charset=UTF-8", '{"a":"é"}', { a: "é" }],
    ["object, quoted charset", 'Application/JSON;charset="utf-8"', '{"a":1}', { a: 1 }],
    ["vendor type", "application/vnd.api+json", '{"a":1}', { a: 1 }],
    ["cloudevents", "application/cloudevents+json", '{"a":1}', { a: 1 }],
    ["text/json", "text/json", '{"a":1}', { a: 1 }],
    ["no type", undefined, '{"a":1}', { a: 1 }],
    ["byte order mark", "application/json", Buffer.from('\ufeff {"a":1}'), { a: 1 }],
    ["scalar", "application/json", "12345678901234567890", { value: 12345678901234567890n }],
    ["string", "application/json", '"text"', { value: "text" }],
    ["exact integers", "application/json", '{"time":1795253147576767292}', { time: 1795253147576767292n }],
    ["form", "application/x-www-form-urlencoded", "a=1&b=x+y&b=%C3%A9&c", { a: "1", b: ["x y", "é"], c: "" }],
    ["form of curl that is JSON", "application/x-www-form-urlencoded", '{"a":1}', { a: 1 }],
    ["text", "text/plain; charset=utf-8", "<13>host é: {up}", { value: "<13>host é: {up}" }],
    ["text that looks like JSON", "text/plain", '{"a":1}', { value: '{"a":1}' }],
  ];
  const encodings: [string, (body: Buffer) => Buffer][] = [
    ["identity", (body) => body],
    ["gzip", (body) => gzipSync(body)],
    ["x-gzip", (body) => gzipSync(body)],
    ["GZIP", (body) => Buffer.concat([gzipSync(body.subarray(0, 2)), gzipSync(body.subarray(2))])],
    ["deflate", (body) => deflateSync(body)],
    ["deflate", (body) => deflateRawSync(body)],
    ["zstd", (body) => zstdCompressSync(body)],
    ["zstd", (body) => Buffer.concat([zstdCompressSync(body.subarray(0, 2)), zstdCompressSync(body.subarray(2))])],
  ];
  test.each(encodings.flatMap(([name, encode]) => kinds.map((kind) => [name, ...kind, encode] as const)))(
    "%s: %s",
    async (encoding, _kind, type, body, payload, encode) => {
      const { post, world } = await open();
      const headers = { "content-encoding": encoding, ...(type === undefined ? {} : { "content-type": type }) };
      const answer = await post({ body: encode(Buffer.from(body)), headers });
      expect(answer.text).toBe('{"accepted":1,"rejected":[]}');
      expect(world.committed).toEqual([payload]);
    },
  );

  test("__proto__ stays a key", async () => {
    const { post, world } = await open();
    await post({ body: '{"__proto__":{"admin":true}}' });
    await post({ body: "__proto__=1&a=2", headers: { "content-type": "application/x-www-form-urlencoded" } });
    for (const payload of world.committed) {
      expect(Object.keys(payload as object)).toContain("__proto__");
      expect((payload as { admin?: boolean }).admin).toBeUndefined();
    }
  });
});

describe("limits", () => {
  const file = { max_payload_size: "1kb" };
  const object = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;

  test("max_payload_size is the largest body; without it the listener's", async () => {
    const small = await open(file);
    expect((await small.post({ body: object(1024) })).status).toBe(200);
    expect(problemOf(await small.post({ body: object(1025) }))).toMatchObject({ status: 413, code: "too_large" });
    expect(small.world.rejected).toEqual({ too_large: 1 });
    const other = await open({}, { maxBodyBytes: 2048 });
    expect((await other.post({ body: object(2048) })).status).toBe(200);
    expect((await other.post({ body: object(2049) })).status).toBe(413);
  });

  test("a body of unknown length is cut off", async () => {
    const { port } = await open(file);
    const sending = startHttp(port, "/event/hook", { body: object(2000) });
    expect((await sending.answer).status).toBe(413);
    sending.vanish();
  });

  test.each([
    ["gzip", (text: string) => gzipSync(text)],
    ["deflate", (text: string) => deflateSync(text)],
    ["zstd", (text: string) => zstdCompressSync(text)],
  ])("what %s inflates to counts", async (encoding, encode) => {
    const { post } = await open(file);
    const headers = { "content-encoding": encoding };
    expect((await post({ body: encode(object(1024)), headers })).status).toBe(200);
    expect((await post({ body: encode(object(1025)), headers })).status).toBe(413);
    expect((await post({ body: encode("x".repeat(5_000_000)), headers })).status).toBe(413);
  });

  test("inflating a large body goes piece by piece", async () => {
    const { post, world } = await open({ max_payload_size: "8mb" });
    const body = `[${Array.from({ length: 40_000 }, (_, n) => `{"n":${n},"text":"${"xyz".repeat(40)}"}`).join(",")}]`;
    for (const [encoding, encode] of [
      ["gzip", gzipSync],
      ["zstd", zstdCompressSync],
    ] as const) {
      const answer = await post({ body: encode(body), headers: { "content-encoding": encoding } });
      expect(answer.text).toBe('{"accepted":40000,"rejected":[]}');
    }
    expect(world.committed).toHaveLength(80_000);
    const tooMuch = await post({ body: gzipSync("x".repeat(9_000_000)), headers: { "content-encoding": "gzip" } });
    expect(tooMuch.status).toBe(413);
  });

  test("bytes in flight are bounded and come free again", async () => {
    const { world, post } = await open({}, { commitAtOnce: false, maxInFlightBytes: 2500 });
    const first = [post({ body: object(1000) }), post({ body: object(1000) })];
    await until(() => world.emissions.length === 2);
    const third = await post({ body: object(1000) });
    expect(problemOf(third)).toMatchObject({ status: 503, code: "overloaded" });
    expect(third.headers["retry-after"]).toBe("1");
    expect(world.rejected).toEqual({ overloaded: 1 });
    world.commitAll();
    await Promise.all(first);
    expect((await post({ body: object(1000) })).status).toBe(200);
  });

  test("inflated bytes are in flight too, and one request alone may pass the bound", async () => {
    const { world, post } = await open({}, { commitAtOnce: false, maxInFlightBytes: 2500 });
    const headers = { "content-encoding": "gzip" };
    const alone = post({ body: gzipSync(object(5000)), headers });
    await until(() => world.emissions.length === 1);
    expect((await post({ body: "{}" })).status).toBe(503);
    world.commitAll();
    expect((await alone).status).toBe(200);
  });

  test("a sender that goes away half-way is counted and its bytes come free", async () => {
    const { world, port, post } = await open({}, { maxInFlightBytes: 2500 });
    const half = startHttp(port, "/event/hook", { body: object(1000), headers: { "content-length": "2400" } });
    while ((await post({ body: object(2400) })).status !== 503); // its bytes are taken
    half.vanish();
    await until(() => world.rejected["aborted"] === 1);
    expect((await post({ body: object(2400) })).status).toBe(200);
  });
});

describe("credentials", () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
  const body = '{"a":1}';
  const hmac = (secret: string, encoding: "hex" | "base64" = "hex"): string =>
    createHmac("sha256", secret).update(body).digest(encoding);
  const signed = { auth: { hmac: { header: "X-Hub-Signature-256", prefix: "sha256=", secrets: ["k1", "k2"] } } };
  const loose = { auth: { hmac: { header: "x-sig", secrets: ["k1"] } } };
  const users = {
    auth: {
      basic: [
        { username: "u", password: "p:1" },
        { username: "v", password: "q" },
      ],
    },
  };
  const header = { tokens: ["old", "new"], auth: { header: "X-Api-Key" } };
  const any = { token: "t0ken", auth: [users.auth, signed.auth, "token"] };

  test.each<[string, object, string, Record<string, string>, boolean]>([
    ["nothing configured", {}, "", {}, true],
    ["none", { auth: "none" }, "", {}, true],
    ["query", { token: "t0k/en" }, "?token=t0k%2Fen", {}, true],
    ["query among others", { token: "abc" }, "?x=1&token=abc&y=2", {}, true],
    ["query, wrong", { token: "abc" }, "?token=abd", {}, false],
    ["query, longer", { token: "abc" }, "?token=abcd", {}, false],
    ["query, shorter", { token: "abc" }, "?token=ab", {}, false],
    ["query, empty", { token: "abc" }, "?token=", {}, false],
    ["query, far too long", { token: "abc" }, `?token=${"abc".repeat(1000)}`, {}, false],
    ["query, a NUL more", { token: "abc" }, "?token=abc%00", {}, false],
    ["a long token", { token: "x".repeat(500) }, `?token=${"x".repeat(500)}`, {}, true],
    ["missing", { token: "abc" }, "", {}, false],
    ["Bearer", { token: "abc" }, "", { authorization: "Bearer abc" }, true],
    ["bearer", { token: "abc" }, "", { authorization: "bearer abc" }, true],
    ["Splunk", { token: "abc" }, "", { authorization: "Splunk abc" }, true],
    ["ApiKey as it is", { token: "abc" }, "", { authorization: "ApiKey abc" }, true],
    ["ApiKey of Beats", { token: "abc" }, "", { authorization: `ApiKey ${btoa("id:abc")}` }, true],
    ["Basic with the token as password", { token: "abc" }, "", { authorization: basic("any:abc") }, true],
    ["Basic, wrong", { token: "abc" }, "", { authorization: basic("abc:any") }, false],
    ["an unknown scheme", { token: "abc" }, "", { authorization: "Digest abc" }, false],
    ["no scheme", { token: "abc" }, "", { authorization: "abc" }, false],
    ["wrong header, right query", { token: "abc" }, "?token=abc", { authorization: "Bearer no" }, true],
    ["rotation, old", { tokens: ["old", "new"] }, "?token=old", {}, true],
    ["rotation, new", { tokens: ["old", "new"] }, "", { authorization: "Bearer new" }, true],
    ["rotation, neither", { tokens: ["old", "new"] }, "?token=oldnew", {}, false],
    ["header", header, "", { "x-api-key": "new" }, true],
    ["header, wrong", header, "", { "x-api-key": "newer" }, false],
    ["header, but in the query", header, "?token=new", {}, false],
    ["basic", users, "", { authorization: basic("u:p:1") }, true],
    ["basic, second", users, "", { authorization: basic("v:q") }, true],
    ["basic, mixed", users, "", { authorization: basic("u:q") }, false],
    ["basic, no base64", users, "", { authorization: "Basic ???" }, false],
    ["hmac", signed, "", { "x-hub-signature-256": `sha256=${hmac("k1")}` }, true],
    ["hmac, second secret", signed, "", { "x-hub-signature-256": `sha256=${hmac("k2")}` }, true],
    ["hmac, capital hex", signed, "", { "x-hub-signature-256": `sha256=${hmac("k2").toUpperCase()}` }, true],
    ["hmac, other secret", signed, "", { "x-hub-signature-256": `sha256=${hmac("k3")}` }, false],
    ["hmac, no prefix", signed, "", { "x-hub-signature-256": hmac("k1") }, false],
    ["hmac, short", signed, "", { "x-hub-signature-256": "sha256=abcd" }, false],
    ["hmac, missing", signed, "", {}, false],
    ["hmac without prefix", loose, "", { "x-sig": hmac("k1") }, true],
    ["hmac with the usual prefix", loose, "", { "x-sig": `sha256=${hmac("k1")}` }, true],
    ["hmac in base64", loose, "", { "x-sig": hmac("k1", "base64") }, true],
    ["any: token", any, "?token=t0ken", {}, true],
    ["any: basic", any, "", { authorization: basic("v:q") }, true],
    ["any: hmac", any, "", { "x-hub-signature-256": `sha256=${hmac("k1")}` }, true],
    ["any: nothing right", any, "?token=x", { "x-hub-signature-256": "sha256=00" }, false],
  ])("%s", async (_name, file, query, headers, granted) => {
    const { post, world } = await open(file as Record<string, unknown>);
    const answer = await post({ body, headers }, `/event/hook${query}`);
    expect(answer.status).toBe(granted ? 200 : 401);
    if (granted) return;
    expect(problemOf(answer)).toMatchObject({ code: "unauthorized" });
    expect(answer.headers["www-authenticate"]).toBeTruthy();
    expect(world.rejected).toEqual({ unauthorized: 1 });
    expect(world.emissions).toEqual([]);
  });

  test("are checked before the body is read", async () => {
    const { port } = await open({ token: "abc" });
    const waiting = startHttp(port, "/event/hook", { headers: { "content-length": "10000000" } });
    expect((await waiting.answer).status).toBe(401);
    waiting.vanish();
  });

  test("are checked before type, encoding and size", async () => {
    const { post } = await open({ token: "abc", max_payload_size: 1 });
    const headers = { "content-type": "image/png", "content-encoding": "br" };
    expect((await post({ body: "xx", headers })).status).toBe(401);
  });

  test("a signature is of the body as sent, before it is inflated", async () => {
    const { post } = await open(signed);
    const packed = gzipSync(body);
    const right = createHmac("sha256", "k1").update(packed).digest("hex");
    const send = (signature: string) =>
      post({ body: packed, headers: { "content-encoding": "gzip", "x-hub-signature-256": `sha256=${signature}` } });
    expect((await send(right)).status).toBe(200);
    expect((await send(hmac("k1"))).status).toBe(401);
  });

  test.each([
    [null, [], false],
    ["beat-1", [], true],
    ["beat-1", ["beat-2", "beat-1"], true],
    ["beat-3", ["beat-2", "beat-1"], false],
  ])("client certificate %s of %j: %s", async (clientCertificate, subjects, granted) => {
    const world = collectorWorld({ id: "hook", commitAtOnce: true });
    const table = createMountTable();
    const options = webhook.options.parse({ auth: { client_certificate: { subjects } } });
    await webhook.create(options, { ...world.deps, http: table }).start();
    const request = {
      method: "POST",
      path: "/event/hook",
      headers: {},
      clientCertificate,
      get body(): never {
        throw new Error("read");
      },
    };
    // Nothing else is looked at before the credentials are known.
    const answer = table.find("/event/hook")!(request as unknown as Parameters<HttpHandler>[0]);
    if (granted) await expect(answer).rejects.toThrow("read");
    else expect(await answer).toMatchObject({ status: 401 });
  });

  test.each<[string, object, string]>([
    ["token and tokens", { token: "a", tokens: ["b"] }, "both token and tokens"],
    ["an unused token", { token: "a", auth: "none" }, "auth does not ask for one"],
    ["a header without token", { auth: { header: "x" } }, "none is given"],
    ["none beside others", { token: "a", auth: ["none", "token"] }, "none stands beside"],
    ["no secrets", { auth: { hmac: { header: "x", secrets: [] } } }, ""],
    ["no size", { max_payload_size: "big" }, "is no size"],
  ])("refused at load: %s", (_name, file, message) => {
    const parsed = webhook.options.safeParse(file);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(message);
  });
});

describe("context", () => {
  const seen: { contexts: Parameters<CollectorDeps["intake"]>[1][] } = { contexts: [] };
  const intake: CollectorDeps["intake"] = (_document, context) => {
    // While the request is there, as an intake does; the socket may be gone later.
    const { headers, query, remoteAddress } = context;
    seen.contexts.push({ ...context, headers: headers!, query: query!, remoteAddress: remoteAddress! });
    return { ok: true, value: [] };
  };
  const contextOf = async (message: HttpMessage, query = "", file: Record<string, unknown> = {}) => {
    seen.contexts = [];
    const { post, world } = await open(file, { intake });
    expect((await post({ body: "{}", ...message }, `/event/hook${query}`)).status).toBe(200);
    return { contexts: seen.contexts, world };
  };

  test("headers, query and address are there, secrets masked", async () => {
    const { contexts } = await contextOf(
      { headers: { "X-Event": "push", cookie: "c=1", authorization: "Bearer t", "x-key": "abc" } },
      "?token=t&env=prod",
      { token: "abc", auth: { header: "X-Key" } },
    );
    expect(contexts[0]).toMatchObject({ collector: "hook", method: "POST", remoteAddress: "127.0.0.1" });
    expect(contexts[0]!.headers).toMatchObject({
      "x-event": "push",
      cookie: "***",
      authorization: "***",
      "x-key": "***",
    });
    expect(contexts[0]!.query).toEqual({ token: "***", env: "prod" });
    expect(contexts[0]!.receivedMs).toBe(1_700_000_000_000);
  });

  test("an Idempotency-Key names the input; a batch gets a name per document", async () => {
    const headers = { "idempotency-key": "k-1" };
    const ids = async (body: string) => (await contextOf({ body, headers })).contexts.map(({ inputId }) => inputId);
    expect(await ids("{}")).toEqual(["k-1"]);
    expect(await ids("[{}]")).toEqual(["k-1"]);
    expect(await ids("[{},{},{}]")).toEqual(["k-1#0", "k-1#1", "k-1#2"]);
    expect(await ids('{"a":1}\n{"a":2}')).toEqual(["k-1#0", "k-1#1"]);
    expect((await contextOf({})).contexts[0]!.inputId).toBeUndefined();
  });

  test("each document of a batch sees the same headers", async () => {
    const { contexts } = await contextOf(
      { body: "[1,2]", headers: { "idempotency-key": "k", "x-event": "e" } },
      "?q=1",
    );
    for (const context of contexts) {
      expect(context.headers).toMatchObject({ "x-event": "e" });
      expect(context.query).toEqual({ q: "1" });
      expect(context.remoteAddress).toBe("127.0.0.1");
    }
  });

  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  test.each([
    [traceparent, traceparent],
    ["00-00000000000000000000000000000000-b7ad6b7169203331-01", null],
    ["rubbish", null],
  ])("traceparent %s", async (sent, kept) => {
    const { post, world } = await open();
    await post({ body: "{}", headers: { traceparent: sent } });
    expect(world.emissions[0]!.emission.traceparent).toBe(kept);
  });
});

describe("as Logstash sends", () => {
  const event = (n: number): string =>
    `{"@timestamp":"2026-11-21T09:00:0${n}.000Z","@version":"1","message":"line ${n}","host":{"name":"lab"}}`;
  const logstash = {
    "user-agent": "Manticore 0.9.1",
    connection: "Keep-Alive",
    "accept-encoding": "gzip,deflate",
    authorization: `Bearer ${TOKEN}`,
  };
  test.each([
    ["json", "application/json", event(1), 1],
    ["json_batch", "application/json", `[${[1, 2, 3].map(event).join(",")}]`, 3],
    ["message", "text/plain", "lab: line 1", 1],
    ["form", "application/x-www-form-urlencoded", "message=line+1&host=lab", 1],
  ])("format => %s, with and without http_compression", async (_format, type, body, count) => {
    const { post, world } = await open({ token: TOKEN });
    const headers = { ...logstash, "content-type": type };
    expect((await post({ body, headers })).text).toBe(`{"accepted":${count},"rejected":[]}`);
    const packed = await post({ body: gzipSync(body), headers: { ...headers, "content-encoding": "gzip" } });
    expect(packed.text).toBe(`{"accepted":${count},"rejected":[]}`);
    expect(world.committed).toHaveLength(2 * count);
  });
});

describe("any bytes", () => {
  test("get an answer", async () => {
    const { post } = await open({ max_payload_size: "64kb" });
    const piece = fc.oneof(
      fc.constantFrom(
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"',
        "\\",
        "\n",
        " ",
        "1",
        "-",
        "null",
        '{"a":1}',
        "},{",
        "\\u",
        "é",
      ),
      fc.json(),
    );
    const types = ["application/json", "application/x-ndjson", "text/plain", "application/x-www-form-urlencoded", ""];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(""))),
          fc.uint8Array(),
        ),
        fc.constantFrom(...types),
        fc.constantFrom("identity", "identity", "identity", "gzip", "deflate", "zstd"),
        async (body, type, encoding) => {
          const answer = await post({ body, headers: { "content-type": type, "content-encoding": encoding } });
          expect([200, 400]).toContain(answer.status);
        },
      ),
      { numRuns: 300 },
    );
  });
});
