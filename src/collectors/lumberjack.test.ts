import { connect } from "node:net";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector, type Answer, type Sending } from "../../test/kit/describe-collector.ts";
import { turns, until } from "../../test/kit/event-loop.ts";
import {
  compressedFrame,
  dataFrame,
  jsonFrame,
  lumberjackClient,
  windowFrame,
  windowOf,
  type LumberjackClient,
} from "../../test/kit/lumberjack-client.ts";
import { AppError } from "../component/app-error.ts";
import type { CollectorDeps } from "../component/define-collector.ts";
import type { HttpMount } from "../component/http-mount.ts";
import type { JsonObject } from "../core/json.ts";
import { serveLumberjack } from "./lumberjack-session.ts";
import { lumberjack } from "./lumberjack.ts";
import { faultReporter } from "./support/report-fault.ts";
import { createStreamBudget } from "./support/stream-budget.ts";

const noHttp: HttpMount = { mount: () => () => undefined };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A running collector; commits wait for the test unless told otherwise. */
async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = {}) {
  const world = collectorWorld(options);
  const collector = lumberjack.create(lumberjack.options.parse({ port: 0, ...file }), { ...world.deps, http: noHttp });
  await collector.start();
  const clients: LumberjackClient[] = [];
  cleanups.push(async () => {
    world.commitAll();
    for (const client of clients) client.vanish();
    await collector.stop();
  });
  const client = (tls?: Parameters<typeof lumberjackClient>[1]): LumberjackClient => {
    const one = lumberjackClient(world.port(), tls);
    clients.push(one);
    return one;
  };
  return { world, collector, client };
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");

describeCollector(lumberjack, {
  secrets: [],
  open: async (world) => {
    const collector = lumberjack.create(lumberjack.options.parse({ port: 0 }), { ...world.deps, http: noHttp });
    await collector.start();
    const port = world.port();
    const clients: { vanish(): void }[] = [];
    const sendingOf = (bytes: Buffer): Sending => {
      const client = lumberjackClient(port);
      clients.push(client);
      client.write(bytes);
      const answer = client.acked(1).then(
        (): Answer => "acknowledged",
        (): Answer => "lost",
      );
      return { answer, vanish: client.vanish };
    };
    return {
      collector,
      send: (document) => sendingOf(windowOf([document])),
      sendHalf(document) {
        const bytes = windowOf([document], { compress: false });
        return sendingOf(bytes.subarray(0, bytes.length / 2));
      },
      stay(document) {
        const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
        socket.on("error", () => undefined);
        socket.write(windowOf([document]));
        clients.push({ vanish: () => void socket.destroy() });
      },
      async close() {
        for (const client of clients) client.vanish();
      },
    };
  },
});

describe("frames", () => {
  test("the frame table's own bytes: one window, one event, one acknowledgement", async () => {
    const { world, client } = await open({}, { commitAtOnce: true });
    const sender = client();
    sender.write(hex("32 57 00000001   32 4a 00000001 00000007 7b2261223a317d"));
    await sender.acked(1);
    expect(sender.received.toString("hex")).toBe("324100000001");
    expect(world.committed).toEqual([{ a: 1 }]);
  });

  const three = [{ n: 1 }, { n: 2 }, { n: 3 }];
  const frames = three.map((document, index) => jsonFrame(index + 1, document));
  test.each([
    ["bare", windowOf(three, { compress: false })],
    ["compressed in one", windowOf(three)],
    ["compressed in several", Buffer.concat([windowFrame(3), ...frames.map((each) => compressedFrame(each))])],
    ["half of them compressed", Buffer.concat([windowFrame(3), frames[0]!, compressedFrame(frames[1]!, frames[2]!)])],
    ["an empty compressed frame between", Buffer.concat([windowFrame(3), compressedFrame(), ...frames])],
  ])("a window, %s, byte by byte", async (_name, bytes) => {
    const { world, client } = await open({}, { commitAtOnce: true });
    const sender = client();
    for (const byte of bytes) {
      sender.write(Uint8Array.of(byte));
      await turns(1);
    }
    await sender.acked(1);
    expect(sender.acks).toEqual([3]);
    expect(world.committed).toEqual(three);
    expect(world.emissions).toHaveLength(1);
  });

  test("version 1: pairs of texts, sequences that count on, no keep-alives", async () => {
    const { world, client } = await open({}, {});
    const sender = client();
    sender.write(
      Buffer.concat([windowFrame(2, "1"), dataFrame(1, { line: "a" }), dataFrame(2, { line: "b", "": "" })]),
    );
    await until(() => world.emissions.length === 1);
    await world.clock.advance(20_000);
    expect(sender.received.length).toBe(0);
    world.commitAll();
    sender.write(Buffer.concat([windowFrame(1, "1"), dataFrame(3, { line: "c" })]));
    await sender.acked(2);
    expect(sender.received.toString("hex")).toBe("314100000002314100000003");
    expect(world.committed).toEqual([{ line: "a" }, { line: "b", "": "" }, { line: "c" }]);
  });

  test("what cannot be read is kept and acknowledged beside the good ones", async () => {
    const { world, client } = await open({}, { commitAtOnce: true });
    const sender = client();
    const documents = [
      { n: 1 },
      Buffer.from('{"n":'),
      Buffer.from([0x22, 0xff, 0x22]),
      { unreadable: 1 },
      Buffer.alloc(0),
    ];
    sender.write(windowOf([...documents, { n: 2 }]));
    await sender.acked(1);
    expect(sender.acks).toEqual([6]);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }]);
    expect(world.emissions[0]!.emission.rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    expect(world.rejected).toEqual({ bad_json: 2, bad_encoding: 1, unreadable: 1 });
  });
});

describe("bytes of foreign clients", () => {
  test.each([
    ["go-lumber-compressed.bin", [4, 4], [4, 4]],
    ["go-lumber-bare.bin", [5], [5]],
    ["pylogbeat.bin", [3, 4], [3, 1]],
  ])("%s", async (file, acks, counts) => {
    const { world, client } = await open({}, { commitAtOnce: true });
    const sender = client();
    sender.write(readFileSync(`test/fixtures/lumberjack/${file}`));
    await sender.acked(acks.length);
    expect(sender.acks).toEqual(acks);
    expect(world.emissions.map(({ emission }) => emission.arrivals.length)).toEqual(counts);
    expect(world.committed.every((payload) => typeof (payload as JsonObject)["message"] === "string")).toBe(true);
  });
});

describe("acknowledgements", () => {
  test("two windows in flight: the second is read before the first is committed, acknowledged after it", async () => {
    const { world, client } = await open();
    const sender = client();
    sender.write(Buffer.concat([windowOf([{ n: 1 }, { n: 2 }]), windowOf([{ n: 3 }])]));
    await until(() => world.emissions.length === 1);
    await turns();
    expect(sender.socket.bytesWritten).toBeGreaterThan(0);
    expect(sender.acks).toEqual([]);
    world.emissions[0]!.commit();
    await until(() => world.emissions.length === 2);
    await sender.acked(1);
    await turns();
    expect(sender.acks).toEqual([2]);
    world.emissions[1]!.commit();
    await sender.acked(2);
    expect(sender.acks).toEqual([2, 1]);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test.each([
    ["into the second window", windowOf([{ n: 1 }]), true],
    ["no further", Buffer.concat([windowOf([{ n: 1 }]), windowOf([{ n: 2 }])]), false],
  ])("while the first is not committed it reads %s", async (_name, before, isRead) => {
    const { world, client } = await open();
    const sender = client();
    sender.write(Buffer.concat([before, windowFrame(2), jsonFrame(5, {})])); // the fault shows that it was read
    await until(() => world.emissions.length === 1);
    await turns();
    expect(world.rejected).toEqual(isRead ? { bad_frame: 1 } : {});
    world.commitAll();
    await sender.closed;
    expect(world.rejected).toEqual({ bad_frame: 1 });
  });

  test("75 s without a commit: an acknowledgement of nothing every 5 s, then the real one", async () => {
    const { world, client } = await open();
    const sender = client();
    sender.write(windowOf([{ n: 1 }]));
    await until(() => world.emissions.length === 1);
    for (let second = 5; second <= 75; second += 5) {
      await world.clock.advance(5000);
      await until(() => sender.acks.length === second / 5);
    }
    expect(sender.ended).toBe(false);
    world.emissions[0]!.commit();
    await sender.acked(1);
    expect(sender.acks).toEqual([...Array.from({ length: 15 }, () => 0), 1]);
    await world.clock.advance(60_000);
    await turns();
    expect(sender.acks).toHaveLength(16);
  });

  test("a commit that fails is tried again with the same events, on the same connection", async () => {
    const { world, client } = await open();
    const sender = client();
    sender.write(windowOf([{ n: 1 }, { n: 2 }]));
    for (const code of ["overloaded", "store_full", "commit_timeout"] as const) {
      const tried = world.emissions.length;
      while (world.emissions.length === tried) await world.clock.advance(200);
      world.emissions[tried]!.fail(new AppError(code, "not now"));
    }
    while (world.emissions.length < 4) await world.clock.advance(200);
    const events = world.emissions.map(({ emission }) => emission.arrivals);
    expect(events.every((each) => each === events[0])).toBe(true);
    world.emissions[3]!.commit();
    await sender.acked(1);
    expect(sender.acks.filter((sequence) => sequence > 0)).toEqual([2]);
    expect(world.rejected).toEqual({ overloaded: 1, unavailable: 2 });
  });

  test("a large window is committed and acknowledged in parts, in order and never above itself", async () => {
    const { world, client } = await open({}, { commitAtOnce: true });
    const sender = client();
    const documents = Array.from({ length: 10 }, (_, n) => ({ n, filler: "x".repeat(1024 * 1024) }));
    sender.write(windowOf(documents));
    await until(() => sender.acks.includes(10));
    expect(sender.acks).toEqual([4, 8, 10]);
    expect(world.committed.map((payload) => (payload as { n: number }).n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("a sender that ended its side still gets them", async () => {
    const { world, client } = await open();
    const sender = client();
    sender.write(windowOf([{ n: 1 }]));
    sender.end();
    await until(() => world.emissions.length === 1);
    await turns();
    world.commitAll();
    await sender.closed;
    expect(sender.acks).toEqual([1]);
    expect(world.rejected).toEqual({});
  });

  test("after the connection is lost the whole window can come again, on another one", async () => {
    const { world, client } = await open();
    const first = client();
    first.write(Buffer.concat([windowOf([{ n: 1 }]), windowOf([{ n: 2 }])]));
    await until(() => world.emissions.length === 1);
    first.vanish();
    await turns();
    world.emissions[0]!.commit();
    const second = client();
    second.write(Buffer.concat([windowOf([{ n: 2 }]), windowOf([{ n: 1 }])]));
    await until(() => world.emissions.length === 2);
    world.commitAll();
    await second.acked(2);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 1 }]);
  });

  test("a sender that does not read them is not served for ever", async () => {
    const world = collectorWorld({ commitAtOnce: true });
    const socket = new Duplex({ writableHighWaterMark: 1, read: () => undefined, write: () => undefined });
    const peer = { socket: socket as Socket, remoteAddress: "192.0.2.1", clientCertificate: null }; // as far as it is used
    const limits = { maxWindow: 10, maxFrameBytes: 1000, maxInflatedBytes: 1000, receiveTimeoutMs: 60_000 };
    const session = serveLumberjack(peer, createStreamBudget(1000), limits, faultReporter(world.deps), {
      ...world.deps,
      http: noHttp,
    });
    for (let n = 0; n < 10; n++) socket.push(windowOf([{ n }]));
    await turns();
    expect(world.committed).toEqual([{ n: 0 }]);
    await world.clock.advance(59_000);
    expect(socket.destroyed).toBe(false);
    await world.clock.advance(1000);
    await session.done;
    expect(socket.destroyed).toBe(true);
    expect(world.rejected).toEqual({ timeout: 1 });
  });
});

describe("hostile bytes close the connection and are counted", () => {
  const event = jsonFrame(1, { n: 1 });
  const cut = (bytes: Buffer, length: number): Buffer => bytes.subarray(0, length);
  const hostile: [string, Buffer, string][] = [
    ["an unknown version", hex("33 57 00000001"), "bad_frame"],
    ["an unknown frame", hex("32 58 00000001"), "bad_frame"],
    ["an acknowledgement", hex("32 41 00000001"), "bad_frame"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "bad_frame"],
    ["TLS where none is spoken", hex("16 03 01 02 00 01 00 01 fc"), "bad_frame"],
    ["an event before a window", event, "bad_frame"],
    ["a compressed event before a window", compressedFrame(event), "bad_frame"],
    ["a window of nothing", windowFrame(0), "bad_frame"],
    ["a window in a window", Buffer.concat([windowFrame(2), event, windowFrame(2)]), "bad_frame"],
    ["a compressed window", compressedFrame(windowFrame(1)), "bad_frame"],
    ["compressed twice", Buffer.concat([windowFrame(1), compressedFrame(compressedFrame(event))]), "bad_frame"],
    ["more events than the window", Buffer.concat([windowOf([{}]), jsonFrame(2, {})]), "bad_frame"],
    ["event 0", Buffer.concat([windowFrame(2), jsonFrame(0, {})]), "bad_frame"],
    ["event 2 first", Buffer.concat([windowFrame(2), jsonFrame(2, {})]), "bad_frame"],
    ["an event twice", Buffer.concat([windowFrame(3), event, event]), "bad_frame"],
    ["an event left out", Buffer.concat([windowFrame(3), event, jsonFrame(3, {})]), "bad_frame"],
    ["a frame cut by its compression", Buffer.concat([windowFrame(1), compressedFrame(cut(event, 12))]), "bad_frame"],
    ["no zlib", Buffer.concat([windowFrame(1), hex("32 43 00000004 deadbeef")]), "bad_encoding"],
    ["an endless window", windowFrame(0xffffffff), "too_large"],
    ["a window over the limit", windowFrame(101), "too_large"],
    ["a huge event", Buffer.concat([windowFrame(1), hex("32 4a 00000001 ffffffff 7b")]), "too_large"],
    ["a huge compressed frame", Buffer.concat([windowFrame(1), hex("32 43 ffffffff 78")]), "too_large"],
    ["an event over the limit", Buffer.concat([windowFrame(1), hex("32 4a 00000001 00001001 7b")]), "too_large"],
    ["a huge pair", Buffer.concat([windowFrame(1), hex("31 44 00000001 00000001 ffffffff 7b")]), "too_large"],
    [
      "a large bomb",
      Buffer.concat([
        windowFrame(100),
        compressedFrame(
          ...Array.from({ length: 100 }, (_, n) => jsonFrame(n + 1, Buffer.alloc(4000, "x").fill(n, 0, 4))),
        ),
      ]),
      "too_large",
    ],
    [
      "a bomb that is one event",
      Buffer.concat([windowFrame(1), compressedFrame(jsonFrame(1, Buffer.alloc(5_000_000, "x")))]),
      "too_large",
    ],
    [
      "a bomb of small events",
      Buffer.concat([
        windowFrame(100),
        compressedFrame(...Array.from({ length: 100 }, (_, n) => jsonFrame(n + 1, Buffer.alloc(4000, "x")))),
      ]),
      "too_large",
    ],
  ];
  const limits = { max_window: 100, max_frame: 4096, max_inflated: 65_536 };

  test.each(hostile)("%s", async (_name, bytes, reason) => {
    const { world, client } = await open(limits);
    const sender = client();
    sender.write(bytes);
    await sender.closed;
    expect(sender.acks).toEqual([]);
    expect(world.rejected).toEqual({ [reason]: 1 });
    const next = client();
    next.write(windowOf([{ n: 1 }]));
    await until(() => world.emissions.some(({ emission }) => emission.arrivals.length === 1));
  });

  test.each([
    ["inside a header", hex("32 57 0000")],
    ["inside a window", windowFrame(1)],
    ["inside an event", Buffer.concat([windowFrame(1), event.subarray(0, 12)])],
    ["inside a compressed frame", Buffer.concat([windowFrame(1), compressedFrame(event).subarray(0, 9)])],
  ])("the end %s", async (_name, bytes) => {
    const { world, client } = await open(limits);
    const sender = client();
    sender.write(bytes);
    sender.end();
    await sender.closed;
    expect(world.rejected).toEqual({ aborted: 1 });
    expect(world.emissions).toEqual([]);
  });

  test("a slow trickle ends after the time that a window may take", async () => {
    const { world, client } = await open();
    const sender = client();
    const bytes = windowOf([{ filler: "x".repeat(100) }], { compress: false });
    for (let at = 0; !sender.ended && at < bytes.length; at++) {
      sender.write(bytes.subarray(at, at + 1));
      await until(() => sender.ended || world.clock.pending > 0); // its time runs from the first byte
      await world.clock.advance(1000);
    }
    await sender.closed;
    expect(world.rejected).toEqual({ timeout: 1 });
  });

  test("waiting for us is not the sender's fault", async () => {
    const { world, client } = await open();
    const sender = client();
    for (let n = 0; n < 5; n++) sender.write(windowOf([{ n }]));
    await until(() => world.emissions.length === 1);
    await world.clock.advance(600_000);
    expect(world.rejected).toEqual({});
    world.commitAll();
    await sender.acked(5);
    await world.clock.advance(600_000); // and then it may be silent as long as it likes
    sender.write(windowOf([{ n: 5 }]));
    await sender.acked(6);
  });

  test("any bytes: the collector goes on", async () => {
    const { world, client } = await open(limits, { commitAtOnce: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc.constantFrom(...hostile.map(([, bytes]) => bytes), windowFrame(1), windowFrame(2), event),
          ),
          { maxLength: 6 },
        ),
        async (pieces) => {
          const sender = client();
          for (const piece of pieces) sender.write(piece);
          sender.end();
          await sender.closed;
        },
      ),
      { numRuns: 100 },
    );
    const last = client();
    last.write(windowOf([{ last: true }]));
    await last.acked(1);
    expect(world.committed.at(-1)).toEqual({ last: true });
  });
});

describe("memory", () => {
  test("half windows of many senders, over the bound together, all come through", async () => {
    const { world, client } = await open({}, { maxInFlightBytes: 64 * 1024, commitAtOnce: true });
    const size = 16 * 1024;
    const halves = Array.from({ length: 12 }, (_, n) => {
      const sender = client();
      sender.write(Buffer.concat([windowFrame(2), jsonFrame(1, { n, filler: "x".repeat(size) })]));
      return sender;
    });
    await turns();
    for (const [n, sender] of halves.entries()) sender.write(jsonFrame(2, { n, filler: "y".repeat(size) }));
    await Promise.all(halves.map((sender) => sender.acked(1)));
    expect(world.committed).toHaveLength(24);
  });

  test("events of no bytes count too", async () => {
    const { world, client } = await open({ max_window: 1_000_000 }, { maxInFlightBytes: 64 * 1024 });
    const first = client();
    first.write(windowOf([{ n: 1 }]));
    await until(() => world.emissions.length === 1);
    const sender = client();
    const empty = Array.from({ length: 1000 }, (_, n) => jsonFrame(n + 1, Buffer.alloc(0)));
    sender.write(Buffer.concat([windowFrame(1000), ...empty]));
    await turns(500);
    expect(world.emissions).toHaveLength(1); // 200 KB of what they cost do not fit beside the one that waits
    world.commitAll();
    await sender.acked(1);
    expect(world.rejected).toEqual({ bad_json: 1000 });
  });
});

describe("who may send", () => {
  const tls = { cert_file: "test/fixtures/tls/server.crt", key_file: "test/fixtures/tls/server.key" };
  const mutual = { ...tls, client_ca_file: "test/fixtures/tls-client/client-ca.crt" };
  const ca = readFileSync("test/fixtures/tls/ca.crt");
  const certificate = {
    ca,
    cert: readFileSync("test/fixtures/tls-client/client.crt"),
    key: readFileSync("test/fixtures/tls-client/client.key"),
  };

  test("over TLS", async () => {
    const { world, client } = await open({ tls }, { commitAtOnce: true });
    const sender = client({ ca });
    sender.write(windowOf([{ n: 1 }]));
    await sender.acked(1);
    const plain = client();
    plain.write(windowOf([{ n: 2 }]));
    await plain.closed;
    expect(world.committed).toEqual([{ n: 1 }]);
    expect(world.rejected).toEqual({ unauthorized: 1 });
  });

  test("a handshake that is never made does not hold up a stop", async () => {
    const { world, collector } = await open({ tls });
    const silent = connect({ host: "127.0.0.1", port: world.port() });
    await new Promise((resolve) => silent.once("connect", resolve));
    await turns();
    await collector.stop();
    silent.destroy();
  });

  test.each([
    ["any verified", mutual, undefined, certificate, true],
    ["its name", mutual, { client_certificate: { subjects: ["beat-2", "beat-1"] } }, certificate, true],
    ["another name", mutual, { client_certificate: { subjects: ["beat-2"] } }, certificate, false],
    ["no certificate", mutual, undefined, { ca }, false],
  ])("with a client certificate: %s", async (_name, serverTls, auth, clientTls, isLetIn) => {
    const { world, client } = await open({ tls: serverTls, auth }, { commitAtOnce: true, intake: certificateOf });
    const sender = client(clientTls);
    sender.write(windowOf([{ n: 1 }]));
    await (isLetIn ? sender.acked(1) : sender.closed);
    expect(world.committed).toEqual(isLetIn ? [{ certificate: "beat-1", address: "127.0.0.1" }] : []);
    expect(world.rejected).toEqual(isLetIn ? {} : { unauthorized: 1 });
  });

  test("no more connections than allowed", async () => {
    const { world, client } = await open({ max_connections: 2 }, { commitAtOnce: true });
    const senders = [client(), client()];
    for (const sender of senders) sender.write(windowOf([{}]));
    await Promise.all(senders.map((sender) => sender.acked(1)));
    const third = client();
    await third.closed;
    expect(world.rejected).toEqual({ overloaded: 1 });
  });

  test.each([
    [{ auth: { client_certificate: {} } }],
    [{ tls, auth: { client_certificate: {} } }],
    [{ tls: { cert_file: "a" } }],
    [{ port: 70_000 }],
  ])("%j is refused", (file) => expect(lumberjack.options.safeParse(file).success).toBe(false));

  test("a port in use, a file that is not there, no certificate in it", async () => {
    const { world } = await open();
    const start = (file: object): Promise<void> =>
      lumberjack.create(lumberjack.options.parse(file), { ...world.deps, http: noHttp }).start();
    await expect(start({ port: world.port() })).rejects.toMatchObject({ code: "port_taken" });
    await expect(start({ port: 0, host: "192.0.2.1" })).rejects.toMatchObject({ code: "configuration" });
    await expect(start({ port: 0, tls: { ...tls, key_file: "nowhere" } })).rejects.toThrow(
      "cannot read nowhere: ENOENT",
    );
    await expect(start({ port: 0, tls: { ...tls, key_file: "package.json" } })).rejects.toMatchObject({
      code: "configuration",
    });
  });
});

const certificateOf: CollectorDeps["intake"] = (_document, { clientCertificate, remoteAddress, receivedMs }) => {
  const payload = { certificate: clientCertificate ?? null, address: remoteAddress ?? null };
  const event = { id: "e", type: "t", created_ms: receivedMs, payload, metadata: {}, trace_id: null };
  return { ok: true, value: [{ event, identity: "generated" }] };
};
