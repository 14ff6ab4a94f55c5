import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, EXAMPLE_KEY } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkRequest } from "../../test/kit/http-sink.ts";
import { opsgenie } from "./opsgenie.ts";

const TAKEN = '{"result":"Request will be processed","took":0.302,"requestId":"43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}';

describeExecutor(opsgenie, {
  options: (url) => ({ url, api_key: "eb243592-faa2-4ba2-a551-1afdf565c889" }),
  payload: () => ({ alias: "h1/disk", message: "disk full" }),
  badPayloads: {
    "no message": { alias: "x" },
    "unknown action": { action: "delete", alias: "x" },
    "close of nothing": { action: "close" },
    "note without text": { action: "note", alias: "x" },
    "unknown priority": { message: "x", priority: "P0" },
    "responder without type": { message: "x", responders: [{ name: "ops" }] },
    "details that are no object": { message: "x", details: "a" },
  },
  http: {
    secrets: ["eb243592-faa2-4ba2-a551-1afdf565c889"],
    answer: (status) => ({ status, body: status === 202 ? TAKEN : '{"message":"Key format is not valid!","took":0}' }),
    statuses: { 202: "delivered", 422: "reject" },
  },
});

describe("requests", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
    sink.respond({ status: 202, body: TAKEN });
  });
  afterAll(() => sink.close());

  const send = async (payload: JsonObject, path = ""): Promise<SinkRequest & { readonly json: unknown }> => {
    const { run, executor } = createTestExecutor(opsgenie, { url: sink.url + path, api_key: "the-key" });
    expect(await run(payload)).toEqual({ kind: "delivered" });
    await executor.close?.();
    const request = sink.requests.at(-1)!;
    return { ...request, json: JSON.parse(request.body) };
  };

  test("every field of the documented request arrives as it was given", async () => {
    const alert = {
      message: "An example alert message",
      alias: "Life is too short for no alias",
      description: "Every alert needs a description",
      responders: [
        { id: "4513b7ea-3b91-438f-b7e4-e3e54af9147c", type: "team" },
        { username: "trinity@example.com", type: "user" },
      ],
      visibleTo: [{ name: "rocket_team", type: "team" }],
      actions: ["Restart", "AnExampleAction"],
      tags: ["OverwriteQuietHours", "Critical"],
      details: { key1: "value1", key2: "value2" },
      entity: "An example entity",
      priority: "P1",
      source: "a monitor",
    };
    const request = await send(alert);
    expect(request).toMatchObject({
      method: "POST",
      path: "/v2/alerts",
      headers: { authorization: "GenieKey the-key" },
    });
    expect(request.json).toEqual(alert);
  });

  test.each([
    ["close", "/v2/alerts/h1%2Fdisk%20%C3%A4/close?identifierType=alias"],
    ["acknowledge", "/v2/alerts/h1%2Fdisk%20%C3%A4/acknowledge?identifierType=alias"],
    ["note", "/v2/alerts/h1%2Fdisk%20%C3%A4/notes?identifierType=alias"],
  ])("%s asks %s, the alias in the path alone", async (action, path) => {
    const request = await send({ action, alias: "h1/disk ä", note: "n", user: "u" }, "/proxy/");
    expect(request.path).toBe(`/proxy${path}`);
    expect(request.json).toEqual({ source: "squall", note: "n", user: "u" });
  });

  test.each(["..", "."])("an alias of dots stays a segment: %s", async (alias) => {
    const { path } = await send({ action: "close", alias });
    expect(path).toBe(`/v2/alerts/${"%252E".repeat(alias.length)}/close?identifierType=alias`);
  });

  test.each([
    ["critical", "P1"],
    ["error", "P2"],
    ["warning", "P3"],
    ["notice", "P4"],
    ["info", "P5"],
    ["P2", "P2"],
  ])("priority %s is sent as %s", async (priority, expected) => {
    expect((await send({ message: "x", priority })).json).toMatchObject({ priority: expected });
  });

  test("an alert without alias has its delivery key; what is too long is cut, an alias the same in every request", async () => {
    expect((await send({ message: "x" })).json).toEqual({ source: "squall", message: "x", alias: EXAMPLE_KEY });
    const alias = "a".repeat(600);
    const { json } = await send({ message: "m".repeat(200), description: "d".repeat(20_000), alias });
    const { path } = await send({ action: "close", alias });
    expect(json).toMatchObject({ message: `${"m".repeat(129)}…`, description: `${"d".repeat(14_999)}…` });
    const { alias: cut } = json as { alias: string };
    expect(cut).toHaveLength(512);
    expect(path).toBe(`/v2/alerts/${encodeURIComponent(cut)}/close?identifierType=alias`);
  });

  test("details are texts", async () => {
    const { json } = await send({ message: "x", details: { n: 7, big: 9007199254740993n, list: [1, "a"], text: "t" } });
    expect(json).toMatchObject({ details: { n: "7", big: "9007199254740993", list: '[1,"a"]', text: "t" } });
  });
});
