import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink } from "../../test/kit/http-sink.ts";
import { director } from "./director.ts";

const login = { username: "squall", password: "p@ss/wörd" };
const host = { object_type: "object", object_name: "h1", imports: ["generic-host"] };
const create = (more: JsonObject = {}): JsonObject => ({ action_name: "create_host", action_payload: host, ...more });

describeExecutor(director, {
  options: (url) => ({ url: `${url}/icingaweb2/director`, ...login }),
  payload: () => create(),
  badPayloads: {
    "no action": { action_payload: host },
    "an action of another kind": create({ action_name: "delete_host" }),
    "no object": { action_name: "create_host" },
    "object as text": create({ action_payload: "h1" }),
    "live creation as text": create({ icinga2_live_creation: "yes" }),
    "an unknown key": create({ live_creation: true }),
  },
  http: {
    secrets: [login.password],
    answer: (status) => ({ status, body: status < 300 ? '{"object_name":"h1"}' : '{"error":"no comment"}' }),
  },
});

describe("request and answer", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());
  const made = (url = `${sink.url}/director/`) => createTestExecutor(director, { url, ...login });

  test.each<[string, JsonObject, string]>([
    ["a host", create(), "/director/host"],
    ["a host, live", create({ icinga2_live_creation: true }), "/director/host?live-creation=true"],
    ["a host, not live", create({ icinga2_live_creation: false }), "/director/host"],
    ["a host, live unsaid", create({ icinga2_live_creation: null }), "/director/host"],
    [
      "a service, live",
      create({ action_name: "create_service", icinga2_live_creation: true }),
      "/director/service?live-creation=true",
    ],
  ])("%s is Tornado's request", async (_, payload, path) => {
    sink.respond({ status: 201, body: '{"object_name":"h1","object_type":"object"}' });
    const { run, executor } = made();
    expect(await run(payload)).toEqual({ kind: "delivered" });
    expect(sink.requests.at(-1)).toMatchObject({
      method: "POST",
      path,
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from("squall:p@ss/wörd").toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(host),
    });
    await executor.close?.();
  });

  const exists = { kind: "delivered", note: "the object was there already" };
  test.each<[string, number, string, object]>([
    ["created", 201, '{"object_name":"h1"}', { kind: "delivered" }],
    ["changed", 200, '{"object_name":"h1"}', { kind: "delivered" }],
    ["unchanged", 304, "", exists],
    ["already there", 422, '{"error":"Trying to recreate icinga_host (\\"h1\\")"}', exists],
    ["already there, older versions", 500, '{"error":"Trying to recreate icinga_host (\\"h1\\")"}', exists],
    ["another 422", 422, '{"error":"invalid"}', { kind: "reject", reason: expect.stringMatching(/422 .*: invalid$/) }],
    ["another 500", 500, '{"error":"Unable to load"}', { kind: "retry" }],
    ["no such host", 404, '{"error":"Failed to load icinga_host \\"h9\\""}', { kind: "reject" }],
    ["the login page", 200, "<!DOCTYPE html><html>", { kind: "retry" }],
    ["without the permission", 403, '{"error":"No permission for director/api"}', { kind: "reject" }],
  ])("%s (%i)", async (_, status, body, expected) => {
    sink.respond({ status, body });
    const { run, executor } = made();
    expect(await run(create())).toMatchObject(expected);
    await executor.close?.();
  });
});

test.each<[JsonObject, string | null]>([
  [create(), "h1"],
  [{ action_name: "create_service", action_payload: { object_name: "disk", host: "h1" } }, "h1"],
  [{ action_name: "create_service", action_payload: { object_name: "disk" } }, null],
  [{ action_name: "create_host" }, null],
])("order key of %o is %j", (payload, expected) => {
  expect(director.defaultOrder!(payload)).toBe(expected);
});
