import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../core/json.ts";
import { createTestExecutor, describeExecutor, type TestExecutor } from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "../../test/kit/http-sink.ts";
import { addressedObject, smartMonitoringCheckResult } from "./smart-monitoring-check-result.ts";

const options = (url: string, more: object = {}) => ({
  icinga2: { url, username: "squall", password: "icinga/secret" },
  director: { url: `${url}/director`, username: "web", password: "director/secret" },
  ...more,
});
const payload = (more: JsonObject = {}): JsonObject => ({
  check_result: { exit_status: 2, plugin_output: "x" },
  host: { object_name: "h1", imports: ["generic-host"] },
  service: { object_name: "disk", imports: ["passive-service"] },
  ...more,
});
const result = (code: number, status: string): SinkAnswer => ({
  status: code,
  body: JSON.stringify({ results: [{ code, status }] }),
});
const processed = result(200, "Successfully processed check result.");
const missing: SinkAnswer = { status: 404, body: '{"error":404,"status":"No objects found."}' };
const recreated: SinkAnswer = { status: 422, body: '{"error":"Trying to recreate icinga_host (\\"h1\\")"}' };
const created: SinkAnswer = { status: 201, body: "{}" };

describeExecutor(smartMonitoringCheckResult, {
  options,
  payload: () => payload(),
  badPayloads: {
    "no check result": { host: { object_name: "h1" } },
    "check result as text": payload({ check_result: "ok" }),
    "no host": { check_result: {} },
    "host without a name": payload({ host: {} }),
    "host with a number for a name": payload({ host: { object_name: 5 } }),
    "service without a name": payload({ service: { imports: [] } }),
    "an unknown key": payload({ services: {} }),
  },
  http: {
    secrets: ["icinga/secret", "director/secret"],
    answer: (status) => (status < 300 ? { ...(processed as object), status } : { status, body: "<html>" }),
  },
});

/** Icinga and Director behind one address: which objects are there, and what was asked for, in order. */
function monitoring(sink: HttpSink, there: readonly string[] = []) {
  const objects = new Set(there);
  const asked: string[] = [];
  sink.respond((request: SinkRequest) => {
    const body = JSON.parse(request.body) as { service?: string; host?: string; object_name: string };
    if (request.path === "/v1/actions/process-check-result") {
      const name = body.service ?? body.host!;
      asked.push(`result ${name}`);
      return objects.has(name) ? processed : missing;
    }
    const isService = request.path === "/director/service?live-creation=true";
    if (!isService && request.path !== "/director/host?live-creation=true") return { status: 404, body: "" };
    const name = isService ? `${body.host}!${body.object_name}` : body.object_name;
    asked.push(`create ${name}`);
    if (objects.has(name)) return recreated;
    objects.add(name);
    return created;
  });
  return { objects, asked };
}

describe("the way of a check result", () => {
  let sink: HttpSink;
  const made: TestExecutor[] = [];
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterEach(async () => {
    for (const { executor } of made.splice(0)) await executor.close?.();
  });
  afterAll(() => sink.close());
  const create = (more: object = {}): TestExecutor => {
    const executor = createTestExecutor(smartMonitoringCheckResult, options(sink.url, more));
    made.push(executor);
    return executor;
  };
  const bodies = (from: number): unknown[] => sink.requests.slice(from).map(({ body }) => JSON.parse(body) as unknown);

  test("an object that is there gets its result, and nothing is created", async () => {
    const { asked } = monitoring(sink, ["h1!disk"]);
    expect(await create().run(payload())).toEqual({ kind: "delivered" });
    expect(asked).toEqual(["result h1!disk"]);
    expect(bodies(sink.requests.length - 1)).toEqual([
      {
        execution_start: 1_700_000_000.5,
        execution_end: 1_700_000_000.5,
        exit_status: 2,
        plugin_output: "x",
        type: "Service",
        service: "h1!disk",
      },
    ]);
  });

  test("a missing host and service are created as Tornado creates them, then the result is sent once more", async () => {
    const { asked } = monitoring(sink);
    const from = sink.requests.length;
    expect(await create().run(payload())).toEqual({ kind: "delivered" });
    expect(asked).toEqual(["result h1!disk", "create h1", "create h1!disk", "result h1!disk"]);
    const [first, host, service, last] = bodies(from);
    expect(host).toEqual({ object_name: "h1", imports: ["generic-host"], object_type: "Object" });
    expect(service).toEqual({ object_name: "disk", imports: ["passive-service"], object_type: "Object", host: "h1" });
    expect(last).toEqual(first);
    const [icinga, director] = sink.requests.slice(from).map(({ headers }) => headers["authorization"]);
    expect(icinga).toBe(`Basic ${Buffer.from("squall:icinga/secret").toString("base64")}`);
    expect(director).toBe(`Basic ${Buffer.from("web:director/secret").toString("base64")}`);
  });

  test("the result of a host", async () => {
    const { asked } = monitoring(sink);
    const { host, check_result } = payload();
    expect(await create().run({ host: host!, check_result: check_result! })).toEqual({ kind: "delivered" });
    expect(asked).toEqual(["result h1", "create h1", "result h1"]);
    expect(bodies(sink.requests.length - 1)[0]).toMatchObject({ type: "Host", host: "h1" });
  });

  test("a host that is there already is fine", async () => {
    const { asked } = monitoring(sink, ["h1"]);
    expect(await create().run(payload({ service: { object_name: "new" } }))).toEqual({ kind: "delivered" });
    expect(asked).toEqual(["result h1!new", "create h1", "create h1!new", "result h1!new"]);
  });

  test("times of the payload win, the object of the payload does not", async () => {
    monitoring(sink, ["h1!disk"]);
    await create().run(
      payload({ check_result: { execution_start: 1, execution_end: 2, service: "other", type: "Host" } }),
    );
    expect(bodies(sink.requests.length - 1)).toEqual([
      { execution_start: 1, execution_end: 2, service: "h1!disk", type: "Service" },
    ]);
  });

  test("many services of a new host create it once", async () => {
    const { asked } = monitoring(sink);
    const { run } = create();
    const services = Array.from({ length: 20 }, (_, n) => payload({ service: { object_name: `s${n}` } }));
    const outcomes = await Promise.all(services.map((service) => run(service)));
    expect(outcomes.every(({ kind }) => kind === "delivered")).toBe(true);
    expect(asked.filter((what) => what === "create h1")).toHaveLength(1);
    expect(asked.filter((what) => what.startsWith("create h1!"))).toHaveLength(20);
  });

  test("a created host is taken for granted for a minute", async () => {
    const { asked } = monitoring(sink);
    const { run, clock } = create();
    const hosts = (): number => asked.filter((what) => what === "create h1").length;
    await run(payload({ service: { object_name: "a" } }));
    await run(payload({ service: { object_name: "b" } }));
    expect(hosts()).toBe(1);
    await clock.advance(60_000);
    await run(payload({ service: { object_name: "c" } }));
    expect(hosts()).toBe(2);
  });

  test("a host taken for granted that is gone is created at the next attempt", async () => {
    const { asked, objects } = monitoring(sink);
    const { run } = create();
    await run(payload({ service: { object_name: "a" } }));
    const refuse = (request: SinkRequest): SinkAnswer =>
      request.path.startsWith("/director") ? { status: 404, body: '{"error":"no host h1"}' } : missing;
    sink.respond(refuse);
    expect(await run(payload({ service: { object_name: "b" } }))).toMatchObject({
      kind: "retry",
      reason: expect.stringContaining("no host h1"),
    });
    expect(objects.has("h1!b")).toBe(false);
    const fresh = monitoring(sink);
    expect(await run(payload({ service: { object_name: "b" } }))).toEqual({ kind: "delivered" });
    expect(fresh.asked).toContain("create h1");
    expect(asked).not.toContain("create h1!b");
  });

  test("an object that stays missing is tried again for missing_for", async () => {
    sink.respond(({ path }) => (path.startsWith("/director") ? created : missing));
    expect(await create({ missing_for: "2m" }).run(payload())).toMatchObject({
      kind: "retry",
      giveUp: { code: "object_missing", forMs: 120_000 },
    });
  });

  test("the last result's outcome is the outcome", async () => {
    let results = 0;
    sink.respond(({ path }) => {
      if (path.startsWith("/director")) return created;
      return results++ === 0 ? missing : result(409, "Newer check result already present.");
    });
    expect(await create().run(payload())).toMatchObject({ kind: "superseded" });
  });

  test("other answers of Icinga 2 create nothing", async () => {
    const before = sink.requests.length;
    sink.respond(result(403, "Passive checks are disabled."));
    expect(await create().run(payload())).toMatchObject({ kind: "reject" });
    expect(sink.requests).toHaveLength(before + 1);
  });

  /** Never `unavailable`: Icinga 2 answers, and other objects' results must go on. */
  test.each<[string, SinkAnswer, string]>([
    ["is refused the password", { status: 401, body: "" }, "retry"],
    ["fails", { status: 500, body: '{"error":"boom"}' }, "retry"],
    ["breaks the connection", "reset", "retry"],
    ["refuses the host", { status: 422, body: '{"error":"no such template"}' }, "reject"],
  ])("when the Director %s, the delivery says so", async (_, answer, kind) => {
    sink.respond(({ path }) => (path.startsWith("/director") ? answer : missing));
    const { run, logged } = create();
    const outcome = await run(payload());
    expect(outcome).toMatchObject({
      kind,
      reason: expect.stringContaining('the host "h1" is missing and was not created: '),
      ...(kind === "retry" ? { giveUp: { code: "director_failed" } } : {}),
    });
    expect(logged.join()).toContain("an object was not created");
    expect(logged.join()).not.toContain("director/secret");
  });

  test("a delivery that is broken off leaves the creation to the others", async () => {
    let answerHost: (answer: SinkAnswer) => void = () => undefined;
    const there = new Set<string>();
    sink.respond(({ path, body }) => {
      const { service, host, object_name } = JSON.parse(body) as Record<string, string>;
      if (path.startsWith("/v1")) return there.has(service!) ? processed : missing;
      if (path.startsWith("/director/service")) {
        there.add(`${host}!${object_name}`);
        return created;
      }
      return new Promise((resolve) => {
        answerHost = resolve;
      });
    });
    const { run } = create();
    const before = sink.requests.length;
    const stop = new AbortController();
    const first = run(payload({ service: { object_name: "a" } }), {}, stop.signal);
    const second = run(payload({ service: { object_name: "b" } }));
    await sink.received(before + 3);
    stop.abort();
    expect(await first).toMatchObject({ kind: "retry", reason: expect.stringContaining("broken off") });
    answerHost(created);
    expect(await second).toEqual({ kind: "delivered" });
  });
});

test.each<[JsonObject, string | null]>([
  [payload(), "h1!disk"],
  [payload({ service: null }), "h1"],
  [{ check_result: {} }, null],
])("order key of %o is %j", (given, expected) => {
  expect(addressedObject(given)).toBe(expected);
});
