import { readFileSync } from "node:fs";
import { request } from "node:https";
import { expect, test } from "vitest";
import { sendHttp } from "../../test/kit/http-sender.ts";
import { freePort } from "../../test/kit/squall-process.ts";
import type { HttpHandler } from "../component/http-mount.ts";
import { silentLogger } from "../component/logger.ts";
import { createOpenHttp } from "./open-http.ts";

const open = createOpenHttp({ logger: silentLogger, maxConnections: 10 });
const handler: HttpHandler = async ({ method, path }) => ({ status: 200, body: `${method} ${path}` });
const settings = { name: "collector es", host: "127.0.0.1", port: 0, tls: null };

test("every path goes to the handler, and closing frees the port", async () => {
  const listener = await open({ ...settings, port: await freePort() }, handler);
  for (const path of ["/", "/a", "/a/b%2Fc"])
    expect((await sendHttp(listener.port, path, { method: "GET" })).text).toBe(`GET ${path}`);
  const { port } = listener;
  await expect(open({ ...settings, port }, handler)).rejects.toMatchObject({
    code: "port_taken",
    message: `collector es: 127.0.0.1:${port} is in use`,
  });
  await listener.close();
  const again = await open({ ...settings, port }, handler);
  expect(again.port).toBe(port);
  await again.close();
});

test("TLS by files; a file that is not there is a mistake of the configuration", async () => {
  const folder = "test/fixtures/tls/";
  const tls = { certFile: `${folder}server.crt`, keyFile: `${folder}server.key`, clientCaFile: null };
  const listener = await open({ ...settings, tls }, handler);
  const ca = readFileSync(`${folder}ca.crt`);
  const status = await new Promise((resolve, reject) =>
    request({ host: "127.0.0.1", port: listener.port, path: "/x", ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end(),
  );
  expect(status).toBe(200);
  await listener.close();
  await expect(open({ ...settings, tls: { ...tls, keyFile: "none.key" } }, handler)).rejects.toMatchObject({
    code: "configuration",
  });
});
