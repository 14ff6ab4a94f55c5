import { z } from "zod";
import { describe, expect, test } from "vitest";
import { recorder, running } from "../../test/kit/engine-fixtures.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { delivery } from "../../test/kit/store-fixtures.ts";
import { silentLogger } from "../component/logger.ts";
import { Secret } from "../component/secret.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import { delivered, reject, retry, type Outcome } from "../core/delivery/outcome.ts";
import { createAttempt, type Attempted, type RunningExecutor } from "./attempt.ts";

const of = (fields: Partial<Delivery> = {}): Delivery => ({
  ...delivery("e1"),
  id: 1,
  committedMs: 0,
  attempts: 3,
  giveUp: null,
  ...fields,
});

function start(executor: RunningExecutor, deliveries: readonly Delivery[] = [of()]) {
  const clock = manualClock();
  const lines: { fields: object; message: string }[] = [];
  const write = (fields: object, message: string) => void lines.push({ fields, message });
  const logger = { ...silentLogger, info: write, error: write };
  const abort = new AbortController();
  let ended: Attempted | undefined;
  const attempt = createAttempt({ clock, logger });
  const done = new Promise<Attempted>((resolve) =>
    attempt(executor, deliveries, abort, (result) => resolve((ended = result))),
  );
  return { clock, lines, abort, done, ended: () => ended };
}
const outcomesOf = async (executor: RunningExecutor, ...deliveries: readonly Delivery[]): Promise<readonly Outcome[]> =>
  (await start(executor, deliveries.length > 0 ? deliveries : undefined).done).outcomes;

test("the executor sees the delivery as it was committed", async () => {
  const { items, execute } = recorder();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await outcomesOf(running("a", { execute }), of({ payload: '{"big":9007199254740993}', traceparent }));
  expect(items).toEqual([
    {
      payload: { big: 9007199254740993n },
      payloadText: '{"big":9007199254740993}',
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
      rulePath: "root.main.rules.one",
      eventId: "e1",
      eventMs: 1_700_000_000_000,
      attempts: 3,
      traceparent,
      hops: 0,
    },
  ]);
});

describe("secrets", () => {
  const secrets = { team_key: new Secret("s3cret") };
  const payloadSent = async (payload: string) => {
    const { items, execute } = recorder();
    await outcomesOf(running("a", { execute }, { secrets }), of({ payload }));
    return items[0]!.payload;
  };
  test.each([
    ['{"key":{"secret":"team_key"},"list":[{"secret":"team_key"}]}', { key: "s3cret", list: ["s3cret"] }],
    ['{"key":{"secret":"unknown"}}', { key: { secret: "unknown" } }],
    ['{"key":{"secret":"toString"}}', { key: { secret: "toString" } }],
    ['{"key":{"secret":"team_key","more":1}}', { key: { secret: "team_key", more: 1 } }],
    ['{"key":{"secret":["team_key"]}}', { key: { secret: ["team_key"] } }],
  ])("of %s are put in where they are referred to", async (payload, sent) =>
    expect(await payloadSent(payload)).toEqual(sent),
  );
  test("the text that was committed, which has references in it, is not given with them", async () => {
    const { items, execute } = recorder();
    await outcomesOf(running("a", { execute }, { secrets }), of({ payload: '{"key":{"secret":"team_key"}}' }));
    expect(items[0]!.payloadText).toBeUndefined();
  });
});

describe("a payload that the type does not take is rejected and not sent", () => {
  const payload = z.strictObject({ n: z.number() });
  test.each([
    ['{"n":"text"}', "payload.n: invalid input: expected number, received string"],
    ["[]", "payload: expected an object"],
    ["{", expect.stringMatching(/^payload: not valid JSON/)],
  ])("%s", async (text, reason) => {
    const { items, execute } = recorder();
    const { outcomes, answers } = await start(running("a", { execute }, { type: { payload } }), [of({ payload: text })])
      .done;
    expect(outcomes).toEqual([{ kind: "reject", reason }]);
    expect(answers).toEqual([]);
    expect(items).toEqual([]);
  });
});

describe("dry run", () => {
  test.each([
    ["of the executor", { dispatch: { dryRun: true } }, of()],
    ["of the action", {}, of({ settings: { dryRun: true } })],
  ])("%s logs the request and calls it delivered", async (_, options, one) => {
    const { items, execute } = recorder();
    const { done, lines } = start(running("a", { execute, preview: () => ({ url: "http://x" }) }, options), [one]);
    expect((await done).outcomes).toEqual([delivered("dry run")]);
    expect(items).toEqual([]);
    expect(lines).toMatchObject([{ fields: { event_id: "e1", request: { url: "http://x" } } }]);
  });
  test("an action may send although its executor runs dry", async () => {
    const { items, execute } = recorder();
    const dry = running("a", { execute }, { dispatch: { dryRun: true } });
    await outcomesOf(dry, of({ settings: { dryRun: false } }));
    expect(items).toHaveLength(1);
  });
});

test("a thrown error is a bug: retry, and its text goes no further than the log", async () => {
  const executor = running("a", {
    execute: async () => {
      throw new Error("password is hunter2");
    },
  });
  const { done, lines } = start(executor);
  expect((await done).outcomes).toEqual([retry("internal error of the executor; the log has the details")]);
  expect(lines).toMatchObject([{ message: "an executor threw", fields: { err: new Error("password is hunter2") } }]);
});

describe("time limit", () => {
  test("aborts, and takes the outcome that the executor ends with", async () => {
    const executor = running("a", {
      execute: (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(retry("aborted by the limit")))),
    });
    const { clock, ended } = start(executor);
    await clock.advance(9_999);
    expect(ended()).toBeUndefined();
    await clock.advance(1);
    expect(ended()!.outcomes).toEqual([retry("aborted by the limit")]);
    expect(clock.pending).toBe(0);
  });
  test("does not wait for an executor that does not heed it", async () => {
    const { clock, ended } = start(running("a", { execute: () => Promise.withResolvers<Outcome>().promise }));
    await clock.advance(10_999);
    expect(ended()).toBeUndefined();
    await clock.advance(1);
    expect(ended()!.outcomes).toEqual([retry("no outcome within 10s, nor after the request was ended")]);
  });
  test("leaves no timer behind", async () => {
    const { clock, done } = start(running("a", recorder()));
    await done;
    expect(clock.pending).toBe(0);
  });
});

describe("batches", () => {
  const batch = [of({ eventId: "a" }), of({ eventId: "b", payload: "[]" }), of({ eventId: "c" })];
  test("what cannot be sent keeps its place", async () => {
    const executor = running("a", {
      executeBatch: async (items) => items.map(({ eventId }) => reject(eventId)),
    });
    expect(await outcomesOf(executor, ...batch)).toMatchObject([
      { reason: "a" },
      { reason: "payload: expected an object" },
      { reason: "c" },
    ]);
  });
  test.each(["execute", "executeBatch"])("no outcome of %s is a bug: tried again", async (door) => {
    const executor = running("a", { [door]: async () => undefined });
    expect(await outcomesOf(executor)).toEqual([retry("the executor gave 0 outcomes for 1 deliveries")]);
  });
  test("too few outcomes are a bug: all are tried again", async () => {
    const executor = running("a", { executeBatch: async () => [delivered()] });
    expect(await outcomesOf(executor, ...batch)).toMatchObject([
      { kind: "retry" },
      { kind: "reject" },
      { kind: "retry" },
    ]);
  });
});
