import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import type { ManualClock } from "../../test/kit/manual-clock.ts";
import { AppError } from "../component/app-error.ts";
import type { HttpMount } from "../component/http-mount.ts";
import { stdin } from "./stdin.ts";

describeCollector(stdin, {
  wire: "stream",
  secrets: [],
  async open(world) {
    const input = new PassThrough();
    const process = { stdin: () => input, finish: () => undefined };
    const collector = stdin.create(stdin.options.parse({}), { ...world.deps, http, process });
    await collector.start();
    const write = (text: string): void => void (input.writable && input.write(text));
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
      close: async () => void input.destroy(),
    };
  },
});

const http: HttpMount = { mount: () => () => undefined };

async function start(options: Record<string, unknown> = {}, world: CollectorWorldOptions = { commitAtOnce: true }) {
  const input = new PassThrough({ highWaterMark: 1024 });
  const made = collectorWorld({ ...world, stdin: input });
  const collector = stdin.create(stdin.options.parse(options), { ...made.deps, http });
  await collector.start();
  return { ...made, input, collector };
}

test("lines are events; at the end the last one needs no line feed, and the process is asked to stop", async () => {
  const { input, committed, finished, collector } = await start();
  input.write('{"n":1}\n{"n"');
  input.end(':2}\n\n{"n":3}');
  await until(() => finished.length > 0);
  expect(committed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(finished).toEqual(["standard input has ended"]);
  await collector.stop();
});

test("at_end: stay", async () => {
  const { input, committed, finished, collector } = await start({ at_end: "stay" });
  input.end('{"n":1}\n');
  await until(() => committed.length === 1);
  await turns();
  expect(finished).toEqual([]);
  await collector.stop();
});

describe("codec", () => {
  test.each([
    ["text", { message: "plain €" }],
    ["raw", { value: "plain €" }],
  ])("%s", async (codec, expected) => {
    const { input, committed, finished, collector } = await start({ codec });
    input.end("plain €\n");
    await until(() => finished.length > 0);
    expect(committed).toEqual([expected]);
    await collector.stop();
  });
});

test("a bad line is rejected with its place", async () => {
  const { input, emissions, rejected, finished, collector } = await start();
  input.end('{"n":1}\noops\n');
  await until(() => finished.length > 0);
  expect(emissions[0]!.emission.rejected).toEqual([
    { index: 1, reason: expect.stringMatching(/^byte 8: /) as unknown, sample: "oops" },
  ]);
  expect(rejected).toEqual({ bad_json: 1 });
  await collector.stop();
});

test("the writer waits while nothing can be committed, and nothing is lost", async () => {
  const world = await start({}, {});
  const line = `${JSON.stringify({ filler: "x".repeat(2000) })}\n`;
  let written = 0;
  const write = (): void => {
    while (written < 100 && world.input.write(line)) written++;
    if (written < 100) world.input.once("drain", () => (written++, write()));
    else world.input.end();
  };
  write();
  await turns(500);
  expect(written).toBeLessThan(10);
  expect(world.emissions).toHaveLength(1);
  world.emissions[0]!.fail(new AppError("store_full", "not now"));
  await turns();
  await (world.deps.clock as ManualClock).advance(1000);
  await turns(500);
  expect(world.emissions).toHaveLength(2);
  expect(world.committed).toEqual([]);
  world.commitAll();
  await until(() => world.finished.length > 0);
  expect(world.committed).toHaveLength(100);
  await world.collector.stop();
});

test("stopping waits for what was taken, and the process is not asked to stop again", async () => {
  const world = await start({}, {});
  world.input.write('{"n":1}\n');
  await until(() => world.emissions.length === 1);
  const stopped = world.collector.stop();
  world.emissions[0]!.commit();
  await stopped;
  expect(world.committed).toEqual([{ n: 1 }]);
  expect(world.finished).toEqual([]);
});
