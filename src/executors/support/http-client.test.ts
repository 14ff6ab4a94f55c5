import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type AddressInfo, type LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { OutboundSettings } from "../../component/define-executor.ts";
import { httpSink, type HttpSink } from "../../../test/kit/http-sink.ts";
import { manualClock } from "../../../test/kit/manual-clock.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "./http-client.ts";
import type { HttpCall } from "./http-exchange.ts";

const pem = (name: string): string => readFileSync(`test/fixtures/tls/${name}`, "utf8");
const signal = new AbortController().signal;
const call = (origin: string): HttpCall => ({
  method: "POST",
  origin,
  path: "/x?y",
  headers: { "x-a": "b" },
  body: "hello",
});

const made: HttpClient[] = [];
function create(
  options: HttpClientOptions,
  outbound: Partial<OutboundSettings> = {},
  lookup?: LookupFunction,
): HttpClient {
  const deps = {
    clock: manualClock(),
    outbound: { timeoutMs: 10_000, concurrency: 4, ...outbound },
    redact: (text: string) => text,
  };
  const client = createHttpClient(options, lookup ? { ...deps, lookup } : deps);
  made.push(client);
  return client;
}
let plain: HttpSink;
let secure: HttpSink;
beforeAll(async () => {
  plain = await httpSink();
  secure = await httpSink({ tls: { key: pem("server.key"), cert: pem("server.crt") } });
});
afterEach(async () => {
  for (const client of made.splice(0)) await client.close();
});
afterAll(async () => {
  await plain.close();
  await secure.close();
});

describe("certificates", () => {
  const byName = (): string => secure.url.replace("127.0.0.1", "localhost");
  test.each([
    ["of an unknown authority", {}, {}, "unavailable"],
    ["of the executor's authority", { tls: { ca: pem("ca.crt") } }, {}, "answer"],
    ["of the outbound authority", {}, { ca: pem("ca.crt") }, "answer"],
    [
      "of another authority than the executor's",
      { tls: { ca: pem("server.crt") } },
      { ca: pem("ca.crt") },
      "unavailable",
    ],
    ["unverified", { tls: { verify: false } }, {}, "answer"],
  ] as const)("%s", async (_, options, outbound, expected) => {
    for (const url of [secure.url, byName()]) {
      const result = await create(options, outbound).send(call(url), signal);
      expect(result.ok ? "answer" : result.error.kind).toBe(expected);
    }
  });

  test.each(["ca", "certificate", "privateKey"])("a broken %s is an error of the configuration", (key) => {
    const tls = { certificate: pem("server.crt"), privateKey: pem("server.key"), [key]: "-----BEGIN NOTHING-----" };
    expect(() => create({ tls })).toThrow(/^the certificates cannot be used: /);
  });
});

describe("answers", () => {
  test("are cut at the limit, and the next request still works", async () => {
    plain.respond({ status: 200, body: "x".repeat(500_000) });
    const client = create({ maxAnswerBytes: 1000 });
    for (let i = 0; i < 3; i++) {
      const result = await client.send(call(plain.url), signal);
      expect(result).toMatchObject({ ok: true, value: { status: 200, truncated: true, text: "x".repeat(1000) } });
    }
  });

  test("hold status, headers and text", async () => {
    plain.respond({ status: 418, headers: { "x-b": "c" }, body: "täa" });
    expect(await create({}).send(call(plain.url), signal)).toEqual({
      ok: true,
      value: {
        target: plain.url,
        status: 418,
        headers: expect.objectContaining({ "x-b": "c" }),
        text: "täa",
        truncated: false,
      },
    });
    expect(plain.requests.at(-1)).toMatchObject({
      method: "POST",
      path: "/x?y",
      body: "hello",
      headers: { "x-a": "b" },
    });
  });

  test("that stop in the middle are tried again after the timeout", async () => {
    plain.respond("hang");
    const clock = manualClock();
    const client = createHttpClient(
      {},
      { clock, outbound: { timeoutMs: 1000, concurrency: 1 }, redact: (text) => text },
    );
    made.push(client);
    const before = plain.requests.length;
    // The second waits for the only connection, and its time runs too.
    const results = [client.send(call(plain.url), signal), client.send(call(plain.url), signal)];
    await plain.received(before + 1);
    await clock.advance(1000);
    for (const result of await Promise.all(results))
      expect(result).toMatchObject({ ok: false, error: { kind: "retry" } });
  });
});

describe("requests that are stopped", () => {
  const stopped = { ok: false, error: { kind: "retry", reason: expect.stringContaining("broken off") } };

  test("before they begin are not sent", async () => {
    const before = plain.requests.length;
    expect(await create({}).send(call(plain.url), AbortSignal.abort())).toMatchObject(stopped);
    expect(plain.requests).toHaveLength(before);
  });

  test("end at once, also one that waits for a connection and is then never sent; others go on", async () => {
    plain.respond("hang");
    const client = create({}, { concurrency: 1 });
    const before = plain.requests.length;
    const [first, second] = [new AbortController(), new AbortController()];
    const results = [client.send(call(plain.url), first.signal), client.send(call(plain.url), second.signal)];
    await plain.received(before + 1);
    second.abort();
    expect(await results[1]).toMatchObject(stopped);
    plain.respond({ status: 200 });
    const third = client.send({ ...call(plain.url), path: "/third" }, signal);
    first.abort();
    expect(await results[0]).toMatchObject(stopped);
    expect(await third).toMatchObject({ ok: true, value: { status: 200 } });
    expect(plain.requests.slice(before).map(({ path }) => path)).toEqual(["/x?y", "/third"]);
  });

  test("are all that the signal serves by then, and none that has ended", async () => {
    const client = create({}, { concurrency: 2 });
    const abort = new AbortController();
    const one = abort.signal;
    plain.respond({ status: 200 });
    expect(await client.send(call(plain.url), one)).toMatchObject({ ok: true });
    plain.respond("hang");
    const before = plain.requests.length;
    const results = [client.send(call(plain.url), one), client.send(call(plain.url), one)];
    await plain.received(before + 2);
    abort.abort();
    for (const result of await Promise.all(results)) expect(result).toMatchObject(stopped);
    expect(await client.send(call(plain.url), one)).toMatchObject(stopped);
  });
});

test("an interim answer is not the answer", async () => {
  const server = createServer((request, response) => {
    response.writeEarlyHints({ link: "</a>; rel=preload" });
    request.resume().on("end", () => response.writeHead(201, { "x-b": "c" }).end("made"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await create({}).send(call(origin), signal)).toMatchObject({
      ok: true,
      value: { status: 201, text: "made", headers: { "x-b": "c" } },
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe("private networks denied", () => {
  const rebinding = (...addresses: string[]): LookupFunction => {
    const next = (): string => (addresses.length > 1 ? addresses.shift()! : addresses[0]!);
    return (_, { all }, callback) =>
      all ? callback(null, [{ address: next(), family: 4 }]) : callback(null, next(), 4);
  };
  test("a name that turns private after it was public is not connected to", async () => {
    const before = plain.connections;
    // TEST-NET would be private too; 192.175.48.1 is a public address that answers nobody.
    const client = create({ privateNetworks: "deny" }, {}, rebinding("127.0.0.1", "192.175.48.1", "127.0.0.1"));
    const result = await client.send(call(plain.url.replace("127.0.0.1", "rebind.example")), signal);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "reject", reason: expect.stringContaining("private_networks") },
    });
    expect(plain.connections).toBe(before);
  });

  test("https too", async () => {
    const before = secure.connections;
    const client = create({ privateNetworks: "deny", tls: { verify: false } }, {}, rebinding("127.0.0.1"));
    for (const url of [secure.url, secure.url.replace("127.0.0.1", "rebind.example")])
      expect(await client.send(call(url), signal)).toMatchObject({ ok: false, error: { kind: "reject" } });
    expect(secure.connections).toBe(before);
  });

  test("a proxy is refused, since it resolves names itself", () => {
    expect(() => create({ privateNetworks: "deny" }, { proxy: "http://proxy:3128" })).toThrow(
      /private_networks: deny cannot/,
    );
  });
});

describe("through a proxy", () => {
  const seen: string[] = [];
  let answer: "connect" | number = "connect";
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
    response.writeHead(answer === "connect" ? 204 : answer).end();
  });
  const tunnels = new Set<Duplex>();
  proxy.on("connect", (request, client) => {
    seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
    tunnels.add(client);
    client.on("error", () => client.destroy());
    if (answer !== "connect") return void client.end(`HTTP/1.1 ${answer} no\r\n\r\n`);
    const target = connect(Number(request.url!.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    target.on("error", () => client.destroy());
  });
  beforeAll(() => new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve)));
  afterEach(() => void seen.splice(0));
  afterAll(
    () =>
      new Promise<void>((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      }),
  );
  const proxyUrl = (login = ""): string => `http://${login}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const login = `Basic ${Buffer.from("me:pw").toString("base64")}`;

  test("https is tunnelled, with the executor's certificates and the proxy's login", async () => {
    answer = "connect";
    secure.respond({ status: 200, body: "through" });
    const client = create({ tls: { ca: pem("ca.crt") } }, { proxy: proxyUrl("me:pw@") });
    expect(await client.send(call(secure.url), signal)).toMatchObject({ ok: true, value: { text: "through" } });
    expect(seen).toEqual([`CONNECT ${new URL(secure.url).host} ${login}`]);
    const untrusting = create({}, { proxy: proxyUrl() });
    expect(await untrusting.send(call(secure.url), signal)).toMatchObject({
      ok: false,
      error: { kind: "unavailable" },
    });
  });

  test("http is forwarded", async () => {
    answer = "connect";
    expect(await create({}, { proxy: proxyUrl() }).send(call("http://example.com"), signal)).toMatchObject({
      value: { status: 204 },
    });
    expect(seen).toEqual(["POST http://example.com/x?y -"]);
  });

  test.each([["127.0.0.1"], ["*"]])("no_proxy %s goes around it", async (entry) => {
    plain.respond({ status: 200 });
    const client = create({}, { proxy: proxyUrl(), noProxy: ["example.com", entry] });
    expect(await client.send(call(plain.url), signal)).toMatchObject({ ok: true, value: { status: 200 } });
    expect(seen).toEqual([]);
  });

  test.each([407, 502])("a proxy that answers %i to a tunnel is unavailable", async (status) => {
    answer = status;
    const result = await create({}, { proxy: proxyUrl() }).send(call(secure.url), signal);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "unavailable", reason: expect.stringContaining(String(status)) },
    });
  });

  test("a proxy that is away is unavailable", async () => {
    for (const url of ["http://example.com", secure.url])
      expect(await create({}, { proxy: "http://127.0.0.1:1" }).send(call(url), signal)).toMatchObject({
        ok: false,
        error: { kind: "unavailable" },
      });
  });
});
