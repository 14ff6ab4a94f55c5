import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { request } from "undici";
import { AppError } from "../component/app-error.ts";
import { Secret } from "../component/secret.ts";
import type { DeadFilter, DeliveryQuery, DeliveryRecord } from "../component/store.ts";
import { silentLogger } from "../component/logger.ts";
import { hashToken } from "./admin-access.ts";
import { type AdminListener, createAdminListener } from "./admin-listener.ts";
import type { AdminPorts } from "./admin-ports.ts";
import { type AdminClient, createAdminClient } from "./client.ts";
import { dropDeliveries, getDelivery, listDeliveries, retryDeliveries } from "./contract/deliveries.ts";
import { listExecutors } from "./contract/executors.ts";
import { getGeneration, postReload } from "./contract/generation.ts";
import { getHealthV1 } from "./contract/health.ts";
import { getOpenapi } from "./contract/openapi.ts";
import { storeBackup, storeCheck, storeCompact } from "./contract/store.ts";
import { ConfigurationErrors } from "./problem.ts";

const dead: DeliveryRecord = {
  id: 7,
  state: "dead",
  kind: "delivery",
  executor: "icinga2",
  rulePath: "root.windows.stopped",
  collector: "eventlog",
  eventId: "e1",
  key: "00ff",
  orderKey: null,
  committedMs: 1000,
  settledMs: 2000,
  dueMs: null,
  attempts: 3,
  code: "rejected",
  reason: "no such object",
  response: null,
  payload: "{}",
};

let asked: unknown[];
let ports: AdminPorts;
let listener: AdminListener;
let url: string;
let client: AdminClient;

beforeEach(async () => {
  asked = [];
  const generation = { number: 3, loaded_ms: 5, hash: "abc", restart_needed: [], last_error: null };
  ports = {
    health: () => ({ status: "ok", version: "0.1.0", started_ms: 1, reasons: [], generation }),
    metricsText: async () => "squall_up 1\n",
    generation: () => generation,
    reload: async () => ({ ...generation, number: 4 }),
    executors: async () => [],
    store: {
      async listDeliveries(query: DeliveryQuery) {
        asked.push(query);
        return { items: [dead], next: "7" };
      },
      getDelivery: async (id) => (id === 7 ? dead : null),
      async retryDead(filter: DeadFilter) {
        asked.push(filter);
        return 2;
      },
      async dropDead(filter: DeadFilter) {
        asked.push(filter);
        return 1;
      },
      backup: async () => undefined,
      check: async () => ["page 3 is torn"],
      compact: async () => ({ beforeBytes: 10, afterBytes: 5 }),
    },
    wake: () => asked.push("wake"),
    version: "0.1.0",
  };
  const access = { tokenHashes: [hashToken("t")], allowedHosts: ["localhost"] };
  listener = createAdminListener(
    { host: "127.0.0.1", port: 0, tls: null, access },
    { ports: { ...ports, health: () => ports.health(), reload: () => ports.reload() }, logger: silentLogger },
  );
  url = await listener.listen();
  client = createAdminClient({ url, token: new Secret("t") });
});

afterEach(async () => {
  await client.close();
  await listener.close();
});

const get = async (path: string, headers: Record<string, string> = {}) => {
  const { statusCode, headers: answered, body } = await request(`${url}${path}`, { headers });
  const text = await body.text();
  return { status: statusCode, headers: answered, text };
};
const withToken = { authorization: "Bearer t" };

test("every endpoint answers what its schema says, through the typed client", async () => {
  expect(await client.call(getHealthV1, {})).toMatchObject({ status: "ok" });
  expect(await client.call(getGeneration, {})).toMatchObject({ number: 3 });
  expect(await client.call(postReload, {})).toMatchObject({ number: 4 });
  expect(await client.call(listExecutors, {})).toEqual({ items: [] });
  expect(await client.call(getOpenapi, {})).toMatchObject({ openapi: "3.1.0" });
  expect(await client.call(getDelivery, { params: { id: 7 } })).toMatchObject({ id: 7, rule_path: dead.rulePath });
  expect(await client.call(storeCheck, {})).toEqual({ problems: ["page 3 is torn"] });
  expect(await client.call(storeCompact, {})).toEqual({ before_bytes: 10, after_bytes: 5 });
});

test("a list passes its filters on and leaves the absent ones out", async () => {
  const page = await client.call(listDeliveries, { query: { state: "dead", rule_path: "root.a", limit: 3 } });
  expect(page).toMatchObject({ next: "7", items: [{ id: 7, executor: "icinga2", attempts: 3 }] });
  expect(asked).toEqual([{ state: "dead", rulePath: "root.a", limit: 3 }]);
});

test("retry and drop take a filter, all of them only by name, and retry wakes the dispatcher", async () => {
  expect(await client.call(retryDeliveries, { body: { executor: "icinga2" } })).toEqual({ count: 2 });
  expect(await client.call(dropDeliveries, { body: { all: true } })).toEqual({ count: 1 });
  expect(asked).toEqual([{ executor: "icinga2" }, "wake", {}]);
  for (const body of [{}, { all: true as const, id: 7 }])
    await expect(client.call(dropDeliveries, { body })).rejects.toMatchObject({ code: "bad_request" });
  expect(asked).toHaveLength(3);
});

describe("problem documents", () => {
  const rows: [string, string, Record<string, string>, number, string][] = [
    ["no token", "/api/v1/generation", {}, 401, "unauthorized"],
    ["unknown path without a token", "/api/v1/nothing", {}, 401, "unauthorized"],
    ["unknown path", "/api/v1/nothing", withToken, 404, "not_found"],
    ["unknown delivery", "/api/v1/deliveries/8", withToken, 404, "not_found"],
    ["id that is no number", "/api/v1/deliveries/x", withToken, 400, "bad_request"],
    ["page too large", "/api/v1/deliveries?limit=201", withToken, 400, "bad_request"],
    ["unknown filter", "/api/v1/deliveries?rule=x", withToken, 400, "bad_request"],
    ["query where none is", "/api/v1/generation?x=1", withToken, 400, "bad_request"],
    ["foreign host", "/api/v1/generation", { ...withToken, host: "evil.example" }, 403, "forbidden"],
  ];
  test.each(rows)("%s", async (_name, path, headers, status, code) => {
    const answer = await get(path, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer.text)).toMatchObject({ type: `urn:squall:problem:${code}`, status, code });
    expect(JSON.parse(answer.text)).toHaveProperty("detail");
  });

  test("a failed reload carries its diagnostics to the client", async () => {
    const diagnostic = {
      severity: "error" as const,
      code: "unknown-key",
      file: "config/squall.yaml",
      line: 1,
      column: 1,
      path: ["ingst"],
      message: "unknown key",
    };
    ports = {
      ...ports,
      reload: async () => {
        throw new AppError("configuration", "1 error", { cause: new ConfigurationErrors([diagnostic]) });
      },
    };
    const error = await client.call(postReload, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "configuration", message: "1 error", cause: { diagnostics: [diagnostic] } });
  });

  test("a bug says nothing of its cause", async () => {
    ports = {
      ...ports,
      reload: async () => {
        throw new Error("password is hunter2");
      },
    };
    const { statusCode, body } = await request(`${url}${postReload.path}`, { method: "POST", headers: withToken });
    expect(statusCode).toBe(500);
    expect(await body.text()).not.toContain("hunter2");
  });

  test("a body that is no JSON", async () => {
    const { statusCode, body } = await request(`${url}${retryDeliveries.path}`, {
      method: "POST",
      headers: { ...withToken, "content-type": "application/json" },
      body: "{",
    });
    expect([statusCode, ((await body.json()) as { code: string }).code]).toEqual([400, "bad_request"]);
  });
});

test("without a token: probes, and on loopback health and metrics", async () => {
  expect(await get("/health/live")).toMatchObject({ status: 200, text: '{"status":"live"}' });
  expect(await get("/health/ready")).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  expect((await get("/health")).status).toBe(200);
  const metrics = await get("/metrics");
  expect(metrics).toMatchObject({ status: 200, text: "squall_up 1\n" });
  expect(metrics.headers["content-type"]).toMatch(/^text\/plain/);
});

test("not ready is 503", async () => {
  const healthy = ports.health();
  ports = { ...ports, health: () => ({ ...healthy, status: "not_ready" }) };
  expect(await get("/health/ready")).toMatchObject({ status: 503, text: '{"status":"not_ready"}' });
  expect((await get("/health")).status).toBe(503);
});

test("a backup needs an absolute path of a file that does not exist", async () => {
  await expect(client.call(storeBackup, { body: { file: "x.db" } })).rejects.toMatchObject({ code: "bad_request" });
  await expect(client.call(storeBackup, { body: { file: import.meta.filename } })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a taken port is told with its address", async () => {
  const second = createAdminListener(
    { host: "127.0.0.1", port: Number(new URL(url).port), tls: null, access: { tokenHashes: [], allowedHosts: [] } },
    { ports, logger: silentLogger },
  );
  await expect(second.listen()).rejects.toMatchObject({
    code: "port_taken",
    message: expect.stringContaining("in use"),
  });
  await second.close();
});
