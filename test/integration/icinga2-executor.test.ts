import { readFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Agent } from "undici";
import { icinga2 } from "../../src/executors/icinga2.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { createTestExecutor, executorItem, type TestExecutor } from "../kit/describe-executor.ts";
import { startService } from "../services/service.ts";

const service = await startService("icinga2");

describe.skipIf(service.missing)("icinga2 executor against Icinga 2", () => {
  const { url = "", ca = "", user = "", password = "", admin = "" } = service.info;
  const made: TestExecutor[] = [];
  const create = (options: object = {}): TestExecutor => {
    const executor = createTestExecutor(icinga2, { url, username: user, password, ca_file: ca, ...options });
    made.push(executor);
    return executor;
  };
  const agent = new Agent({ connect: ca === "" ? {} : { ca: readFileSync(ca) } });
  const states = async (): Promise<Record<string, number>> => {
    const answer = await agent.request({
      origin: url,
      path: "/v1/objects/services?attrs=state&attrs=__name",
      method: "GET",
      headers: { accept: "application/json", authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
    });
    const { results } = (await answer.body.json()) as { results: { name: string; attrs: { state: number } }[] };
    return Object.fromEntries(results.map(({ name, attrs }) => [name, attrs.state]));
  };
  const checkResult = (parameters: JsonObject): JsonObject => ({
    icinga2_action_name: "process-check-result",
    icinga2_action_payload: { plugin_output: "from a test", exit_status: 2, ...parameters },
  });
  const OK = { "h1!disk": 0, "h1!eventlog": 0, "h2!eventlog": 0 };

  beforeEach(async () => {
    for (let attempt = 0; attempt < 3; attempt++)
      await create().run(checkResult({ type: "Service", filter: "true", exit_status: 0 }));
    expect(await states()).toEqual(OK);
  });
  afterAll(async () => {
    for (const { executor } of made) await executor.close?.();
    await agent.close();
    await service.remove();
  });

  test.each([
    ["name", { service: "h1!eventlog" }],
    ["filter", { type: "Service", filter: 'host.name=="h1" && service.name=="eventlog"' }],
    [
      "filter with variables",
      { type: "Service", filter: "host.name==h && service.name==s", filter_vars: { h: "h1", s: "eventlog" } },
    ],
  ])("a check result arrives, addressed by %s", async (_, address) => {
    expect(await create().run(checkResult(address))).toEqual({ kind: "delivered" });
    expect(await states()).toEqual({ ...OK, "h1!eventlog": 2 });
  });

  test("Tornado's url works too", async () => {
    const { run } = create({ url: `${url}/v1/actions` });
    expect(await run(checkResult({ service: "h2!eventlog" }))).toEqual({ kind: "delivered" });
    expect(await states()).toEqual({ ...OK, "h2!eventlog": 2 });
  });

  test.each(['h1" || true || "', 'h1\\" || true || \\"', 'h1" /*', "h1\n|| true", "h1\\"])(
    "the hostile value %j, escaped as a literal, changes no object",
    async (value) => {
      const filter = `host.name==${JSON.stringify(value)} && service.name=="eventlog"`;
      const outcome = await create().run(checkResult({ type: "Service", filter }));
      expect(outcome).toMatchObject({ kind: "retry", giveUp: { code: "object_missing" } });
      expect(await states()).toEqual(OK);
    },
  );

  test.each([
    ["name", { service: "h3!eventlog" }],
    ["filter", { type: "Service", filter: 'host.name=="h3"' }],
  ])("an object that Icinga does not have, by %s, is tried again for missing_for", async (_, address) => {
    const { run } = create({ missing_for: "1m" });
    expect(await run(checkResult(address))).toMatchObject({
      kind: "retry",
      giveUp: { code: "object_missing", forMs: 60_000 },
    });
  });

  test.each([
    ["a wrong password", { password: "wrong" }, "401"],
    ["an authority that is not trusted", { ca_file: undefined }, "certificate"],
  ])("%s is unavailable", async (_, options, words) => {
    const outcome = await create(options).run(checkResult({ service: "h1!eventlog" }));
    expect(outcome).toMatchObject({ kind: "unavailable", reason: expect.stringContaining(words) });
    expect(await states()).toEqual(OK);
  });

  test("certificates are not looked at when told so", async () => {
    const { run } = create({ ca_file: undefined, disable_ssl_verification: true });
    expect(await run(checkResult({ service: "h1!eventlog" }))).toEqual({ kind: "delivered" });
  });

  test.each([
    [
      "a parameter is missing",
      { ...checkResult({}), icinga2_action_payload: { service: "h1!eventlog" } },
      "exit_status",
    ],
    ["a host cannot have that state", checkResult({ host: "h1", exit_status: 3 }), "exit_status"],
    ["there is no such action", { icinga2_action_name: "process-check-results" }, "does not exist"],
  ])("rejected: %s", async (_, payload, words) => {
    expect(await create().run(payload)).toMatchObject({ kind: "reject", reason: expect.stringContaining(words) });
  });

  test("a repeated acknowledgement is superseded", async () => {
    const [username, secret] = admin.split(":");
    const { run } = create({ username, password: secret });
    await run(checkResult({ service: "h1!eventlog" }));
    const acknowledge = {
      icinga2_action_name: "acknowledge-problem",
      icinga2_action_payload: { service: "h1!eventlog", author: "test", comment: "known" },
    };
    expect(await run(acknowledge)).toEqual({ kind: "delivered" });
    expect(await run(acknowledge)).toMatchObject({
      kind: "superseded",
      reason: expect.stringContaining("already acknowledged"),
    });
  });

  test("of several results for one object only the newest is stored", async () => {
    const { runBatch } = create({ coalesce: "newest", execution_time: "event" });
    const now = Date.now();
    const item = (exit_status: number, eventMs: number) =>
      executorItem(checkResult({ service: "h1!eventlog", exit_status }), { eventMs });
    const outcomes = await runBatch([item(1, now - 2000), item(2, now), item(3, now - 1000)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["superseded", "delivered", "superseded"]);
    expect(await states()).toEqual({ ...OK, "h1!eventlog": 2 });
  });

  test("a stopped Icinga is unavailable, and the same executor delivers when it is back", async () => {
    const { run } = create();
    expect(await run(checkResult({ service: "h1!eventlog" }))).toEqual({ kind: "delivered" });
    await service.stop();
    expect(await run(checkResult({ service: "h2!eventlog" }))).toMatchObject({ kind: "unavailable" });
    await service.start();
    expect(await run(checkResult({ service: "h2!eventlog" }))).toEqual({ kind: "delivered" });
    expect((await states())["h2!eventlog"]).toBe(2);
  });
});
