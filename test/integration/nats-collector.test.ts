/** A real nats-server: plain subjects and JetStream, with login, TLS, a restart, and commits that fail. */
import { readFileSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { nats } from "../../src/collectors/nats.ts";
import { AppError } from "../../src/component/app-error.ts";
import type { Collector } from "../../src/component/define-collector.ts";
import { wallClock } from "../../src/app/wall-clock.ts";
import type { InputContext } from "../../src/component/define-normalizer.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { ok } from "../../src/core/result.ts";
import { collectorWorld, type CollectorWorld, type CollectorWorldOptions } from "../kit/collector-world.ts";
import { describeCollector } from "../kit/describe-collector.ts";
import { until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

/** Of answers, which are awaited for five seconds unless told. */
const PATIENT = { timeout: 60_000 };

const plain = await startService("nats");
const secure = await startService("nats", { SQUALL_NATS_SECURE: "1" });

afterAll(async () => {
  await plain.remove();
  await secure.remove();
});

describe.skipIf(plain.missing ?? secure.missing)("nats collector", () => {
  const { server = "", user = "", password = "" } = plain.info;
  let publisher: NatsConnection;
  const running = new Map<Collector, CollectorWorld>();
  const open = (): Promise<NatsConnection> => connect({ servers: server, user, pass: password });

  beforeAll(async () => void (publisher = await open()));
  afterEach(async () => {
    for (const [collector, world] of running) {
      world.commitAll();
      await collector.stop();
    }
    running.clear();
  });
  afterAll(() => publisher.close());

  // Where nothing is acknowledged NATS is like datagrams, only that a message is never sent in part.
  describeCollector(nats, {
    wire: "datagrams",
    secrets: [password],
    async open(world) {
      const subject = `contract-${Math.random()}`;
      const options = nats.options.parse({
        servers: [server],
        subjects: [subject],
        auth: { username: user, password },
      });
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const health = { raise: () => undefined, clear: () => resolve(), reasons: () => [] };
      const collector = nats.create(options, { ...world.deps, health, http: { mount: () => () => undefined } });
      await collector.start();
      await ready;
      await publisher.flush();
      const sending = { answer: Promise.resolve("lost" as const), vanish: () => undefined };
      return {
        collector,
        send(document) {
          publish(subject, document);
          return sending;
        },
        sendHalf: () => sending,
        close: async () => undefined,
      };
    },
  });

  async function start(given: Record<string, unknown>, world: CollectorWorldOptions = { commitAtOnce: true }) {
    const contexts: InputContext[] = [];
    const raised: string[] = [];
    const intake: CollectorWorldOptions["intake"] = (document, context) => {
      contexts.push(context);
      const event = {
        id: context.inputId ?? context.positionId ?? "none",
        type: "t",
        created_ms: 0,
        metadata: {},
        trace_id: null,
      };
      return ok([{ event: { ...event, payload: document as JsonObject }, identity: "given" }]);
    };
    const made = collectorWorld({ id: "logs", intake, ...world });
    const health = {
      raise: (_: string, code: string, message: string) => void raised.push(`${code}: ${message}`),
      clear: () => void raised.push("well"),
      reasons: () => [],
    };
    const options = nats.options.parse({ servers: [server], auth: { username: user, password }, ...given });
    const deps = { ...made.deps, clock: wallClock, health, http: { mount: () => () => undefined } };
    const collector = nats.create(options, deps);
    running.set(collector, made);
    await collector.start();
    return { ...made, collector, contexts, raised, ready: () => until(() => raised.at(-1) === "well") };
  }
  const publish = (subject: string, document: unknown): void => publisher.publish(subject, JSON.stringify(document));

  test("plain subjects: what is published arrives in order, with subject and headers", async () => {
    const world = await start({ subjects: ["plain.>"] });
    await world.ready();
    const about = headers();
    about.set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    about.set("Nats-Msg-Id", "m1");
    publisher.publish("plain.acme.a", '{"n":1}', { headers: about });
    for (const n of [2, 3]) publish("plain.b", { n });
    publisher.publish("plain.b", "oops");
    await until(() => world.committed.length === 3 && world.rejected["bad_json"] === 1);
    expect(world.committed).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(world.contexts[0]).toMatchObject({
      topic: "plain.acme.a",
      inputId: "m1",
      traceparent: expect.stringMatching(/^00-0af/),
    });
    expect(world.emissions.flatMap(({ emission }) => emission.rejected)).toEqual([
      { index: 0, reason: expect.stringMatching(/^plain\.b: /) as unknown, sample: "oops" },
    ]);
  });

  test("plain subjects: a queue group divides the messages", async () => {
    const one = await start({ subjects: ["shared"], queue: "q" });
    const other = await start({ subjects: ["shared"], queue: "q" });
    await Promise.all([one.ready(), other.ready()]);
    for (let n = 0; n < 100; n++) publish("shared", { n });
    await until(() => one.committed.length + other.committed.length === 100);
    expect(one.committed.length).toBeGreaterThan(10);
    expect(other.committed.length).toBeGreaterThan(10);
  });

  test("plain subjects: over the memory bound messages are dropped, and each is counted", async () => {
    const world = await start({ subjects: ["flood"] }, { maxInFlightBytes: 10_000 });
    await world.ready();
    for (let n = 0; n < 100; n++) publish("flood", { n, filler: "x".repeat(1000) });
    await until(() => world.emissions.length + (world.rejected["overloaded"] ?? 0) === 100);
    expect(world.emissions.length).toBeGreaterThan(5);
    expect(world.emissions.length).toBeLessThan(10);
    world.commitAll();
  });

  describe("JetStream", () => {
    let made = 0;
    const stream = async (): Promise<{ name: string; subject: string }> => {
      const name = `S${++made}`;
      const subject = `js${made}`;
      await (await jetstreamManager(publisher, PATIENT)).streams.add({ name, subjects: [`${subject}.>`] });
      return { name, subject };
    };
    const pending = async (name: string): Promise<{ open: number; left: number }> => {
      const info = await (await jetstreamManager(publisher, PATIENT)).consumers.info(name, "squall");
      return { open: info.num_ack_pending, left: info.num_pending };
    };
    const fill = async (subject: string, from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++)
        await jetstream(publisher, PATIENT).publish(`${subject}.a`, JSON.stringify({ n }));
    };

    test("acknowledged after the commit; what was not committed comes again with the same id", async () => {
      const { name, subject } = await stream();
      await fill(subject, 0, 20);
      const given = { subjects: [`${subject}.>`], jetstream: { stream: name, durable: "squall", from: "all" } };
      const first = await start(given, {});
      await until(() => first.emissions.length === 20);
      expect(await pending(name)).toEqual({ open: 20, left: 0 });
      for (const emission of first.emissions.slice(0, 15)) emission.commit();
      await until(async () => (await pending(name)).open === 5);
      const stopped = first.collector.stop();
      for (const emission of first.emissions.slice(15)) emission.fail(new AppError("shutting_down", "stopping"));
      await stopped;
      running.delete(first.collector);
      // Sooner than after ack_wait only to a new reader of a consumer that is told so.
      const jsm = await jetstreamManager(publisher, PATIENT);
      await jsm.consumers.update(name, "squall", { ack_wait: 1e9 });
      const second = await start(given);
      await until(() => second.committed.length >= 5);
      await until(async () => (await pending(name)).open === 0);
      const ids = (world: typeof first): string[] =>
        world.emissions.map(({ emission }) => emission.arrivals[0]!.event.id);
      expect(new Set(ids(second))).toEqual(new Set(ids(first).slice(15)));
      expect(ids(first)[0]).toBe(`${name}/1`);
    });

    test("a slow commit is no reason to send again, and nothing is fetched over the memory bound", async () => {
      const { name, subject } = await stream();
      const filler = "x".repeat(1000);
      for (let n = 0; n < 50; n++)
        await jetstream(publisher, PATIENT).publish(`${subject}.a`, JSON.stringify({ n, filler }));
      const world = await start(
        { subjects: [`${subject}.>`], jetstream: { stream: name, durable: "squall", from: "all", ack_wait: "3s" } },
        { maxInFlightBytes: 10_000 },
      );
      await until(() => world.emissions.length === 9);
      const began = performance.now();
      await until(() => performance.now() - began > 7000);
      expect(world.emissions).toHaveLength(9);
      world.commitAll();
      const numbers = (): Set<number> => new Set(world.committed.map((payload) => (payload as { n: number }).n));
      await until(() => numbers().size === 50);
      await until(async () => (await pending(name)).open === 0);
    });

    test("a stream that is not there is told, and read when it appears", async () => {
      const world = await start({
        subjects: ["late.>"],
        jetstream: { stream: "LATE", durable: "squall", from: "all" },
      });
      await until(() => world.raised.some((line) => /stream not found/.test(line)));
      await (await jetstreamManager(publisher, PATIENT)).streams.add({ name: "LATE", subjects: ["late.>"] });
      await fill("late", 0, 1);
      await until(() => world.committed.length === 1);
    });

    test("after a restart of the server it goes on", async () => {
      const { name, subject } = await stream();
      const world = await start({ subjects: [`${subject}.>`], jetstream: { stream: name, durable: "squall" } });
      await world.ready();
      await fill(subject, 0, 5);
      await until(() => world.committed.length === 5);
      await until(async () => (await pending(name)).open === 0); // what is not acknowledged yet comes again
      await publisher.close();
      await plain.stop();
      await until(() => world.raised.at(-1)?.startsWith("unreachable") === true);
      await plain.start();
      publisher = await open();
      await world.ready();
      await fill(subject, 5, 10);
      await until(() => world.committed.length === 10);
      expect(world.committed).toEqual(Array.from({ length: 10 }, (_, n) => ({ n })));
    });
  });

  test("a wrong password is told, without the password", async () => {
    const world = await start({ subjects: ["x"], auth: { username: user, password: "not-the-one" } });
    await until(() => world.raised.length > 0);
    expect(world.raised.at(-1)).toMatch(/^unauthorized: .*authorization/i);
    expect(JSON.stringify([world.raised, world.log])).not.toContain("not-the-one");
  });

  test("TLS: the server's authority is checked", async () => {
    const { server: address = "", ca = "", password: secret = "" } = secure.info;
    const given = { servers: [address], subjects: ["x"], auth: { username: "squall", password: secret } };
    const good = await start({ ...given, tls: { ca_file: ca } });
    await good.ready();
    expect(readFileSync(ca, "utf8")).toContain("CERTIFICATE");
    const bad = await start({ ...given, tls: {} });
    await until(() => bad.raised.length > 0 && bad.raised.at(-1) !== "well");
    expect(bad.raised.at(-1)).toMatch(/certificate/);
  });
});
