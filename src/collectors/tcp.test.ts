import { afterEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import { streamSender, stubbornSender, type StreamSender } from "../../test/kit/stream-sender.ts";
import { AppError } from "../component/app-error.ts";
import type { HttpMount } from "../component/http-mount.ts";
import { tcp } from "./tcp.ts";

const noHttp: HttpMount = { mount: () => () => undefined };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = { commitAtOnce: true }) {
  const world = collectorWorld(options);
  const collector = tcp.create(tcp.options.parse({ port: 0, ...file }), { ...world.deps, http: noHttp });
  await collector.start();
  const senders: StreamSender[] = [];
  cleanups.push(async () => {
    world.commitAll();
    for (const sender of senders) sender.vanish();
    await collector.stop();
  });
  const sender = (bytes?: string | Uint8Array): StreamSender => {
    const one = streamSender(world.port(), bytes);
    senders.push(one);
    return one;
  };
  return { world, collector, sender };
}

describeCollector(tcp, {
  wire: "stream",
  secrets: [],
  open: async (world) => {
    const collector = tcp.create(tcp.options.parse({ port: 0 }), { ...world.deps, http: noHttp });
    await collector.start();
    const port = world.port();
    const closing: (() => void)[] = [];
    const send = (bytes: string): StreamSender => {
      const sender = streamSender(port, bytes);
      closing.push(sender.vanish);
      return sender;
    };
    return {
      collector,
      send: (document) => send(`${JSON.stringify(document)}\n`),
      sendHalf: (document) => send(JSON.stringify(document).slice(0, -5)),
      stay(document) {
        const socket = stubbornSender(port, `${JSON.stringify(document)}\n`);
        closing.push(() => void socket.destroy());
      },
      async close() {
        for (const each of closing) each();
      },
    };
  },
});

describe("lines", () => {
  test.each<[string, string, unknown[]]>([
    ["LF", '{"n":1}\n{"n":2}\n', [{ n: 1 }, { n: 2 }]],
    ["CR LF", '{"n":1}\r\n{"n":2}\r\n', [{ n: 1 }, { n: 2 }]],
    ["the last without an end", '{"n":1}\n{"n":2}', [{ n: 1 }, { n: 2 }]],
    ["blank ones between", '\n{"n":1}\n\r\n\n{"n":2}\n', [{ n: 1 }, { n: 2 }]],
    ["a byte order mark", '\ufeff{"n":1}\n', [{ n: 1 }]],
    ["exact integers", '{"n":9007199254740993}\n', [{ n: 9007199254740993n }]],
  ])("%s", async (_name, bytes, documents) => {
    const { world, sender } = await open();
    const one = sender(bytes);
    one.end();
    await one.closed;
    expect(world.committed).toEqual(documents);
    expect(world.rejected).toEqual({});
  });

  test("byte by byte", async () => {
    const { world, sender } = await open();
    const one = sender();
    for (const byte of Buffer.from('{"n":"ä€😀"}\r\n{"n":2}\n')) {
      one.write(Uint8Array.of(byte));
      await turns(1);
    }
    await until(() => world.committed.length === 2);
    expect(world.committed).toEqual([{ n: "ä€😀" }, { n: 2 }]);
  });

  test("bad ones are dead letters, the connection stays", async () => {
    const { world, sender } = await open({ max_line: 100 });
    const one = sender('{"n":1}\nrubbish\n{"n":\n');
    one.write(Buffer.from('"\xff"\n', "latin1"));
    one.write(`{"long":"${"x".repeat(5000)}"}\n{"unreadable":1}\n${"[".repeat(90)}\n`);
    one.write('{"n":2}\n');
    await until(() => world.committed.length === 2);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }]);
    expect(world.rejected).toEqual({ bad_json: 3, bad_encoding: 1, too_large: 1, unreadable: 1 });
    const rejected = world.emissions.flatMap(({ emission }) => emission.rejected);
    expect(rejected.map(({ reason }) => reason)).toContain(
      "a message of 5011 bytes is over the limit; its beginning is kept",
    );
  });

  test("what comes while a commit is under way is one batch", async () => {
    const { world, sender } = await open({}, {});
    const one = sender('{"n":0}\n');
    await until(() => world.emissions.length === 1);
    for (let n = 1; n <= 100; n++) {
      one.write(`{"n":${n}}\n`);
      await turns(1);
    }
    expect(world.clock.pending).toBe(0);
    one.write('{"n":'); // the time of one that is begun runs when all before it are read
    await until(() => world.clock.pending > 0);
    expect(world.emissions).toHaveLength(1);
    world.emissions[0]!.commit();
    await until(() => world.emissions.length === 2);
    expect(world.emissions[1]!.emission.arrivals).toHaveLength(100);
  });

  test("a line that is not ended in time closes the connection, a silent one does not", async () => {
    const { world, sender } = await open();
    const silent = sender('{"n":1}\n');
    const slow = sender('{"n":');
    await until(() => world.committed.length === 1 && world.clock.pending > 0);
    await world.clock.advance(61_000);
    await slow.closed;
    expect(world.rejected).toEqual({ timeout: 1 });
    silent.write('{"n":2}\n');
    await until(() => world.committed.length === 2);
  });

  test("the sender's address is known", async () => {
    const contexts: unknown[] = [];
    const intake = (_document: unknown, context: object) => {
      contexts.push({ ...context });
      return { ok: true as const, value: [] };
    };
    const { sender } = await open({}, { commitAtOnce: true, intake });
    sender("{}\n");
    await until(() => contexts.length === 1);
    expect(contexts[0]).toMatchObject({ collector: "under-test", remoteAddress: "127.0.0.1" });
  });
});

test("while the store refuses, senders of any number are slowed and lose nothing", async () => {
  const { world, sender } = await open({}, { maxInFlightBytes: 128 * 1024 });
  const filler = "x".repeat(1000);
  const senders = Array.from({ length: 5 }, () => sender());
  for (const [s, one] of senders.entries())
    for (let n = 0; n < 400; n++) one.write(`${JSON.stringify({ s, n, filler })}\n`);
  await until(() => world.emissions.length > 0);
  await turns(500);
  for (const { fail } of world.emissions) fail(new AppError("store_full", "not now"));
  await turns(500);
  expect(world.committed).toEqual([]);
  world.commitAll();
  for (let passed = 0; world.committed.length < 2000 && passed < 60_000; passed += 200) {
    await world.clock.advance(200);
    await turns();
  }
  for (const s of senders.keys()) {
    const own = (world.committed as { s: number; n: number }[]).filter((payload) => payload.s === s);
    expect(own.map(({ n }) => n)).toEqual(Array.from({ length: 400 }, (_, n) => n));
  }
});
