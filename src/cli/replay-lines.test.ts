import { describe, expect, test } from "vitest";
import type { Intake } from "../component/define-collector.ts";
import type { Event } from "../core/event/event.ts";
import type { Matcher } from "../core/match/matcher.ts";
import { err, ok } from "../core/result.ts";
import { replayLines, type ReplayOptions } from "./replay-lines.ts";

const seen: Event[] = [];
const matcher: Matcher = {
  match(event) {
    seen.push(event);
    if (event.type !== "hit") return [];
    return [
      {
        path: "root.r",
        status: "matched",
        extracted: { b: 1, a: 9007199254740993n },
        actions: [{ id: "icinga2", payload: { x: 1 }, settings: null, ordinal: 0, foreach: [] }],
        iteration: null,
      },
      { path: "root.s", status: "partially_matched", extracted: {}, actions: [], message: "x: missing", iteration: 2 },
    ];
  },
  trace: (event) => ({
    matches: matcher.match(event),
    trace: { type: "filter", name: "root", status: "matched", nodes: [] },
  }),
};

async function run(lines: readonly string[], options: Partial<ReplayOptions> = {}): Promise<string[]> {
  async function* input() {
    yield* lines;
  }
  const out: string[] = [];
  for await (const text of replayLines(input(), { matcher, trace: false, collector: null, ...options })) out.push(text);
  return out;
}

const times = async (lines: readonly object[]): Promise<number[]> =>
  (await run(lines.map((line) => JSON.stringify({ type: "t", payload: {}, ...line })))).map(
    (line) => (JSON.parse(line) as { event: { created_ms: number } }).event.created_ms,
  );

test("keys are in a fixed order, numbers keep their digits, alerts is there when empty", async () => {
  expect(await run(['{"payload":{},"type":"hit","created_ms":5}'])).toEqual([
    '{"event":{"id":"line-1","type":"hit","created_ms":5},"matches":[' +
      '{"path":"root.r","status":"matched","extracted":{"b":1,"a":9007199254740993},"actions":[{"id":"icinga2","payload":{"x":1}}]},' +
      '{"path":"root.s","status":"partially_matched","extracted":{},"actions":[],"message":"x: missing"}],"alerts":[]}\n',
  ]);
});

test("--trace adds the trace at the end", async () => {
  expect(await run(['{"type":"x","payload":{},"created_ms":1}'], { trace: true })).toEqual([
    '{"event":{"id":"line-1","type":"x","created_ms":1},"matches":[],"alerts":[],' +
      '"trace":{"type":"filter","name":"root","status":"matched","nodes":[]}}\n',
  ]);
});

test("given ids stay; blank lines print nothing but count", async () => {
  const out = await run(["", '{"type":"x","payload":{},"id":"mine"}', "  ", '{"type":"x","payload":{}}']);
  expect(out.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id)).toEqual(["mine", "line-4"]);
});

test("what a line gives beside type and payload reaches the rules", async () => {
  seen.length = 0;
  await run(['{"type":"x","payload":{"a":1},"created_ms":3,"metadata":{"m":1},"trace_id":"t","id":"i"}']);
  expect(seen).toEqual([{ id: "i", type: "x", created_ms: 3, payload: { a: 1 }, metadata: { m: 1 }, trace_id: "t" }]);
});

describe("the virtual clock", () => {
  const rows: [string, object[], number[]][] = [
    ["is 0 without any time", [{}, {}], [0, 0]],
    ["starts at the first time given, even later on", [{}, { created_ms: 50 }, {}], [50, 50, 50]],
    ["follows created_ms forward only", [{ created_ms: 50 }, { created_ms: 20 }, {}], [50, 20, 50]],
    ["is where received_ms says", [{ created_ms: 50, received_ms: 70 }, {}, { received_ms: 90 }], [50, 70, 90]],
    ["starts at received_ms when both are given", [{}, { created_ms: 50, received_ms: 70 }], [70, 50]],
  ];
  test.each(rows)("%s", async (_name, lines, expected) => {
    expect(await times(lines)).toEqual(expected);
  });
});

describe("a line that is no event", () => {
  const rows: [string, string][] = [
    ["{", "not valid JSON"],
    ["[]", "found an array"],
    ["3", "found 3"],
    ['{"payload":{}}', "type is missing"],
    ['{"type":"x"}', "payload is missing"],
    ['{"type":1,"payload":{}}', "type: found 1, accepted: text"],
    ['{"type":"x","payload":[]}', "payload: found an array, accepted: an object"],
    ['{"type":"x","payload":{},"created_ms":"now"}', 'created_ms: found "now", accepted: epoch milliseconds'],
    ['{"type":"x","payload":{},"received_ms":-1}', "received_ms: found -1"],
    ['{"type":"x","payload":{},"metadata":null}', "metadata: found null"],
    ['{"type":"x","payload":{},"id":7}', "id: found 7"],
  ];
  test.each(rows)("%s", async (line, message) => {
    const [before, error, after] = await run(['{"type":"x","payload":{}}', line, '{"type":"x","payload":{}}']);
    expect(JSON.parse(error!)).toEqual({
      error: { code: "bad_input", message: expect.stringContaining(message), line: 2 },
    });
    expect([before, after].map((one) => (JSON.parse(one!) as { event: object }).event)).toEqual([
      { id: "line-1", type: "x", created_ms: 0 },
      { id: "line-3", type: "x", created_ms: 0 },
    ]);
  });
});

describe("raw documents of a collector", () => {
  const collector = {
    id: "c",
    split: true,
    intake: ((document, context) => {
      const { n = 1, at, id, bad } = document as { n?: number; at?: number; id?: string; bad?: string };
      if (bad !== undefined) return err(bad);
      const event = (): Event => ({
        id: id ?? "",
        type: "x",
        created_ms: at ?? context.receivedMs,
        payload: {},
        metadata: {},
        trace_id: null,
      });
      return ok(Array.from({ length: n }, () => ({ event: event(), identity: id ? "given" : "generated" }) as const));
    }) satisfies Intake,
  };
  const events = async (lines: readonly string[]): Promise<unknown[]> =>
    (await run(lines, { collector })).map((line) => {
      const { event, error } = JSON.parse(line) as { event?: { id: string; created_ms: number }; error?: unknown };
      return event ? [event.id, event.created_ms] : error;
    });

  test("one event a line has the line's name, several are counted", async () => {
    expect(await events(['{"at":7}', '{"n":2}', '[{},{"n":2},{"id":"own"}]', '{"n":0}'])).toEqual([
      ["line-1", 7],
      ["line-2#0", 7],
      ["line-2#1", 7],
      ["line-3#0", 7],
      ["line-3#1", 7],
      ["line-3#2", 7],
      ["own", 7],
    ]);
  });

  test("a document without a time has the virtual clock's", async () => {
    expect(await events(["{}", '{"at":50}', '{"at":20}', "{}"])).toEqual([
      ["line-1", 50],
      ["line-2", 50],
      ["line-3", 20],
      ["line-4", 50],
    ]);
  });

  test("an unreadable one prints its error in its place", async () => {
    expect(await events(['[{"at":1},{"bad":"no message"}]', "x"])).toEqual([
      ["line-1", 1],
      { code: "bad_input", message: "no message", line: 1 },
      { code: "bad_input", message: expect.stringContaining("not valid JSON"), line: 2 },
    ]);
  });
});
