import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpSink, type HttpSink } from "../../../test/kit/http-sink.ts";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { createHttpClient } from "./http-client.ts";
import { invalidHeader } from "./invalid-header.ts";

describe("headers that cannot be sent", () => {
  test.each([
    [{}, null],
    [{ "x-a": "", "X-B": "tab\t ~ \u0080ÿ", "!#$%&'*+-.^_`|~": "x" }, null],
    [{ connection: "Close", "content-length": "12" }, null],
    [{ "x-a": "b", "x-c": "d\r\nx-e: f" }, "x-c"],
    [{ "x-a": "\n" }, "x-a"],
    [{ "x-a": "\0" }, "x-a"],
    [{ "x-a": "\u007f" }, "x-a"],
    [{ "x-a": "\u010d\u010a" }, "x-a"],
    [{ "x-a": "😀" }, "x-a"],
    [{ "x a": "b" }, "x a"],
    [{ "x:a": "b" }, "x:a"],
    [{ "": "b" }, ""],
    [{ "Transfer-Encoding": "chunked" }, "Transfer-Encoding"],
    [{ "keep-alive": "5" }, "keep-alive"],
    [{ upgrade: "h2c" }, "upgrade"],
    [{ expect: "100-continue" }, "expect"],
    [{ connection: "x-a" }, "connection"],
    [{ "content-length": "x" }, "content-length"],
  ])("%j: %j", (headers, expected) => {
    expect(invalidHeader(headers)).toBe(expected);
  });
});

describe("a client", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());

  test("goes on after more of them than it has connections", async () => {
    const outbound = { timeoutMs: 10_000, concurrency: 2 };
    const client = createHttpClient({}, { clock: manualClock(), outbound, redact: (text) => text });
    const send = (value: string) => {
      const call = { method: "POST", origin: sink.url, path: "/", headers: { "x-a": value }, body: "b" } as const;
      return client.send(call, new AbortController().signal);
    };
    for (let i = 0; i < 3; i++)
      expect(await send("b\r\nc: d")).toEqual({
        ok: false,
        error: { kind: "reject", reason: "the request cannot be sent: invalid x-a header" },
      });
    expect(await send("b")).toMatchObject({ ok: true, value: { status: 200 } });
    expect(sink.requests).toHaveLength(1);
    await client.close();
  });
});
