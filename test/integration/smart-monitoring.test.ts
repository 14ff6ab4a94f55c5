import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Agent } from "undici";
import type { JsonObject } from "../../src/core/json.ts";
import { smartMonitoringCheckResult } from "../../src/executors/smart-monitoring-check-result.ts";
import { createTestExecutor, type TestExecutor } from "../kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "../kit/http-sink.ts";
import { startService } from "../services/service.ts";

const service = await startService("icinga2");

/** The Director is a stand-in that creates objects in the real Icinga 2, as live creation does. */
describe.skipIf(service.missing)("smart_monitoring_check_result against Icinga 2", () => {
  const { url = "", ca = "", user = "", password = "", admin = "" } = service.info;
  const agent = new Agent({ connect: ca === "" ? {} : { ca: readFileSync(ca) } });
  const made: TestExecutor[] = [];
  let director: HttpSink;

  const icinga = async (method: "GET" | "PUT" | "DELETE", path: string, body?: JsonObject) => {
    const answer = await agent.request({
      origin: url,
      path,
      method,
      headers: { accept: "application/json", authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const attributes = async (kind: "hosts" | "services", name: string): Promise<Record<string, unknown>> => {
    const { status, text } = await icinga("GET", `/v1/objects/${kind}/${encodeURIComponent(name)}`);
    if (status !== 200) return { missing: status };
    return (JSON.parse(text) as { results: { attrs: Record<string, unknown> }[] }).results[0]!.attrs;
  };
  const liveCreation = async ({ path, body }: SinkRequest): Promise<SinkAnswer> => {
    const { object_name, host, address } = JSON.parse(body) as Record<string, string>;
    const isService = path.startsWith("/director/service");
    const name = isService ? `${host}!${object_name}` : object_name!;
    const answer = await icinga("PUT", `/v1/objects/${isService ? "services" : "hosts"}/${encodeURIComponent(name)}`, {
      templates: [isService ? "passive-service" : "passive-host"],
      attrs: address === undefined ? {} : { address },
    });
    if (answer.status === 200) return { status: 201, body };
    if (/already exists/.test(answer.text))
      return { status: 422, body: `{"error":"Trying to recreate icinga_${isService ? "service" : "host"} (${name})"}` };
    return { status: 500, body: JSON.stringify({ error: answer.text }) };
  };
  const create = (options: object = {}): TestExecutor => {
    const executor = createTestExecutor(smartMonitoringCheckResult, {
      icinga2: { url, username: user, password, ca_file: ca },
      director: { url: `${director.url}/director`, username: "squall", password: "secret" },
      ...options,
    });
    made.push(executor);
    return executor;
  };
  const payload = (host: string, serviceName: string | null, more: JsonObject = {}): JsonObject => ({
    check_result: { exit_status: serviceName === null ? 1 : 2, plugin_output: "from a test", ...more },
    host: { object_name: host, address: "192.0.2.7", imports: ["passive-host"] },
    ...(serviceName === null ? {} : { service: { object_name: serviceName, imports: ["passive-service"] } }),
  });
  const asked = (from: number): string[] => director.requests.slice(from).map(({ path }) => path);

  beforeAll(async () => {
    director = await httpSink();
    director.respond(liveCreation);
  });
  afterAll(async () => {
    for (const { executor } of made) await executor.close?.();
    await director.close();
    await agent.close();
    await service.remove();
  });

  test("objects that are there get their result, the Director is not asked", async () => {
    expect(await create().run(payload("h1", "eventlog"))).toEqual({ kind: "delivered" });
    expect(await create().run(payload("h2", null))).toEqual({ kind: "delivered" });
    expect(director.requests).toEqual([]);
    expect(await attributes("services", "h1!eventlog")).toMatchObject({ state: 2 });
    expect(await attributes("hosts", "h2")).toMatchObject({ state: 1 });
  });

  test("a new host and its service are created and have the result", async () => {
    const from = director.requests.length;
    expect(await create().run(payload("new1", "disk"), { eventMs: Date.now() })).toEqual({ kind: "delivered" });
    expect(asked(from)).toEqual(["/director/host?live-creation=true", "/director/service?live-creation=true"]);
    expect(await attributes("hosts", "new1")).toMatchObject({ address: "192.0.2.7" });
    expect(await attributes("services", "new1!disk")).toMatchObject({
      state: 2,
      last_check_result: { output: "from a test" },
    });
  });

  test("a new host alone", async () => {
    expect(await create().run(payload("new2", null))).toEqual({ kind: "delivered" });
    expect(await attributes("hosts", "new2")).toMatchObject({ state: 1 });
  });

  test("twenty services of a new host at once: one host, twenty states", async () => {
    const from = director.requests.length;
    const { run } = create();
    const names = Array.from({ length: 20 }, (_, n) => `s${n}`);
    const outcomes = await Promise.all(names.map((name) => run(payload("new3", name))));
    expect(outcomes).toEqual(names.map(() => ({ kind: "delivered" })));
    expect(asked(from).filter((path) => path.startsWith("/director/host"))).toHaveLength(1);
    for (const name of names) expect(await attributes("services", `new3!${name}`)).toMatchObject({ state: 2 });
  });

  test("two executors create the same host: already there is fine", async () => {
    const executors = [create(), create()];
    const outcomes = await Promise.all(executors.map(({ run }, n) => run(payload("new4", `s${n}`))));
    expect(outcomes).toContainEqual({ kind: "delivered" });
    // At the very same instant Icinga itself may fail to define the object twice: the loser is tried again.
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.kind === "delivered") continue;
      expect(outcome.kind).toBe("retry");
      expect(await executors[n]!.run(payload("new4", `s${n}`))).toEqual({ kind: "delivered" });
    }
  });

  test("the event's time is the result's, and an older result is superseded", async () => {
    const { run } = create();
    const now = Date.now();
    expect(await run(payload("new5", "disk"), { eventMs: now })).toEqual({ kind: "delivered" });
    expect(await attributes("services", "new5!disk")).toMatchObject({
      last_check_result: { execution_end: expect.closeTo(now / 1000, 2) },
    });
    const outcome = await run(payload("new5", "disk", { exit_status: 0 }), { eventMs: now - 60_000 });
    // Newer versions answer 409; older ones take the result with 200 and drop it.
    expect(["superseded", "delivered"]).toContain(outcome.kind);
    expect(await attributes("services", "new5!disk")).toMatchObject({ state: 2 });
  });

  test("a Director that deploys later: tried again, and delivered when the object is there", async () => {
    const { run } = create({ missing_for: "5m" });
    director.respond({ status: 201, body: "{}" });
    expect(await run(payload("new6", "disk"))).toMatchObject({
      kind: "retry",
      giveUp: { code: "object_missing", forMs: 300_000 },
    });
    director.respond(liveCreation);
    await icinga("PUT", "/v1/objects/hosts/new6", { templates: ["passive-host"], attrs: {} });
    expect(await run(payload("new6", "disk"))).toEqual({ kind: "delivered" });
  });

  test("results of other objects go on while the Director is down", async () => {
    const { run } = create({ director: { url: "http://127.0.0.1:1/director", username: "u", password: "p" } });
    expect(await run(payload("new7", "disk"))).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("ECONNREFUSED"),
    });
    expect(await run(payload("h1", "eventlog"))).toEqual({ kind: "delivered" });
  });
});
