import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import type { ManualClock } from "../../test/kit/manual-clock.ts";
import { AppError } from "../component/app-error.ts";
import type { Collector } from "../component/define-collector.ts";
import type { HttpMount } from "../component/http-mount.ts";
import type { JsonObject } from "../core/json.ts";
import { ok } from "../core/result.ts";
import { file } from "./file.ts";

const http: HttpMount = { mount: () => () => undefined };

let dir: string;
const running = new Set<Collector>();
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "squall-file-"))));
afterEach(async () => {
  for (const collector of running) await collector.stop();
  running.clear();
  rmSync(dir, { recursive: true });
});

describeCollector(file, {
  wire: "stream",
  secrets: [],
  async open(world) {
    const path = join(mkdtempSync(join(tmpdir(), "squall-file-")), "a.log");
    writeFileSync(path, "");
    const collector = file.create(file.options.parse({ paths: [path] }), { ...world.deps, http });
    await collector.start();
    await until(() => world.clock.pending > 0);
    const write = (text: string): void => {
      appendFileSync(path, text);
      void world.clock.advance(250);
    };
    return {
      collector,
      send(document) {
        write(`${JSON.stringify(document)}\n`);
        return { answer: Promise.resolve("lost"), vanish: () => undefined };
      },
      sendHalf(document) {
        write(JSON.stringify(document).slice(0, -5));
        return { answer: Promise.resolve("lost"), vanish: () => write("\n") };
      },
      close: async () => rmSync(dirname(path), { recursive: true }),
    };
  },
});

const at = (name: string): string => join(dir, name);

async function start(options: Record<string, unknown> = {}, world: CollectorWorldOptions = { commitAtOnce: true }) {
  const made = collectorWorld({ id: "logs", ...world });
  const parsed = file.options.parse({ paths: [at("*.log")], from: "beginning", ...options });
  const collector = file.create(parsed, { ...made.deps, http });
  running.add(collector);
  const clock = made.deps.clock as ManualClock;
  /** It waits: for the next look, or for a commit. */
  const idle = (): Promise<void> => until(() => clock.pending > 0 || world.commitAtOnce !== true);
  await collector.start();
  await idle();
  return Object.assign(made, {
    collector,
    /** As often as the files are looked at. */
    async look(times = 1) {
      for (let n = 0; n < times; n++) {
        await clock.advance(250);
        await idle();
      }
    },
  });
}

/** The events' ids are their places. */
const byPlace: CollectorWorldOptions["intake"] = (document, { positionId, receivedMs }) => {
  const event = { type: "t", created_ms: receivedMs, payload: document as JsonObject, metadata: {}, trace_id: null };
  return ok([{ event: { ...event, id: positionId! }, identity: "given" }]);
};
const ids = ({ emissions }: CollectorWorld): readonly string[] =>
  emissions.flatMap(({ emission }) => emission.arrivals.map(({ event }) => event.id));

const numbers = (world: CollectorWorld): readonly unknown[] =>
  world.committed.map((payload) => (payload as { n: number }).n);

test("lines are events, in order, as they are written; half a line waits for its end", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n{"n":2}\r\n\n{"n"');
  const world = await start();
  expect(numbers(world)).toEqual([1, 2]);
  appendFileSync(at("a.log"), ':3}\n{"n":4}\n');
  await world.look();
  expect(numbers(world)).toEqual([1, 2, 3, 4]);
});

test("more than a chunk is read in one go", async () => {
  const filler = "x".repeat(1000);
  writeFileSync(at("a.log"), Array.from({ length: 1000 }, (_, n) => `${JSON.stringify({ n, filler })}\n`).join(""));
  const world = await start();
  await until(() => world.committed.length === 1000);
  expect(numbers(world)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
});

test("by default what is there at the first start is passed over, and a file that appears later is read whole", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n');
  const world = await start({ from: undefined });
  appendFileSync(at("a.log"), '{"n":2}\n');
  writeFileSync(at("b.log"), '{"n":3}\n');
  await world.look(2);
  expect(numbers(world)).toEqual([2, 3]);
});

describe("codec", () => {
  test("text: the line is the message, beside where it stands", async () => {
    writeFileSync(at("a.log"), "ü first\nsecond\n");
    const world = await start({ codec: "text" });
    expect(world.committed).toEqual([
      { log: { file: { path: at("a.log") }, offset: 0 }, message: "ü first" },
      { log: { file: { path: at("a.log") }, offset: 9 }, message: "second" },
    ]);
  });
  test("raw: the line is the document", async () => {
    writeFileSync(at("a.log"), "<34>Oct 11 22:14:15 h su: x\n");
    const world = await start({ codec: "raw" });
    expect(world.committed).toEqual([{ value: "<34>Oct 11 22:14:15 h su: x" }]);
  });
});

test("a bad line is rejected with its place, and the others go on", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n{oops\n{"unreadable":1}\n{"n":2}\n');
  const world = await start();
  expect(numbers(world)).toEqual([1, 2]);
  const [{ emission }] = world.emissions as [CollectorWorld["emissions"][number]];
  expect(emission.rejected).toEqual([
    { index: 1, reason: expect.stringContaining(`${at("a.log")}, byte 8: `) as unknown, sample: "{oops" },
    {
      index: 2,
      reason: `${at("a.log")}, byte 14: expected something readable, found unreadable`,
      sample: '{"unreadable":1}',
    },
  ]);
  expect(world.rejected).toEqual({ bad_json: 1, unreadable: 1 });
});

test("a line over the bound is rejected with its size", async () => {
  writeFileSync(at("a.log"), `{"n":1}\n${"x".repeat(5000)}\n{"n":2}\n`);
  const world = await start({}, { commitAtOnce: true, maxBodyBytes: 1000 });
  expect(numbers(world)).toEqual([1, 2]);
  expect(world.emissions[0]!.emission.rejected).toEqual([
    {
      index: 1,
      reason: `${at("a.log")}, byte 8: a line of 5000 bytes; accepted are up to 1000`,
      sample: "x".repeat(1000),
    },
  ]);
});

test("nothing more is read until what was read is committed; it is tried again with the same identities", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n');
  const world = await start({}, { intake: byPlace });
  await until(() => world.emissions.length === 1);
  appendFileSync(at("a.log"), '{"n":2}\n');
  await turns(1000);
  expect(world.emissions).toHaveLength(1);
  world.emissions[0]!.fail(new AppError("store_full", "not now"));
  await turns();
  await (world.deps.clock as ManualClock).advance(1000);
  await until(() => world.emissions.length === 2);
  expect(world.emissions[1]!.emission).toEqual(world.emissions[0]!.emission);
  world.commitAll();
  await until(() => world.emissions.length === 3);
  expect(numbers(world)).toEqual([1, 2]);
});

describe("restart", () => {
  test("it goes on behind what was committed; what was not comes again with the same identity", async () => {
    writeFileSync(at("a.log"), '{"n":1}\n');
    const first = await start({}, { intake: byPlace });
    await until(() => first.emissions.length === 1);
    first.emissions[0]!.commit();
    await until(() => (first.deps.clock as ManualClock).pending > 0);
    appendFileSync(at("a.log"), '{"n":2}\n');
    await (first.deps.clock as ManualClock).advance(250);
    await until(() => first.emissions.length === 2);
    const stopped = first.collector.stop();
    first.emissions[1]!.fail(new AppError("shutting_down", "stopping"));
    await stopped;
    const second = await start({ from: "end" }, { commitAtOnce: true, memory: first.memory, intake: byPlace });
    expect(numbers(second)).toEqual([2]);
    expect(ids(second)).toEqual([ids(first)[1]]);
    expect(ids(first)[0]).not.toBe(ids(first)[1]);
  });

  test("lines written meanwhile are read, also of a file that was rotated meanwhile", async () => {
    writeFileSync(at("a.log"), '{"n":1}\n');
    const first = await start();
    await first.collector.stop();
    appendFileSync(at("a.log"), '{"n":2}\n{"n":3}');
    renameSync(at("a.log"), at("a.log.1"));
    writeFileSync(at("a.log"), '{"n":4}\n');
    const second = await start({}, { commitAtOnce: true, memory: first.memory });
    await second.look(25);
    expect(numbers(second).toSorted()).toEqual([2, 3, 4]);
  });

  test("a damaged memory is told", async () => {
    await expect(start({}, { memory: { value: { files: [{ key: 1 }] } } })).rejects.toThrow(/key/);
  });
});

describe("rotation", () => {
  test("the old file is read to its end, its last line too, and the new one from its beginning", async () => {
    writeFileSync(at("a.log"), '{"n":1}\n');
    const world = await start();
    renameSync(at("a.log"), at("a.log.1"));
    writeFileSync(at("a.log"), '{"n":3}\n');
    appendFileSync(at("a.log.1"), '{"n":2}');
    await world.look(25);
    expect(numbers(world).toSorted()).toEqual([1, 2, 3]);
    expect(world.log.join("\n")).toContain("no longer followed");
  });

  test("a file that was removed is read to its end", async () => {
    writeFileSync(at("a.log"), '{"n":1}\n');
    const world = await start();
    appendFileSync(at("a.log"), '{"n":2}\n');
    unlinkSync(at("a.log"));
    await world.look(25);
    expect(numbers(world)).toEqual([1, 2]);
    expect(world.memory.value).toEqual({ files: [] });
  });

  test("a new name of the same file changes nothing", async () => {
    writeFileSync(at("a.log"), '{"n":1}\n');
    const world = await start();
    renameSync(at("a.log"), at("b.log"));
    appendFileSync(at("b.log"), '{"n":2}\n');
    await world.look(25);
    expect(numbers(world)).toEqual([1, 2]);
  });
});

test("a truncated file is read anew, and its lines are other events than those at the same places before", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n');
  const world = await start({}, { commitAtOnce: true, intake: byPlace });
  truncateSync(at("a.log"), 0);
  await world.look();
  appendFileSync(at("a.log"), '{"n":2}\n');
  await world.look();
  expect(numbers(world)).toEqual([1, 2]);
  expect(new Set(ids(world)).size).toBe(2);
});

test("trouble with one name is told, the others are read, and it is forgotten when it is over", async () => {
  writeFileSync(at("a.log"), '{"n":1}\n');
  symlinkSync("loop.log", at("loop.log"));
  const world = await start();
  expect(numbers(world)).toEqual([1]);
  expect(world.log.join("\n")).toContain("makes trouble");
  unlinkSync(at("loop.log"));
  writeFileSync(at("loop.log"), '{"n":2}\n');
  await world.look();
  expect(numbers(world)).toEqual([1, 2]);
});

test("no more files are opened than allowed", async () => {
  for (const n of [1, 2, 3]) writeFileSync(at(`${n}.log`), `{"n":${n}}\n`);
  const world = await start({ max_files: 2 });
  expect(numbers(world)).toHaveLength(2);
});
