import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OutboundSettings } from "../component/define-executor.ts";
import type { JsonObject } from "../core/json.ts";
import {
  createTestExecutor,
  describeExecutor,
  EXAMPLE_KEY,
  executorItem,
  type TestExecutor,
} from "../../test/kit/describe-executor.ts";
import { httpSink, type HttpSink, type SinkAnswer, type SinkRequest } from "../../test/kit/http-sink.ts";
import type { ManualClock } from "../../test/kit/manual-clock.ts";
import { splunkHec } from "./splunk-hec.ts";

const SUCCESS = '{"text":"Success","code":0}';
const TOKEN = "B5A79AAD-D822-46CC-80D1-819F80D7BFB0";

interface HecEvent extends JsonObject {
  readonly event: { readonly n: number };
}
/** Objects one after the other, each on a line here since the events of these tests hold no newline. */
const eventsOf = (request: SinkRequest): readonly HecEvent[] =>
  request.body.split("\n").map((line) => JSON.parse(line) as HecEvent);
const numbersOf = (request: SinkRequest): readonly number[] => eventsOf(request).map(({ event }) => event.n);

describeExecutor(splunkHec, {
  options: (url) => ({ url, token: TOKEN }),
  payload: () => ({ event: { n: 1 } }),
  badPayloads: {
    "neither event nor raw": { host: "h1" },
    "event and raw": { event: "a", raw: "b" },
    "blank event": { event: "" },
    "no event": { event: null },
    "time as a date": { event: "a", time: "2023-11-14T22:13:20Z" },
    "fields of raw text": { raw: "a", fields: { a: "b" } },
    "nested fields": { event: "a", fields: { a: { b: 1 } } },
    "a header of the executor's own": { event: "a", headers: { Authorization: "x" } },
    "unknown key": { event: "a", sourceType: "x" },
  },
  http: {
    secrets: [TOKEN],
    answer: (status) => ({ status, body: status < 300 ? SUCCESS : "no comment" }),
    keyIn: (request) => (eventsOf(request)[0]!["fields"] as JsonObject)["delivery_key"],
  },
});

describe("requests", () => {
  let sink: HttpSink;
  beforeAll(async () => {
    sink = await httpSink();
  });
  afterAll(() => sink.close());

  const create = (options: object = {}, id = "splunk_hec", outbound: Partial<OutboundSettings> = {}) =>
    createTestExecutor({ ...splunkHec, type: id }, { url: sink.url, token: TOKEN, ...options }, { outbound });
  const items = (count: number, more: (n: number) => JsonObject = () => ({})) =>
    Array.from({ length: count }, (_, n) =>
      executorItem({ event: { n }, ...more(n) }, { idempotencyKey: `key-${n}`, eventMs: 1_700_000_000_000 + n }),
    );
  const answering = (answer: (request: SinkRequest) => SinkAnswer): number => {
    sink.respond(answer);
    return sink.requests.length;
  };

  test("events go one after the other, with what the options and the payload say", async () => {
    const from = answering(() => ({ status: 200, body: SUCCESS }));
    const { runBatch, executor } = create({ index: "main", host: "squall-1", headers: { "X-Env": "a" } });
    const more: readonly JsonObject[] = [
      {},
      {
        host: "h1",
        source: "s",
        sourcetype: "st",
        index: "i",
        time: 1.5,
        fields: { severity: "high", list: ["a", 1] },
      },
      { event: "a text", time: "1437522387.25" },
    ];
    const delivered = { kind: "delivered" };
    expect(await runBatch(items(3, (n) => more[n]!))).toEqual([delivered, delivered, delivered]);
    expect(sink.requests.length).toBe(from + 1);
    const request = sink.requests[from]!;
    expect(request).toMatchObject({
      method: "POST",
      path: "/services/collector/event",
      headers: {
        authorization: `Splunk ${TOKEN}`,
        "content-type": "application/json",
        "x-splunk-request-channel": expect.stringMatching(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        "x-env": "a",
      },
    });
    expect(request.headers).not.toHaveProperty("idempotency-key");
    expect(eventsOf(request)).toEqual([
      { time: 1_700_000_000, host: "squall-1", index: "main", event: { n: 0 }, fields: { delivery_key: "key-0" } },
      {
        time: 1.5,
        host: "h1",
        source: "s",
        sourcetype: "st",
        index: "i",
        event: { n: 1 },
        fields: { severity: "high", list: ["a", 1], delivery_key: "key-1" },
      },
      { time: "1437522387.25", host: "squall-1", index: "main", event: "a text", fields: { delivery_key: "key-2" } },
    ]);
    await executor.close?.();
  });

  test("each raw text is a request of its own, with the metadata in the query", async () => {
    const from = answering(() => ({ status: 200, body: SUCCESS }));
    const { runBatch, executor } = create({ sourcetype: "syslog" });
    await runBatch([
      executorItem({ raw: "one\ntwo", host: "h 1", time: 7 }),
      executorItem({ raw: "three", index: "a&b" }),
    ]);
    const requests = sink.requests.slice(from).toSorted((a, b) => a.body.length - b.body.length);
    expect(requests).toMatchObject([
      { path: "/services/collector/raw?sourcetype=syslog&index=a%26b", body: "three" },
      {
        path: "/services/collector/raw?host=h+1&sourcetype=syslog&time=7",
        body: "one\ntwo",
        headers: { "content-type": "text/plain; charset=utf-8", "idempotency-key": EXAMPLE_KEY },
      },
    ]);
    await executor.close?.();
  });

  test.each([
    ["https://h:8088", "/services/collector/event"],
    ["https://h:8088/", "/services/collector/event"],
    ["https://h:8088/services/collector", "/services/collector/event"],
    ["https://h/splunk/services/collector/event/1.0", "/splunk/services/collector/event"],
  ])("the address %s leads to %s", (url, path) => {
    const { executor } = createTestExecutor(splunkHec, { url, token: TOKEN });
    expect(new URL(executor.preview(executorItem({ event: "x" })).url!).pathname).toBe(path);
  });

  test("the channel is the executor's own, or as configured; the key's field may be left out", () => {
    const previewOf = (options: object, id?: string) =>
      create(options, id).executor.preview(executorItem({ event: "x" }));
    const channel = (options: object, id?: string) => previewOf(options, id).headers!["x-splunk-request-channel"];
    expect(channel({})).toBe(channel({}));
    expect(channel({}, "other")).not.toBe(channel({}));
    const own = "fe0ecfad-13d5-401b-847d-77833bd77131";
    expect(channel({ channel: own })).toBe(own);
    expect(previewOf({ key_field: null }).body).not.toHaveProperty("fields");
    expect(previewOf({ key_field: "sq" }).body).toMatchObject({ fields: { sq: EXAMPLE_KEY } });
  });

  test.each([
    [true, "gzip"],
    [false, undefined],
  ])("gzip: %s sends content-encoding %s", async (gzip, encoding) => {
    answering(() => ({ status: 200, body: SUCCESS }));
    const { runBatch, executor } = create({ gzip });
    await runBatch(items(100));
    expect(sink.requests.at(-1)!.headers["content-encoding"]).toBe(encoding);
    expect(numbersOf(sink.requests.at(-1)!)).toHaveLength(100);
    await executor.close?.();
  });

  test("integers stay exact", async () => {
    answering(() => ({ status: 200, body: SUCCESS }));
    const { run, executor } = create();
    await run({ event: { big: 9007199254740993n } });
    expect(sink.requests.at(-1)!.body).toContain('{"big":9007199254740993}');
    await executor.close?.();
  });

  test("events with headers of their own go separately; a bad payload does not hold the others", async () => {
    const from = answering(() => ({ status: 200, body: SUCCESS }));
    const { runBatch, executor } = create({ headers: { "X-Env": "a" } });
    const more: readonly JsonObject[] = [{}, { headers: { "x-env": "b" } }, { event: "" }, {}];
    const outcomes = await runBatch(items(4, (n) => more[n]!));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["delivered", "delivered", "reject", "delivered"]);
    const sent = sink.requests.slice(from).map((request) => [request.headers["x-env"], numbersOf(request)]);
    expect(sent.toSorted()).toEqual([
      ["a", [0, 3]],
      ["b", [1]],
    ]);
    await executor.close?.();
  });

  test.each([
    [401, 2, "Token is required", "unavailable"],
    [401, 3, "Invalid authorization", "unavailable"],
    [403, 1, "Token disabled", "unavailable"],
    [403, 4, "Invalid token", "unavailable"],
    [400, 5, "No data", "reject"],
    [400, 6, "Invalid data format", "reject"],
    [400, 7, "Incorrect index", "reject"],
    [400, 10, "Data channel is missing", "unavailable"],
    [400, 11, "Invalid data channel", "unavailable"],
    [400, 12, "Event field is required", "reject"],
    [400, 13, "Event field cannot be blank", "reject"],
    [400, 14, "ACK is disabled", "unavailable"],
    [400, 15, "Error in handling indexed fields", "reject"],
    [400, 16, "Query string authorization is not enabled", "unavailable"],
    [500, 8, "Internal server error", "retry"],
    [503, 9, "Server is busy", "retry"],
    [503, 18, "HEC is unhealthy, queues are full", "retry"],
    [503, 23, "Server is shutting down", "retry"],
    [200, 9, "Server is busy", "retry"],
  ])("%i with code %i (%s) → %s", async (status, code, text, kind) => {
    answering(() => ({ status, body: JSON.stringify({ text, code }) }));
    const { run, executor } = create();
    const outcome = await run({ event: { n: 0 } });
    expect(outcome.kind).toBe(kind);
    if (kind !== "retry" || status === 200)
      expect(outcome).toHaveProperty("reason", expect.stringContaining(`${text} (code ${code})`));
    await executor.close?.();
  });

  describe.each([
    ["counted from 0", 0],
    ["counted from 1", 1],
  ])("invalid-event-number %s", (_, base) => {
    /** Takes what comes before the first bad event, as Splunk does, and names that one. */
    const splunk = (bad: readonly number[], taken: Set<number>) => (request: SinkRequest) => {
      const numbers = numbersOf(request);
      const at = numbers.findIndex((n) => bad.includes(n));
      for (const n of at < 0 ? numbers : numbers.slice(0, at)) taken.add(n);
      if (at < 0) return { status: 200, body: SUCCESS };
      const body = { text: "Incorrect index", code: 7, "invalid-event-number": at + base };
      return { status: 400, body: JSON.stringify(body) };
    };

    test.each([
      ["first", [0]],
      ["in the middle", [5]],
      ["last", [9]],
      ["two neighbours", [4, 5]],
      ["several", [1, 6, 8]],
      ["all", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ])("the good ones are taken: %s", async (_name, bad) => {
      const taken = new Set<number>();
      answering(splunk(bad, taken));
      const { runBatch, executor } = create();
      const outcomes = await runBatch(items(10));
      expect(outcomes.flatMap(({ kind }, n) => (kind === "reject" ? [n] : []))).toEqual(bad);
      expect(outcomes.filter(({ kind }) => kind === "delivered")).toHaveLength(10 - bad.length);
      expect([...taken].toSorted((a, b) => a - b)).toEqual([...Array(10).keys()].filter((n) => !bad.includes(n)));
      expect(outcomes[bad[0]!]).toMatchObject({ reason: expect.stringContaining("Incorrect index (code 7)") });
      await executor.close?.();
    });
  });

  test.each([
    [400, '{"text":"Invalid data format","code":6}'],
    [400, '{"text":"Invalid data format","code":6,"invalid-event-number":99}'],
    [413, "too large"],
  ])("%i %s: halved until the bad one stands alone", async (status, body) => {
    const from = answering((request) =>
      numbersOf(request).includes(5) ? { status, body } : { status: 200, body: SUCCESS },
    );
    const { runBatch, executor } = create();
    const kinds = (await runBatch(items(8))).map(({ kind }) => kind);
    expect(kinds.map((kind) => kind === "delivered")).toEqual([true, true, true, true, true, false, true, true]);
    expect(sink.requests.slice(from).map((request) => numbersOf(request).length)).toEqual([8, 4, 4, 2, 1, 1, 2]);
    await executor.close?.();
  });

  test("busy in the middle of a split: what was taken stays delivered, the rest is tried again", async () => {
    let asked = 0;
    answering(() => {
      asked++;
      if (asked === 1) return { status: 400, body: '{"text":"Incorrect index","code":7,"invalid-event-number":2}' };
      return asked === 2 ? { status: 200, body: SUCCESS } : { status: 503, body: '{"text":"Server is busy","code":9}' };
    });
    const { runBatch, executor } = create();
    const kinds = (await runBatch(items(4))).map(({ kind }) => kind);
    expect(kinds).toEqual(["delivered", "retry", "retry", "retry"]);
    await executor.close?.();
  });

  describe("acknowledgements", () => {
    const isAck = ({ path }: SinkRequest): boolean => path === "/services/collector/ack";
    const withAcks = (acks: readonly SinkAnswer[]) => {
      let asked = 0;
      return answering((request) =>
        isAck(request)
          ? (acks[Math.min(asked++, acks.length - 1)] ?? { status: 500 })
          : { status: 200, body: '{"text":"Success","code":0,"ackId":7}' },
      );
    };
    const not = { status: 200, body: '{"acks":{"7":false}}' };
    const done = { status: 200, body: '{"acks":{"7":true}}' };

    /** Lets time pass at the beginning of a pause: `begun(n)` resolves when the n-th has begun. */
    const pausesOf = (clock: ManualClock) => {
      const { after } = clock;
      let count = 0;
      const waiting = new Map<number, () => void>();
      const counting: ManualClock["after"] = (delayMs, run) => {
        const cancel = after(delayMs, run);
        if (delayMs === 1000) waiting.get(++count)?.();
        return cancel;
      };
      Object.assign(clock, { after: counting });
      return (n: number) =>
        count >= n ? Promise.resolve() : new Promise<void>((resolve) => void waiting.set(n, resolve));
    };
    const runThrough = async ({ run, clock }: TestExecutor, questions: number) => {
      const begun = pausesOf(clock);
      const outcome = run({ event: { n: 0 } });
      for (let asked = 1; asked <= questions; asked++) {
        await begun(asked);
        await clock.advance(1000);
      }
      return outcome;
    };

    test("delivered when the indexers have it", async () => {
      const from = withAcks([not, { status: 503, body: '{"text":"Server is busy","code":9}' }, done]);
      const executor = create({ acks: true });
      expect(await runThrough(executor, 3)).toEqual({ kind: "delivered" });
      const [event, ...asked] = sink.requests.slice(from);
      expect(asked).toHaveLength(3);
      for (const request of asked) {
        expect(request).toMatchObject({ method: "POST", path: "/services/collector/ack", body: '{"acks":[7]}' });
        expect(request.headers).toMatchObject({
          authorization: `Splunk ${TOKEN}`,
          "x-splunk-request-channel": event!.headers["x-splunk-request-channel"],
        });
      }
      await executor.executor.close?.();
    });

    test("tried again when they do not have it within the timeout", async () => {
      const from = withAcks([not]);
      const executor = create({ acks: true });
      expect(await runThrough(executor, 10)).toMatchObject({
        kind: "retry",
        reason: expect.stringContaining("did not acknowledge it within 10s"),
      });
      expect(sink.requests.length).toBe(from + 11);
      await executor.executor.close?.();
    });

    test("an interval longer than the timeout still asks", async () => {
      withAcks([done]);
      const executor = create({ acks: true, ack_interval: "1m" }, "splunk_hec", { timeoutMs: 2000 });
      expect(await runThrough(executor, 1)).toEqual({ kind: "delivered" });
      await executor.executor.close?.();
    });

    test.each([
      [400, 14, "ACK is disabled"],
      [401, 3, "Invalid authorization"],
    ])("unavailable when the question is refused: %i, code %i", async (status, code, text) => {
      withAcks([{ status, body: JSON.stringify({ text, code }) }]);
      const executor = create({ acks: true });
      expect(await runThrough(executor, 1)).toMatchObject({
        kind: "unavailable",
        reason: expect.stringContaining(text),
      });
      await executor.executor.close?.();
    });

    test("a token without acknowledgements is noted", async () => {
      answering(() => ({ status: 200, body: SUCCESS }));
      const { run, executor } = create({ acks: true });
      expect(await run({ event: { n: 0 } })).toEqual({
        kind: "delivered",
        note: expect.stringContaining("does not give an ackId"),
      });
      await executor.close?.();
    });

    test("abort ends the wait", async () => {
      withAcks([not]);
      const { run, executor, clock } = create({ acks: true });
      const begun = pausesOf(clock);
      const controller = new AbortController();
      const outcome = run({ event: { n: 0 } }, {}, controller.signal);
      await begun(1);
      controller.abort();
      expect(await outcome).toMatchObject({ kind: "retry", reason: expect.stringContaining("broken off") });
      expect(clock.pending).toBe(0);
      await executor.close?.();
    });
  });
});

test.each([
  ["no URL", { url: "splunk:8088", token: "x" }],
  ["channel that is no UUID", { url: "http://x", token: "x", channel: "a" }],
  ["header of the executor's own", { url: "http://x", token: "x", headers: { authorization: "x" } }],
  ["questions without a pause", { url: "http://x", token: "x", ack_interval: 0 }],
  ["field that Splunk would not index", { url: "http://x", token: "x", key_field: "a b" }],
])("options refused: %s", (_, options) => {
  expect(splunkHec.options.safeParse(options).success).toBe(false);
});
