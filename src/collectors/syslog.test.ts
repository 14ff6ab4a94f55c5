import { readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { collectorWorld, type CollectorWorld, type CollectorWorldOptions } from "../../test/kit/collector-world.ts";
import { describeCollector } from "../../test/kit/describe-collector.ts";
import { until } from "../../test/kit/event-loop.ts";
import { datagramSender, streamSender, stubbornSender } from "../../test/kit/stream-sender.ts";
import type { Collector, CollectorDeps } from "../component/define-collector.ts";
import type { HttpMount } from "../component/http-mount.ts";
import type { Json } from "../core/json.ts";
import { syslog } from "./syslog.ts";

const noHttp: HttpMount = { mount: () => () => undefined };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const create = (world: CollectorWorld, file: object, intake?: CollectorDeps["intake"]): Collector =>
  syslog.create(syslog.options.parse({ port: 0, ...file }), {
    ...world.deps,
    http: noHttp,
    ...(intake ? { intake } : {}),
  });

async function open(file: Record<string, unknown> = {}, options: CollectorWorldOptions = { commitAtOnce: true }) {
  const world = collectorWorld(options);
  const collector = create(world, file);
  cleanups.push(async () => {
    world.commitAll();
    await collector.stop();
  });
  await collector.start();
  const sender = (bytes?: string | Uint8Array) => {
    const one = streamSender(world.port("tcp"), bytes);
    cleanups.push(one.vanish);
    return one;
  };
  const datagrams = () => {
    const one = datagramSender(world.port("udp"));
    cleanups.push(one.close);
    return one;
  };
  return { world, collector, sender, datagrams };
}

/** The suite's documents are JSON; a collector of texts takes them as such. */
const asJson =
  (world: CollectorWorld): CollectorDeps["intake"] =>
  (document, context) =>
    world.deps.intake(JSON.parse(String(document)) as Json, context);

describeCollector(syslog, {
  wire: "stream",
  secrets: [],
  open: async (world) => {
    const collector = create(world, { transports: ["tcp"] }, asJson(world));
    await collector.start();
    const port = world.port();
    const closing: (() => void)[] = [];
    const send = (bytes: string) => {
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

describe("datagrams", () => {
  describeCollector(syslog, {
    wire: "datagrams",
    secrets: [],
    open: async (world) => {
      const collector = create(world, { transports: ["udp"] }, asJson(world));
      await collector.start();
      const sender = datagramSender(world.port());
      const never = { answer: new Promise<never>(() => undefined), vanish: () => undefined };
      return {
        collector,
        send(document) {
          void sender.send(JSON.stringify(document));
          return never;
        },
        sendHalf: () => never, // there are no halves
        close: async () => sender.close(),
      };
    },
  });

  test("each is a message, whatever is in it", async () => {
    const { world, datagrams } = await open();
    const sender = datagrams();
    for (const text of ["<13>a: 1\n", "<13>a: 2\n<0>b: 3", "", "\n", "5 <13>a", "<13>\xe4"])
      await sender.send(Buffer.from(text, "latin1"));
    await sender.send("<13>ä");
    await until(() => world.committed.length === 5);
    expect(world.committed).toEqual(
      ["<13>a: 1", "<13>a: 2\n<0>b: 3", "5 <13>a", "<13>ä", "<13>ä"].map((value) => ({ value })),
    );
  });

  test("what comes above the memory bound is lost and counted", async () => {
    const { world, datagrams } = await open({}, { maxInFlightBytes: 10_000 });
    const sender = datagrams();
    for (let n = 0; n < 20; n++) await sender.send(`<13>${n} ${"x".repeat(1000)}`);
    await until(() => (world.rejected["overloaded"] ?? 0) === 12);
    world.commitAll();
    await until(() => world.committed.length === 8);
    await sender.send("<13>later");
    await until(() => world.committed.length === 9);
  });

  test("the sender's address and the zone are known", async () => {
    const contexts: object[] = [];
    const intake: CollectorDeps["intake"] = (_document, context) => {
      contexts.push({ ...context, zone: context.zone?.name });
      return { ok: true, value: [] };
    };
    const { datagrams, sender } = await open({ timezone: "Europe/Rome" }, { commitAtOnce: true, intake });
    await datagrams().send("<13>a");
    sender("<13>a\n");
    await until(() => contexts.length === 2);
    for (const context of contexts)
      expect(context).toMatchObject({ collector: "under-test", remoteAddress: "127.0.0.1", zone: "Europe/Rome" });
  });
});

describe("TCP", () => {
  test("both framings at one port, by connection", async () => {
    const { world, sender } = await open();
    const lines = sender("<13>a: 1\n<13>a: 2");
    const counted = sender("8 <13>b: 110 <13>b: 2\nc");
    for (const one of [lines, counted]) one.end();
    await Promise.all([lines.closed, counted.closed]);
    expect(world.committed.map((payload) => (payload as { value: string }).value).sort()).toEqual(
      ["<13>a: 1", "<13>a: 2", "<13>b: 1", "<13>b: 2\nc"].sort(),
    );
  });

  test.each([
    ["a count that is none", "5 <1>abx", "bad_frame", ["<1>ab"]],
    ["a count over the limit", "70000 <1>", "too_large", []],
  ])("%s closes the connection", async (_name, bytes, reason, values) => {
    const { world, sender } = await open();
    await sender(bytes).closed;
    await until(() => world.committed.length === values.length);
    expect(world.committed).toEqual(values.map((value) => ({ value })));
    expect(world.rejected).toEqual({ [reason]: 1 });
  });

  test("a line over the limit is a dead letter", async () => {
    const { world, sender } = await open({ max_message: "1kb" });
    sender(`<13>${"x".repeat(5000)}\n<13>a\n`);
    await until(() => world.committed.length === 1);
    expect(world.rejected).toEqual({ too_large: 1 });
    expect(world.emissions[0]!.emission.rejected[0]!.sample).toHaveLength(1024);
  });

  test("a message that is not ended in time closes the connection", async () => {
    const { world, sender } = await open();
    const slow = sender("99 <13>");
    await until(() => world.clock.pending > 0);
    await world.clock.advance(61_000);
    await slow.closed;
    expect(world.rejected).toEqual({ timeout: 1 });
  });

  test("over TLS", async () => {
    const tls = { cert_file: "test/fixtures/tls/server.crt", key_file: "test/fixtures/tls/server.key" };
    const { world } = await open({ tls });
    const ca = readFileSync("test/fixtures/tls/ca.crt");
    const socket = connectTls({ host: "127.0.0.1", port: world.port("tls"), ca });
    cleanups.push(() => socket.destroy());
    socket.end("5 <1>ab");
    await until(() => world.committed.length === 1);
    expect(world.log.filter((line) => line.includes("udp"))).toEqual([]);
  });
});

describe("options", () => {
  const tls = { cert_file: "a", key_file: "b" };
  test.each([
    [{ transports: [] }],
    [{ transports: ["sctp"] }],
    [{ tls, transports: ["udp", "tcp"] }],
    [{ timezone: "Rome" }],
    [{ auth: { client_certificate: {} } }],
  ])("%j is refused", (file) => expect(syslog.options.safeParse(file).success).toBe(false));
  test.each([[{ tls, transports: ["tcp"] }], [{ tls }], [{ transports: ["udp"] }]])("%j is taken", (file) =>
    expect(syslog.options.safeParse(file).success).toBe(true),
  );

  test("a port in use, of either transport", async () => {
    const { world } = await open();
    for (const transport of ["udp", "tcp"] as const) {
      const second = create(world, { port: world.port(transport), transports: [transport] });
      await expect(second.start()).rejects.toMatchObject({ code: "port_taken" });
      await second.stop();
    }
  });
});
