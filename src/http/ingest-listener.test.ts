import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { turns, until, watched } from "../../test/kit/event-loop.ts";
import { sendHttp, startHttp } from "../../test/kit/http-sender.ts";
import { AppError } from "../component/app-error.ts";
import type { HttpHandler, HttpRequest } from "../component/http-mount.ts";
import { silentLogger } from "../component/logger.ts";
import { createIngestListener, type IngestListener, type IngestListenerSettings } from "./ingest-listener.ts";

const opened: IngestListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of opened.splice(0)) await listener.close();
});

async function open(settings: Partial<IngestListenerSettings> = {}, errors: unknown[] = []) {
  const logger = { ...silentLogger, error: (fields: object) => void errors.push(fields) };
  const listener = createIngestListener({ host: "127.0.0.1", port: 0, maxConnections: 100, ...settings }, { logger });
  opened.push(listener);
  const { address, port } = await listener.listen();
  const mount = (path: string, handler: HttpHandler) => listener.mount.mount(path, handler);
  return { listener, address, port, mount };
}

const fine: HttpHandler = async () => ({ status: 200, body: "{}" });

/** Writes bytes and collects what comes back until the connection ends or `enough` says so. */
async function exchange(port: number, bytes: string, enough: (text: string) => boolean): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  let over = false;
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("close", () => (over = true));
  socket.on("error", () => (over = true));
  socket.write(bytes);
  await until(() => over || enough(text));
  return text;
}

describe("requests", () => {
  test("a handler sees method, path, query, headers, address and the raw body", async () => {
    const { port, mount } = await open();
    const seen: HttpRequest[] = [];
    const bodies: string[] = [];
    mount("/a/*", async (request) => {
      seen.push(request);
      const chunks: Buffer[] = [];
      for await (const chunk of request.body) chunks.push(chunk as Buffer); // no encoding is set, so these are buffers
      bodies.push(Buffer.concat(chunks).toString());
      expect(request.remoteAddress).toBe("127.0.0.1");
      return { status: 202, headers: { "x-more": "yes" }, body: "héllo" };
    });
    const headers = { "content-type": "what/ever; = broken", "X-Mixed": "Case" };
    const answer = await sendHttp(port, "/a/b%20c?x=1&x=2&y=%C3%A9", { method: "PUT", body: "raw {", headers });
    expect(answer).toMatchObject({ status: 202, text: "héllo" });
    expect(answer.headers).toMatchObject({
      "x-more": "yes",
      "content-type": "application/json",
      "content-length": "6",
    });
    const [request] = seen;
    expect(request).toMatchObject({ method: "PUT", path: "/a/b%20c" });
    expect(request!.query.getAll("x")).toEqual(["1", "2"]);
    expect(request!.query.get("y")).toBe("é");
    expect(request!.headers["x-mixed"]).toBe("Case");
    expect(request!.clientCertificate).toBeNull();
    expect(bodies).toEqual(["raw {"]);
  });

  test.each(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "QUERY", "TRACE"])(
    "%s reaches the handler",
    async (method) => {
      const { port, mount } = await open();
      mount("/m", async (request) => ({ status: 200, headers: { "x-method": request.method }, body: "{}" }));
      const answer = await sendHttp(port, "/m", { method });
      expect(answer).toMatchObject({ status: 200, text: method === "HEAD" ? "" : "{}" });
      expect(answer.headers["x-method"]).toBe(method);
    },
  );

  test("a proxy's absolute form finds the path", async () => {
    const { port, mount } = await open();
    mount("/p", fine);
    const head = `GET http://squall.example:80/p?x=1 HTTP/1.1\r\nhost: squall.example\r\nconnection: close\r\n\r\n`;
    expect(await exchange(port, head, () => false)).toContain("HTTP/1.1 200");
  });

  test.each(["/nothing", "/%zz", "/a//b", "/%2e%2e/x", "*"])("unknown path %s is a problem document", async (path) => {
    const { port } = await open();
    const answer = await sendHttp(port, path, { method: "OPTIONS" });
    expect(answer.status).toBe(404);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({ status: 404, code: "not_found" });
  });

  test("mounting and taking down work while it listens", async () => {
    const { port, mount } = await open();
    const down = mount("/late", fine);
    expect((await sendHttp(port, "/late")).status).toBe(200);
    down();
    expect((await sendHttp(port, "/late")).status).toBe(404);
  });

  test("a handler that throws is 500, logged, and says nothing of it", async () => {
    const errors: unknown[] = [];
    const { port, mount } = await open({}, errors);
    mount("/async", async () => Promise.reject(new Error("inner secret")));
    mount("/sync", () => {
      throw new Error("inner secret");
    });
    mount("/bad-header", async () => ({ status: 200, headers: { "x-bad": "a\nb" } }));
    for (const path of ["/async", "/sync", "/bad-header"]) {
      const answer = await sendHttp(port, path);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain("inner");
    }
    expect(errors).toHaveLength(3);
  });

  test("an answer before the body was read leaves the connection usable", async () => {
    const { port, mount } = await open();
    mount("/no", async () => ({ status: 401 }));
    const one = `POST /no HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n${"x".repeat(100_000)}`;
    const text = await exchange(port, one + one, (seen) => seen.split("HTTP/1.1 401").length === 3);
    expect(text.split("HTTP/1.1 401")).toHaveLength(3);
  });

  test("100-continue is sent when the body is looked at, and not before", async () => {
    const { port, mount } = await open();
    mount("/yes", async ({ body }) => {
      for await (const _ of body);
      return { status: 200 };
    });
    mount("/no", async () => ({ status: 401 }));
    const headers = { expect: "100-continue", "content-length": "2" };
    const refused = await startHttp(port, "/no", { headers }).answer;
    expect(refused.status).toBe(401);
    expect(refused.headers.connection).toBe("close");
    const head = `POST /yes HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n`;
    expect(await exchange(port, head, (text) => text.endsWith("\r\n\r\n"))).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });

  test("the signal is aborted when the client goes away, and only then", async () => {
    const { port, mount } = await open();
    const signals: AbortSignal[] = [];
    mount("/wait", async ({ signal }) => {
      signals.push(signal);
      await until(() => signal.aborted);
      return { status: 200 };
    });
    mount("/quick", async ({ signal }) => {
      signals.push(signal);
      return { status: 200 };
    });
    const sending = startHttp(port, "/wait", { body: "x" });
    await until(() => signals.length === 1);
    expect(signals[0]!.aborted).toBe(false);
    sending.vanish();
    await until(() => signals[0]!.aborted);
    await sendHttp(port, "/quick");
    await turns();
    expect(signals[1]!.aborted).toBe(false);
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "400"],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    ["huge head", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, "431"],
  ])("%s is refused and the connection closed", async (_name, bytes, status) => {
    const { port } = await open();
    const text = await exchange(port, bytes, () => false);
    expect(text).toContain(`HTTP/1.1 ${status}`);
    expect(text).toContain("application/problem+json");
  });
});

describe("listening", () => {
  test("port 0 takes a free one", async () => {
    const { address, port } = await open();
    expect(address).toBe("127.0.0.1");
    expect(port).toBeGreaterThan(0);
  });

  test("a taken port is an error that names the address", async () => {
    const { port } = await open();
    const second = createIngestListener({ host: "127.0.0.1", port, maxConnections: 1 }, { logger: silentLogger });
    const error = await second.listen().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "port_taken", message: `ingest listener: 127.0.0.1:${port} is in use` });
  });

  test("a foreign address is a configuration error", async () => {
    const listener = createIngestListener({ host: "192.0.2.1", port: 0, maxConnections: 1 }, { logger: silentLogger });
    await expect(listener.listen()).rejects.toMatchObject({ code: "configuration" });
  });

  test("more connections than allowed are closed as they come", async () => {
    const { port, mount } = await open({ maxConnections: 2 });
    mount("/a", fine);
    const head = "GET /a HTTP/1.1\r\nhost: x\r\n\r\n";
    const answered = (text: string) => text.includes("200");
    expect(await exchange(port, head, answered)).toContain("200");
    expect(await exchange(port, head, answered)).toContain("200");
    expect(await exchange(port, head, answered)).toBe("");
  });
});

describe("closing", () => {
  test("waits for what is in hand, takes no new connections, and ends idle ones", async () => {
    const { listener, port, mount } = await open();
    let release = (): void => undefined;
    let asked = 0;
    mount("/slow", async () => {
      asked++;
      await new Promise<void>((resolve) => (release = resolve));
      return { status: 200, body: "done" };
    });
    mount("/fine", fine);
    const idle = watched(exchange(port, "GET /fine HTTP/1.1\r\nhost: x\r\n\r\n", () => false));
    const slow = sendHttp(port, "/slow");
    await until(() => asked === 1);
    const kept = exchange(port, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n", () => false);
    const first = release;
    await until(() => asked === 2);
    const close = listener.close();
    const closed = watched(close);
    await turns();
    expect(closed.settled).toBe(false);
    await expect(sendHttp(port, "/fine")).rejects.toThrow("ECONNREFUSED");
    first();
    release();
    expect(await slow).toMatchObject({ status: 200, text: "done" });
    await close;
    await until(() => idle.settled);
    const text = await kept;
    expect(text).toContain("done");
    expect(text).toContain("connection: close");
  });

  test("one that never listened closes too", async () => {
    const listener = createIngestListener({ host: "127.0.0.1", port: 0, maxConnections: 1 }, { logger: silentLogger });
    await listener.close();
  });

  test("an open listener without requests closes at once, twice too", async () => {
    const { listener } = await open();
    await Promise.all([listener.close(), listener.close()]);
  });
});

describe("TLS", () => {
  const file = (name: string): string => readFileSync(`test/fixtures/${name}`, "utf8");
  const tls = {
    cert: file("tls/server.crt"),
    key: file("tls/server.key"),
    clientCa: file("tls-client/client-ca.crt"),
  };

  const ask = (port: number, client: { cert?: string; key?: string }): Promise<string> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ ca: file("tls/ca.crt"), checkServerIdentity: () => undefined, ...client });
      httpsRequest({ host: "127.0.0.1", port, path: "/who", agent }, (response) => {
        response.on("data", (chunk: Buffer) => {
          resolve(chunk.toString());
          agent.destroy();
        });
      })
        .on("error", reject)
        .end();
    });

  test("a verified client certificate shows its subject; without one there is none", async () => {
    const { port, mount } = await open({ tls });
    mount("/who", async ({ clientCertificate }) => ({ status: 200, body: JSON.stringify(clientCertificate) }));
    const own = { cert: file("tls-client/client.crt"), key: file("tls-client/client.key") };
    expect(await ask(port, own)).toBe('"beat-1"');
    expect(await ask(port, {})).toBe("null");
    // Not of this CA: the connection works, but proves nothing.
    expect(await ask(port, { cert: tls.cert, key: tls.key })).toBe("null");
  });
});
