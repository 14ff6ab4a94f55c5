import { describe, expect, test } from "vitest";
import { action, bench, emission, arrival, match, recorder, running } from "../../test/kit/engine-fixtures.ts";
import {
  createTestExecutor,
  describeExecutor,
  EXAMPLE_EVENT_MS,
  EXAMPLE_KEY,
} from "../../test/kit/describe-executor.ts";
import { sha256 } from "../../test/kit/engine-fixtures.ts";
import { AppError } from "../component/app-error.ts";
import type { Emission } from "../component/define-collector.ts";
import { silentLogger } from "../component/logger.ts";
import { noMetrics } from "../component/metrics.ts";
import type { JsonObject } from "../core/json.ts";
import type { Event } from "../core/event/event.ts";
import type { RuleMatch } from "../core/match/matcher.ts";
import { createIngest, type Ingest } from "../engine/ingest.ts";
import { event } from "./event.ts";

describeExecutor(event, {
  options: () => ({}),
  payload: () => ({ type: "host_degraded" }),
  badPayloads: {
    "no type": { payload: {} },
    "empty type": { type: "" },
    "payload is no object": { type: "a", payload: [1] },
    "time is no integer": { type: "a", created_ms: 1.5 },
    "unknown key": { type: "a", id: "mine" },
  },
});

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

function emitting() {
  const emissions: Emission[] = [];
  const emit = async (one: Emission): Promise<void> => void emissions.push(one);
  return { emissions, executor: createTestExecutor(event, { max_hops: 3 }, { emit }) };
}

test("the new event has the delivery key as id, and what the payload gives", async () => {
  const { emissions, executor } = emitting();
  const given = { type: "b", payload: { n: 1 }, metadata: { m: 2 }, created_ms: 7 };
  expect(await executor.run(given, { traceparent: TRACEPARENT })).toEqual({ kind: "delivered" });
  expect(emissions).toEqual([
    {
      arrivals: [
        {
          event: { id: EXAMPLE_KEY, ...given, trace_id: TRACE_ID },
          identity: "given",
          hops: 1,
        },
      ],
      rejected: [],
      source: "event",
      receivedMs: executor.clock.nowMs(),
      traceparent: TRACEPARENT,
    },
  ]);
});

test("without a time of its own it has that of the event that led to it, so that a repeat is the same event", async () => {
  const { emissions, executor } = emitting();
  await executor.run({ type: "b" });
  expect(emissions[0]!.arrivals[0]!.event).toEqual({
    id: EXAMPLE_KEY,
    type: "b",
    created_ms: EXAMPLE_EVENT_MS,
    payload: {},
    metadata: {},
    trace_id: null,
  });
});

test("the last event of a loop is a dead letter", async () => {
  const { emissions, executor } = emitting();
  expect(await executor.run({ type: "b" }, { hops: 2 })).toEqual({ kind: "delivered" });
  expect(await executor.run({ type: "b" }, { hops: 3 })).toEqual({
    kind: "reject",
    reason: "a loop: 3 events came from one another, and max_hops is 3",
  });
  expect(emissions.map(({ arrivals }) => arrivals[0]!.hops)).toEqual([3]);
});

describe("an event that the engine does not take", () => {
  const refusing = (error: Error) =>
    createTestExecutor(
      event,
      {},
      {
        emit: async () => {
          throw error;
        },
      },
    );
  test("comes again", async () => {
    const full = new AppError("store_full", "the store is full", { retryAfterMs: 500 });
    expect(await refusing(full).run({ type: "b" })).toEqual({
      kind: "retry",
      reason: "the store is full",
      retryAfterMs: 500,
    });
  });
  test("a bug is not taken for a refusal", () =>
    expect(refusing(new TypeError("bug")).run({ type: "b" })).rejects.toThrow("bug"));
});

describe("in the engine", () => {
  /** `a` asks for `b`, `b` for a delivery to the target; `loop` asks for itself. */
  const rules = ({ type, payload }: Event): readonly RuleMatch[] => {
    if (type === "a") return [match("root.r.a", [action("event", { payload: { type: "b", payload } })])];
    if (type === "b") return [match("root.r.b", [action("target", { payload })])];
    return [match("root.r.loop", [action("event", { payload: { type: "loop" } })])];
  };

  const of = (type: string, payload: JsonObject) => {
    const one = arrival("e1", { payload });
    return { ...one, event: { ...one.event, type } };
  };

  function engine() {
    const target = recorder();
    let ingest: Ingest | undefined;
    const { executor } = createTestExecutor(event, { max_hops: 4 }, { emit: (one) => ingest!.emitFor("event")(one) });
    const all = bench([running("target", target), running("event", { execute: executor.execute! })]);
    ingest = createIngest({
      ...all,
      generation: () => ({
        number: 1,
        matcher: { match: rules, trace: () => ({ trace: { type: "ruleset", name: "r", rules: [] }, matches: [] }) },
        orderOf: () => () => null,
      }),
      logger: silentLogger,
      metrics: noMetrics,
      sha256,
      commitTimeoutMs: 10_000,
      retentionMs: 86_400_000,
    });
    return { ...all, target, ingest };
  }

  test("a rule's event meets the rules again", async () => {
    const { ingest, clock, target } = engine();
    const one = of("a", { n: 1 });
    await ingest.emitFor("hook")(emission([one]));
    await clock.advance(0);
    await ingest.emitFor("hook")(emission([one]));
    await clock.advance(0);
    expect(target.items.map(({ payload, rulePath, hops }) => ({ payload, rulePath, hops }))).toEqual([
      { payload: { n: 1 }, rulePath: "root.r.b", hops: 1 },
    ]);
  });

  test("a loop ends", async () => {
    const { ingest, clock, contents } = engine();
    await ingest.emitFor("hook")(emission([of("loop", {})]));
    for (let n = 0; n < 20; n++) await clock.advance(0);
    expect([...contents.dead.values()].map(({ letter }) => letter.reason)).toEqual([
      "a loop: 4 events came from one another, and max_hops is 4",
    ]);
  });
});
