import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printJson, type JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY, executorItem } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink } from "../../test/kit/http-sink.ts";
import { webhook } from "./webhook.ts";

describeExecutor(webhook, {
  options: (url) => ({
    url,
    basic: { username: "squall", password: "p@ss/w+rd" },
    secret_headers: { "X-Api-Key": "key of the header" },
  }),
  payload: () => ({ url: "/hook", body: { text: "x" } }),
  badPayloads: {
    "unknown method": { url: "/x", method: "BREW" },
    "url of another scheme": { url: "file:///etc/passwd" },
    "url with credentials": { url: "http://a:b@127.0.0.1/" },
    "credentials elsewhere": { url: "http://127.0.0.1:2/" },
    "unknown key": { url: "/x", boddy: 1 },
    "header with a line break": { headers: { "x-a": "b\r\nx-c: d" } },
    "header name with a space": { headers: { "x a": "b" } },
    "nested form": { headers: { "content-type": "application/x-www-form-urlencoded" }, body: { a: { b: 1 } } },
    "null in the query": { query: { a: null } },
  },
  http: { secrets: ["p@ss/w+rd", "key of the header"] },
});

describe("the request", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());

  const key = { "idempotency-key": EXAMPLE_KEY };
  const json = { "content-type": "application/json" };
  const rows: readonly (readonly [string, object, JsonObject, object])[] = [
    [
      "object as JSON",
      {},
      { body: { a: 1n << 60n } },
      { method: "POST", path: "/", body: '{"a":1152921504606846976}', headers: json },
    ],
    ["array as JSON", {}, { body: [1, null] }, { body: "[1,null]", headers: json }],
    [
      "text that is JSON",
      {},
      { body: '{"a":1}' },
      { body: '{"a":1}', headers: { "content-type": "application/json" } },
    ],
    [
      "text that begins like it",
      {},
      { body: "[a] b" },
      { body: "[a] b", headers: { "content-type": "text/plain; charset=utf-8" } },
    ],
    ["text", {}, { body: "hällo" }, { body: "hällo", headers: { "content-type": "text/plain; charset=utf-8" } }],
    [
      "text with a type",
      { headers: { "Content-Type": "application/xml" } },
      { body: "<a/>" },
      { body: "<a/>", headers: { "content-type": "application/xml" } },
    ],
    [
      "form",
      {},
      { headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: { a: "1 2&", b: [true, 2] } },
      { body: "a=1+2%26&b=true&b=2" },
    ],
    ["no body", {}, { method: "GET", url: "/a/b?c=d" }, { method: "GET", path: "/a/b?c=d", body: "" }],
    ["query", {}, { url: "/a?x=1", query: { y: "ä b", z: [1, "2"] } }, { path: "/a?x=1&y=%C3%A4+b&z=1&z=2" }],
    ["relative url", { url: "base/v1/" }, { url: "../v2" }, { path: "/base/v2" }],
    [
      "header of the payload wins",
      { headers: { "X-A": "1", "X-B": "1" } },
      { headers: { "x-a": 2 } },
      { headers: { "x-a": "2", "x-b": "1" } },
    ],
    ["bearer", { bearer: "token" }, {}, { headers: { authorization: "Bearer token", ...key } }],
  ];
  test.each(rows)("%s", async (_, options: { url?: string }, payload, expected) => {
    sink.respond({ status: 204 });
    const { run, executor } = createTestExecutor(webhook, { ...options, url: `${sink.url}/${options.url ?? ""}` });
    // With the committed text at hand the body is cut out of it, and is the same.
    for (const payloadText of [undefined, printJson(payload)]) {
      expect(await run(payload, { payloadText })).toEqual({ kind: "delivered" });
      expect(sink.requests.at(-1)).toMatchObject(expected);
    }
    await executor.close?.();
  });

  test("only the named statuses are a success", async () => {
    const { run, executor } = createTestExecutor(webhook, { url: sink.url, success: [200, 404] });
    for (const [status, kind] of [
      [200, "delivered"],
      [404, "delivered"],
      [202, "reject"],
    ] as const) {
      sink.respond({ status });
      expect(await run({})).toMatchObject({ kind });
    }
    await executor.close?.();
  });

  test("a redirect is not followed, and says where it led", async () => {
    sink.respond({ status: 307, headers: { location: `${sink.url}/elsewhere` } });
    const before = sink.requests.length;
    const { run, executor } = createTestExecutor(webhook, { url: sink.url });
    expect(await run({})).toMatchObject({ kind: "reject", reason: expect.stringContaining("/elsewhere") });
    expect(sink.requests.length).toBe(before + 1);
    await executor.close?.();
  });

  test.each([
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://0x7f.1:PORT/",
  ])("private_networks: deny refuses %s", async (address) => {
    const before = sink.requests.length;
    const { run, executor } = createTestExecutor(webhook, { private_networks: "deny" });
    const outcome = await run({ url: address.replace("PORT", new URL(sink.url).port) });
    expect(outcome).toMatchObject({ kind: "reject", reason: expect.stringContaining("private_networks is deny") });
    expect(sink.requests.length).toBe(before);
    await executor.close?.();
  });
});

test.each([
  ["basic and bearer", { basic: { username: "a", password: "b" }, bearer: "c" }],
  ["dynamic address with credentials and without url", { allow_dynamic_code: true, bearer: "c" }],
  ["url with credentials", { url: "https://a:b@example.com" }],
  ["url without scheme", { url: "example.com" }],
])("options refused: %s", (_, options) => {
  expect(webhook.options.safeParse(options).success).toBe(false);
});

test("a preview masks headers that hold credentials by their name", () => {
  const { executor } = createTestExecutor(webhook, { url: "https://example.com" });
  const headers = { Authorization: "Token abc", "X-Api-Key": "def", Cookie: "g=h", "X-Plain": "shown" };
  expect(executor.preview(executorItem({ headers })).headers).toMatchObject({
    authorization: "Token ***",
    "x-api-key": "***",
    cookie: "***",
    "x-plain": "shown",
  });
});

test.each([
  [{}, {}, "json"],
  [{ "X-Other": "text/html" }, {}, "json"],
  [{ "Content-Type": "application/json; charset=utf-8" }, {}, "json"],
  [{ "content-type": "application/problem+json" }, {}, "json"],
  [{ "content-type": "text/html" }, {}, "html"],
  [{ "content-type": "TEXT/HTML; charset=utf-8" }, {}, "html"],
  [{ "content-type": "text/plain" }, {}, "plain"],
  [{ "content-type": "${event.payload.type}" }, {}, "json"],
  [{}, { "Content-Type": "text/csv" }, "plain"],
  [{ "content-type": "application/json" }, { "content-type": "text/csv" }, "json"],
])("a mustache body with the headers %o over %o is %s", (headers, own, kind) => {
  expect(webhook.text!({ headers }, { headers: own })).toEqual({ body: kind });
});
