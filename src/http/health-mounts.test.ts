import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { HttpHandler, HttpRequest } from "../component/http-mount.ts";
import { Secret } from "../component/secret.ts";
import { mountHealth, type HealthMountOptions } from "./health-mounts.ts";

const mounted = (options: Partial<HealthMountOptions>): Map<string, HttpHandler> => {
  const handlers = new Map<string, HttpHandler>();
  const mount = (path: string, handler: HttpHandler): (() => void) => {
    handlers.set(path, handler);
    return () => undefined;
  };
  mountHealth({ mount }, { ready: () => true, metrics: null, ...options });
  return handlers;
};

const ask = (handlers: Map<string, HttpHandler>, path: string, method = "GET", authorization?: string) => {
  const request: HttpRequest = {
    method,
    path,
    query: new URLSearchParams(),
    headers: { authorization },
    remoteAddress: "127.0.0.1",
    clientCertificate: null,
    body: Readable.from([]),
    signal: new AbortController().signal,
  };
  return handlers.get(path)!(request);
};

test("probes give the status and nothing else", async () => {
  let ready = true;
  const handlers = mounted({ ready: () => ready });
  expect([...handlers.keys()]).toEqual(["/health/live", "/health/ready"]);
  expect(await ask(handlers, "/health/live")).toEqual({ status: 200, body: '{"status":"live"}' });
  expect(await ask(handlers, "/health/ready")).toEqual({ status: 200, body: '{"status":"ready"}' });
  ready = false;
  expect(await ask(handlers, "/health/ready")).toEqual({ status: 503, body: '{"status":"not_ready"}' });
  expect(await ask(handlers, "/health/ready", "HEAD")).toEqual({ status: 503, body: "" });
  expect(await ask(handlers, "/health/live", "POST")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
});

test.each([
  [undefined, 401],
  ["Bearer wrong", 401],
  ["Basic c2NyYXBl", 401],
  ["Bearer scrape", 200],
])("metrics on the ingest listener with %s: %d", async (authorization, status) => {
  const handlers = mounted({ metrics: { token: new Secret("scrape"), text: async () => "squall_up 1\n" } });
  const reply = await ask(handlers, "/metrics", "GET", authorization);
  expect(reply.status).toBe(status);
  if (status === 200) expect(reply.body).toBe("squall_up 1\n");
  else expect(JSON.parse(reply.body!)).toMatchObject({ code: "unauthorized" });
});
