/**
 * What every executor type must do (actions.md; architecture.md, "A component is one file"). Each type runs it from its
 * own test file, against a recording HTTP sink when it speaks HTTP.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Emit } from "../../src/component/define-collector.ts";
import type { Executor, ExecutorItem, ExecutorType, OutboundSettings } from "../../src/component/define-executor.ts";
import type { Logger } from "../../src/component/logger.ts";
import { Secret } from "../../src/component/secret.ts";
import type { Outcome } from "../../src/core/delivery/outcome.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { suggest } from "../../src/core/suggest.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "./http-sink.ts";
import { manualClock, type ManualClock } from "./manual-clock.ts";

/** The delivery that examples are shown with. */
export const EXAMPLE_KEY = "9f86d081884c7d659a2feaa0c55ad015";
export const EXAMPLE_EVENT_MS = 1_700_000_000_500;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export const executorItem = (payload: JsonObject, more: Partial<ExecutorItem> = {}): ExecutorItem => ({
  payload,
  idempotencyKey: EXAMPLE_KEY,
  rulePath: "root.windows.services.service_stopped",
  eventId: "event-1",
  eventMs: EXAMPLE_EVENT_MS,
  attempts: 0,
  traceparent: null,
  hops: 0,
  ...more,
});

export interface TestExecutor {
  readonly executor: Executor;
  readonly clock: ManualClock;
  /** Log lines, as JSON. */
  readonly logged: string[];
  /** One delivery through `execute` or `executeBatch`. */
  run(payload: JsonObject, more?: Partial<ExecutorItem>, signal?: AbortSignal): Promise<Outcome>;
  runBatch(items: readonly ExecutorItem[]): Promise<readonly Outcome[]>;
}

/** An executor of the type, made as the application makes it: options through the schema, then `create`. */
export function createTestExecutor(
  type: ExecutorType,
  options: Readonly<Record<string, unknown>>,
  more: {
    readonly outbound?: Partial<OutboundSettings>;
    readonly secrets?: readonly Secret[];
    readonly emit?: Emit;
  } = {},
): TestExecutor {
  const clock = manualClock();
  const logged: string[] = [];
  const outbound = { timeoutMs: 10_000, concurrency: 16, ...more.outbound };
  const deps = {
    id: type.type,
    clock,
    logger: recordingLogger(logged),
    outbound,
    emit: more.emit ?? noSink,
    secrets: more.secrets ?? [],
  };
  const executor = type.create(type.options.parse(options), deps);
  const runBatch = async (items: readonly ExecutorItem[], signal: AbortSignal): Promise<readonly Outcome[]> => {
    if (executor.executeBatch) return executor.executeBatch(items, { signal });
    return Promise.all(items.map((item) => executor.execute!(item, { signal })));
  };
  return {
    executor,
    clock,
    logged,
    async run(payload, fields, signal = new AbortController().signal) {
      const item = executorItem(payload, fields);
      const outcomes = await runBatch([item], signal);
      expect(outcomes).toHaveLength(1);
      return outcomes[0]!;
    },
    runBatch: (items) => runBatch(items, new AbortController().signal),
  };
}

const noSink: Emit = () => Promise.resolve();

function recordingLogger(lines: string[]): Logger {
  const write = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }));
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return logger;
}

export interface ExecutorSuite {
  /** Valid options; an HTTP executor's target is the sink at `url`. */
  options(url: string): Readonly<Record<string, unknown>>;
  /** A valid payload. */
  readonly payload: (url: string) => JsonObject;
  /** Payloads that must be rejected. */
  readonly badPayloads: Readonly<Record<string, JsonObject>>;
  /** What differs for a type that speaks HTTP; absent: it does not. */
  readonly http?: {
    /** Secrets among the options above, as text. */
    readonly secrets: readonly string[];
    /** The target's answer; the default is a body that says nothing. */
    readonly answer?: (status: number, request: SinkRequest) => SinkAnswer;
    /** Over the general table of `http-outcome.ts`. */
    readonly statuses?: Readonly<Record<number, Outcome["kind"]>>;
    /** Where the target finds the delivery key; the default is the header `idempotency-key`. */
    readonly keyIn?: (request: SinkRequest) => unknown;
  };
}

const STATUSES: Readonly<Record<number, Outcome["kind"]>> = {
  200: "delivered",
  201: "delivered",
  302: "reject",
  400: "reject",
  401: "unavailable",
  403: "reject",
  404: "reject",
  405: "reject",
  407: "unavailable",
  408: "retry",
  409: "reject",
  410: "reject",
  413: "reject",
  422: "reject",
  425: "retry",
  429: "retry",
  500: "retry",
  502: "retry",
  503: "retry",
  504: "retry",
};

export function describeExecutor(type: ExecutorType, suite: ExecutorSuite): void {
  describe(`executor ${type.type}: declaration`, () => describeDeclaration(type, suite));
  if (suite.http) describe(`executor ${type.type}: HTTP`, () => describeHttp(type, suite, suite.http!));
}

function describeDeclaration(type: ExecutorType, suite: ExecutorSuite): void {
  test("has a summary, guarantees and an example", () => {
    expect(type.summary).toMatch(/^[A-Z].*\.$/);
    expect(type.guarantees).toMatch(/^[A-Z].*\.$/);
    expect(type.examples.length).toBeGreaterThan(0);
  });

  test.each([
    ["option", type.options],
    ["payload key", type.payload],
  ])("every %s is described", (_, schema) => {
    expect(undescribed(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), "")).toEqual([]);
  });

  test("unknown options are refused, and the right one can be suggested", () => {
    const keys = Object.keys(z.toJSONSchema(type.options, { io: "input", unrepresentable: "any" }).properties ?? {});
    for (const key of keys.filter((name) => name.length > 2)) {
      const misspelt = `${key.slice(0, -1)}${key.endsWith("x") ? "y" : "x"}`;
      const read = type.options.safeParse({ ...suite.options("http://127.0.0.1:1"), [misspelt]: 1 });
      expect(read.error?.issues.map(({ code }) => code)).toContain("unrecognized_keys");
      expect(suggest(misspelt, keys)).toBe(key);
    }
  });

  test.each(type.examples.map((example) => [example.title, example] as const))("example: %s", (_, example) => {
    expect(type.payload.safeParse(example.payload).error?.issues ?? []).toEqual([]);
    const { executor } = createTestExecutor(type, example.options);
    const preview = executor.preview(executorItem(example.payload));
    expect(preview).toEqual(example.request);
    expect(JSON.stringify(preview)).not.toContain("change-me");
  });

  test.each(Object.entries(suite.badPayloads))("bad payload is rejected: %s", async (_, payload) => {
    const { run, executor } = createTestExecutor(type, suite.options("http://127.0.0.1:1"));
    const outcome = await run(payload);
    expect(outcome).toMatchObject({ kind: "reject", reason: expect.stringMatching(/^[^A-Z]/) });
    expect(() => executor.preview(executorItem(payload))).not.toThrow();
  });
}

function describeHttp(type: ExecutorType, suite: ExecutorSuite, http: NonNullable<ExecutorSuite["http"]>): void {
  let sink: HttpSink;
  const made: Executor[] = [];
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterEach(async () => {
    for (const executor of made.splice(0)) await executor.close?.();
  });
  afterAll(() => sink.close());

  const answer = http.answer ?? ((status: number): SinkAnswer => ({ status, body: "no comment" }));
  const create = (more?: Parameters<typeof createTestExecutor>[2], url = sink.url): TestExecutor => {
    const executor = createTestExecutor(type, suite.options(url), more);
    made.push(executor.executor);
    return executor;
  };
  const respond = (status: number, headers: Readonly<Record<string, string>> = {}): void =>
    sink.respond((request) => {
      const given = answer(status, request);
      return typeof given === "string" ? given : { ...given, headers: { ...given.headers, ...headers } };
    });

  test.each(Object.entries({ ...STATUSES, ...http.statuses }))("%s → %s", async (status, kind) => {
    respond(Number(status));
    const outcome = await create().run(suite.payload(sink.url));
    expect(outcome).toMatchObject({ kind });
    if (kind !== "delivered" && kind !== "superseded")
      expect(outcome).toHaveProperty("reason", expect.stringContaining(status));
  });

  test.each([
    ["429", "7", 7000],
    ["503", "Tue, 14 Nov 2023 22:13:50 GMT", 30_000],
  ])("%s with Retry-After %s", async (status, value, retryAfterMs) => {
    respond(Number(status), { "retry-after": value });
    expect(await create().run(suite.payload(sink.url))).toMatchObject({ kind: "retry", retryAfterMs });
  });

  test("a refused connection is unavailable", async () => {
    const nobody = "http://127.0.0.1:1"; // a port that was closed a moment ago could be somebody else's by now
    const outcome = await create({}, nobody).run(suite.payload(nobody));
    expect(outcome).toMatchObject({ kind: "unavailable", reason: expect.stringContaining("ECONNREFUSED") });
  });

  test("a target that does not speak TLS is unavailable", async () => {
    const url = sink.url.replace("http:", "https:");
    expect(await create({}, url).run(suite.payload(url))).toMatchObject({ kind: "unavailable" });
  });

  test("a broken connection is tried again", async () => {
    sink.respond("reset");
    expect(await create().run(suite.payload(sink.url))).toMatchObject({ kind: "retry" });
  });

  test("no answer within the timeout is tried again", async () => {
    sink.respond("hang");
    const { run, clock } = create();
    const before = sink.requests.length;
    const outcome = run(suite.payload(sink.url));
    await sink.received(before + 1);
    await clock.advance(10_000);
    expect(await outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("10s") });
  });

  test("abort stops it, before and during the request", async () => {
    sink.respond("hang");
    const { run, clock } = create();
    const before = sink.requests.length;
    expect(await run(suite.payload(sink.url), {}, AbortSignal.abort())).toMatchObject({ kind: "retry" });
    expect(sink.requests).toHaveLength(before);
    const controller = new AbortController();
    const outcome = run(suite.payload(sink.url), {}, controller.signal);
    await sink.received(before + 1);
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "retry" });
    expect(clock.pending).toBe(0);
  });

  test("the sender's trace and the delivery key reach the target", async () => {
    respond(200);
    const { run } = create();
    await run(suite.payload(sink.url), { traceparent: TRACEPARENT });
    const request = sink.requests.at(-1)!;
    expect(request.headers["traceparent"]).toBe(TRACEPARENT);
    expect(http.keyIn?.(request) ?? request.headers["idempotency-key"]).toBe(EXAMPLE_KEY);
    await run(suite.payload(sink.url));
    expect(sink.requests.at(-1)!.headers).not.toHaveProperty("traceparent");
  });

  test("connections are kept and no more than the concurrency", async () => {
    respond(200);
    const { run } = create({ outbound: { concurrency: 2 } });
    const before = sink.connections;
    for (let round = 0; round < 3; round++) await Promise.all([1, 2, 3, 4].map(() => run(suite.payload(sink.url))));
    expect(sink.connections - before).toBe(2);
  });

  test.each([400, 401, 403, 429, 500])(
    "a secret that the target echoes with %s is masked and the answer cut",
    async (status) => {
      const secrets = [...http.secrets, "of-the-payload"];
      const echo = (request: SinkRequest): string =>
        secrets
          .flatMap((value) => [value, encodeURIComponent(value), Buffer.from(value).toString("base64")])
          .concat(JSON.stringify(request.headers), request.path, "x".repeat(5000))
          .join(" ");
      sink.respond((request) => ({ status, body: echo(request) }));
      const { run, logged, executor } = create({ secrets: [new Secret("of-the-payload")] });
      const outcome = await run(suite.payload(sink.url));
      const authorization = String(sink.requests.at(-1)!.headers["authorization"] ?? "");
      const shown = [outcome, executor.preview(executorItem(suite.payload(sink.url))), logged].map((value) =>
        JSON.stringify(value),
      );
      for (const value of [...secrets, authorization.split(" ")[1]])
        if (value !== undefined) for (const text of shown) expect(text).not.toContain(value);
      if ("response" in outcome) expect(Buffer.byteLength(outcome.response!)).toBeLessThanOrEqual(1024);
    },
  );
}

/** Paths of a JSON Schema without a description. */
function undescribed(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, ...rest } = schema as { properties?: Readonly<Record<string, object>> };
  const missing = Object.entries(properties ?? {}).flatMap(([key, value]) => [
    ...("description" in value ? [] : [`${path}${key}`]),
    ...undescribed(value, `${path}${key}.`),
  ]);
  const inner = Object.entries(rest).flatMap(([key, value]) =>
    key === "anyOf" || key === "oneOf" || key === "allOf"
      ? (value as readonly unknown[]).flatMap((branch) => undescribed(branch, path))
      : key === "items"
        ? undescribed(value, `${path}[].`)
        : [],
  );
  return [...missing, ...inner];
}
