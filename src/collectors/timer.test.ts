import { describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollectorDeclaration } from "../../test/kit/describe-collector.ts";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { AppError } from "../component/app-error.ts";
import type { JsonObject } from "../core/json.ts";
import { ok } from "../core/result.ts";
import { timer } from "./timer.ts";

describeCollectorDeclaration(timer);

const MINUTE = 60_000;

async function start(options: Record<string, unknown>, from: string, world: CollectorWorldOptions = {}) {
  const intake: CollectorWorldOptions["intake"] = (document, { positionId, receivedMs, collector }) => {
    const payload = document as JsonObject;
    const event = { id: positionId!, type: collector, created_ms: receivedMs, payload, metadata: {}, trace_id: null };
    return ok([{ event, identity: "given" }]);
  };
  const made = collectorWorld({ id: "tick", commitAtOnce: true, intake, ...world });
  const clock = manualClock(Date.parse(from));
  const http = { mount: () => () => undefined };
  const collector = timer.create(timer.options.parse(options), { ...made.deps, clock, http });
  await collector.start();
  const times = (): readonly unknown[] => made.committed.map((payload) => (payload as { scheduled: string }).scheduled);
  return { ...made, clock, collector, times };
}

test("each instant is one event: its time as id and time, the payload as given", async () => {
  const { emissions, clock, collector } = await start(
    { schedule: "*/5 * * * *", payload: { site: "HQ" } },
    "2026-11-21T10:01:00Z",
  );
  await clock.advance(10 * MINUTE);
  await collector.stop();
  const first = Date.parse("2026-11-21T10:05:00Z");
  expect(emissions.map(({ emission }) => emission.arrivals[0]!.event)).toEqual(
    [first, first + 5 * MINUTE].map((ms) => ({
      id: String(ms),
      type: "tick",
      created_ms: ms,
      payload: { site: "HQ", scheduled: new Date(ms).toISOString() },
      metadata: {},
      trace_id: null,
    })),
  );
});

test("the schedule is of its time zone, over the change to summer time", async () => {
  const { times, clock, collector } = await start(
    { schedule: "0 8 * * mon-fri", timezone: "Europe/Rome" },
    "2026-03-26T12:00:00Z",
  );
  await clock.advance(5 * 24 * 60 * MINUTE);
  await collector.stop();
  // Friday is winter time, +01:00; Monday and Tuesday are summer time.
  expect(times()).toEqual(["2026-03-27T07:00:00.000Z", "2026-03-30T06:00:00.000Z", "2026-03-31T06:00:00.000Z"]);
});

test("an event that cannot be committed is tried again; instants meanwhile are left out", async () => {
  const world = await start({ schedule: "* * * * *" }, "2026-11-21T10:00:30Z", { commitAtOnce: false });
  await world.clock.advance(MINUTE / 2);
  world.emissions[0]!.fail(new AppError("store_full", "not now"));
  await world.clock.advance(2 * MINUTE);
  expect(world.emissions).toHaveLength(2);
  world.commitAll();
  await world.clock.advance(MINUTE);
  await world.collector.stop();
  expect(world.times()).toEqual(["2026-11-21T10:01:00.000Z", "2026-11-21T10:04:00.000Z"]);
});

test("stopping ends it, also while a commit fails", async () => {
  const world = await start({ schedule: "* * * * *" }, "2026-11-21T10:00:30Z", { commitAtOnce: false });
  await world.clock.advance(MINUTE / 2);
  const stopped = world.collector.stop();
  world.emissions[0]!.fail(new AppError("shutting_down", "stopping"));
  await stopped;
  await world.clock.advance(10 * MINUTE);
  expect(world.emissions).toHaveLength(1);
});

describe("options", () => {
  const why = (options: object): string | undefined => timer.options.safeParse(options).error?.issues[0]?.message;
  test.each([
    ["* * * * *", undefined],
    ["*/10 * * * * *", undefined],
    ["0 0 29 2 *", undefined],
    ["@daily", undefined],
    ["61 * * * *", '"61 * * * *" is no cron schedule: Invalid value for minute: 61'],
    ["0 0 31 2 *", '"0 0 31 2 *" never comes'],
    ["* * * *", expect.stringContaining('"* * * *" is no cron schedule: ')],
    ["", expect.stringContaining('"" is no cron schedule: ')],
  ])("schedule %j", (schedule, expected) => expect(why({ schedule })).toEqual(expected));
  test("time zone", () =>
    expect(why({ schedule: "* * * * *", timezone: "Europe/Rom" })).toBe(
      "no time zone; accepted: an IANA name, such as Europe/Rome",
    ));
  test("unknown", () => expect(why({ schedule: "* * * * *", cron: 1 })).toMatch(/cron/));
});
