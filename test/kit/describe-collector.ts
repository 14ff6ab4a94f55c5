/**
 * What every collector type promises, whatever its protocol: an input is acknowledged only after its commit; what could
 * not be committed can come again; at its memory bound it slows or refuses senders and loses nothing; it stops in time
 * and without dropping what it took; a peer that vanishes does it no harm.
 *
 * Protocols without an answer cannot promise the first two, so theirs is another promise: what was read is kept until it
 * is committed, even if its sender has left; and at the bound nothing more is read, which slows the sender. Datagrams
 * cannot be left unread for long, so at the bound they are lost, and each loss is counted.
 */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { AppError } from "../../src/component/app-error.ts";
import { collectorOptions } from "../../src/component/collector-options.ts";
import type { Collector, CollectorType } from "../../src/component/define-collector.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { collectorWorld, type CollectorWorld, type CollectorWorldOptions } from "./collector-world.ts";
import { turns, until, watched } from "./event-loop.ts";

/** `lost`: the connection ended without an answer, so the sender repeats if it can. */
export type Answer = "acknowledged" | "refused" | "lost";

export interface Sending {
  readonly answer: Promise<Answer>;
  /** The sender disappears without a word. */
  vanish(): void;
}

/** A started collector and a sender of its protocol. */
export interface CollectorBench {
  readonly collector: Collector;
  send(document: JsonObject): Sending;
  /** Starts to send and stops in the middle. */
  sendHalf(document: JsonObject): Sending;
  /** A sender of `document` that neither reads nor leaves, whatever it is told; for protocols with connections. */
  stay?(document: JsonObject): void;
  close(): Promise<void>;
}

export interface CollectorSuite {
  /** What the protocol offers: `acknowledged` unless given. */
  readonly wire?: "acknowledged" | "stream" | "datagrams";
  readonly open: (world: CollectorWorld) => Promise<CollectorBench>;
  /** Values the bench uses that must never be logged. */
  readonly secrets: readonly string[];
}

export function describeCollector(type: CollectorType, suite: CollectorSuite): void {
  const withBench = async (
    options: CollectorWorldOptions,
    run: (bench: CollectorBench, world: CollectorWorld) => Promise<void>,
  ): Promise<void> => {
    const world = collectorWorld(options);
    const bench = await suite.open(world);
    try {
      await run(bench, world);
      for (const secret of suite.secrets) expect(world.log.join("\n")).not.toContain(secret);
    } finally {
      world.commitAll();
      await bench.collector.stop();
      await bench.close();
    }
  };

  describeCollectorDeclaration(type);
  const contract = `collector ${type.type}: contract`;
  const wire = suite.wire ?? "acknowledged";
  const answers = (): void => {
    test("nothing is acknowledged before the commit", () =>
      withBench({}, async (bench, world) => {
        const sending = bench.send({ n: 1 });
        const answer = watched(sending.answer);
        await until(() => world.emissions.length === 1);
        await turns();
        expect(answer.settled).toBe(false);
        world.emissions[0]!.commit();
        expect(await sending.answer).toBe("acknowledged");
        expect(world.committed).toEqual([{ n: 1 }]);
      }));

    test.each(["commit_timeout", "store_full", "overloaded"] as const)(
      "after %s it is not acknowledged, and the same can come again",
      (code) =>
        withBench({}, async (bench, world) => {
          const first = bench.send({ n: 1 });
          await until(() => world.emissions.length === 1);
          world.emissions[0]!.fail(new AppError(code, "not now"));
          // A pulling collector repeats by itself; another one refuses and its sender repeats.
          const answer = await Promise.race([first.answer, passing(world, () => world.emissions.length === 2)]);
          expect(answer).not.toBe("acknowledged");
          const second = answer === undefined ? first : bench.send({ n: 1 });
          await passing(world, () => world.emissions.length === 2);
          world.emissions[1]!.commit();
          expect(await second.answer).toBe("acknowledged");
          expect(world.committed).toEqual([{ n: 1 }]);
        }),
    );

    test("at its memory bound it slows or refuses, and drops nothing", () =>
      withBench({ maxInFlightBytes: 64 * 1024 }, async (bench, world) => {
        const count = 30;
        const size = 8 * 1024;
        const sendings = Array.from({ length: count }, (_, n) => bench.send({ n, filler: "x".repeat(size) }));
        const answers = sendings.map((sending) => watched(sending.answer));
        const busy = (): number => world.emissions.length + answers.filter(({ settled }) => settled).length;
        await until(() => busy() > 0);
        for (let before = -1; before !== busy(); await turns(300)) before = busy();
        expect(answers.filter(({ value }) => value === "acknowledged")).toEqual([]);
        const taken = world.emissions.reduce((sum, { emission }) => sum + emission.arrivals.length, 0);
        expect(taken).toBeGreaterThan(0);
        expect(taken).toBeLessThanOrEqual((64 * 1024) / size);
        world.commitAll();
        const settled = await Promise.all(sendings.map((sending) => sending.answer));
        const acknowledged = settled.filter((answer) => answer === "acknowledged").length;
        expect(acknowledged).toBeGreaterThanOrEqual(taken);
        expect(world.committed).toHaveLength(acknowledged);
      }));

    test("stopping waits for what was taken and takes nothing more", () =>
      withBench({}, async (bench, world) => {
        const taken = bench.send({ n: 1 });
        await until(() => world.emissions.length === 1);
        const half = bench.sendHalf({ n: 2, filler: "x".repeat(1000) });
        await turns();
        const stop = bench.collector.stop();
        const stopped = watched(stop);
        const late = watched(bench.send({ n: 3 }).answer);
        await turns();
        expect(stopped.settled).toBe(false);
        expect(late.value).not.toBe("acknowledged");
        world.emissions[0]!.commit();
        await stop;
        expect(await taken.answer).toBe("acknowledged");
        half.vanish();
        expect(await half.answer).not.toBe("acknowledged");
        expect(world.committed).toEqual([{ n: 1 }]);
        expect(world.emissions).toHaveLength(1);
      }));

    test("a peer that vanishes does no harm", () =>
      withBench({ maxInFlightBytes: 64 * 1024 }, async (bench, world) => {
        for (let n = 0; n < 5; n++) {
          const half = bench.sendHalf({ filler: "x".repeat(32 * 1024) });
          await turns(20);
          half.vanish();
          expect(await half.answer).toBe("lost");
        }
        const waiting = bench.send({ n: 1 });
        await until(() => world.emissions.length === 1);
        waiting.vanish();
        expect(await waiting.answer).toBe("lost");
        world.emissions[0]!.commit();
        await turns();
        const next = bench.send({ n: 2 });
        await until(() => world.emissions.length === 2);
        world.emissions[1]!.commit();
        expect(await next.answer).toBe("acknowledged");
      }));
  };

  const keeps = (): void => {
    test("what was read is committed, though its sender has left", () =>
      withBench({}, async (bench, world) => {
        const sending = bench.send({ n: 1 });
        await until(() => world.emissions.length === 1);
        sending.vanish();
        await turns();
        world.emissions[0]!.commit();
        bench.send({ n: 2 });
        await until(() => world.emissions.length === 2);
        world.emissions[1]!.commit();
        expect(world.committed).toEqual([{ n: 1 }, { n: 2 }]);
      }));

    test.each(["commit_timeout", "store_full", "overloaded"] as const)(
      "after %s the same is tried again, though its sender has left",
      (code) =>
        withBench({}, async (bench, world) => {
          const sending = bench.send({ n: 1 });
          for (let failed = 0; failed < 5; failed++) {
            await passing(world, () => world.emissions.length > failed);
            world.emissions[failed]!.fail(new AppError(code, "not now"));
            sending.vanish();
          }
          await passing(world, () => world.emissions.length > 5);
          world.emissions[5]!.commit();
          expect(world.committed).toEqual([{ n: 1 }]);
          const ids = world.emissions.map(({ emission }) => emission.arrivals[0]?.event);
          expect(ids.every((event) => event === ids[0])).toBe(true);
        }),
    );

    test("at its memory bound it reads no more, or counts what it could not take", () =>
      withBench({ maxInFlightBytes: 64 * 1024 }, async (bench, world) => {
        const count = wire === "stream" ? 30 : 14; // more datagrams could overflow the system's own buffer
        const size = 8 * 1024;
        for (let n = 0; n < count; n++) bench.send({ n, filler: "x".repeat(size) });
        const taken = (): number => world.emissions.reduce((sum, { emission }) => sum + emission.arrivals.length, 0);
        const seen = (): number => taken() + (world.rejected["overloaded"] ?? 0);
        await until(() => seen() > 0);
        for (let before = -1; before !== seen(); await turns(300)) before = seen();
        expect(taken()).toBeGreaterThan(0);
        expect(taken()).toBeLessThanOrEqual((64 * 1024) / size);
        world.commitAll();
        if (wire === "stream") expect(world.rejected).toEqual({});
        await until(() => world.committed.length + (world.rejected["overloaded"] ?? 0) === count);
        expect(world.committed.length).toBeGreaterThanOrEqual(taken());
      }));

    test("stopping waits for what was read and reads nothing more", () =>
      withBench({}, async (bench, world) => {
        bench.send({ n: 1 });
        await until(() => world.emissions.length === 1);
        const half = bench.sendHalf({ n: 2, filler: "x".repeat(1000) });
        await turns();
        const stop = bench.collector.stop();
        const stopped = watched(stop);
        bench.send({ n: 3 });
        await turns();
        expect(stopped.settled).toBe(false);
        world.emissions[0]!.commit();
        await stop;
        half.vanish();
        expect(world.committed.slice(0, 1)).toEqual([{ n: 1 }]);
        expect(world.committed.slice(1)).toEqual([]);
      }));

    test("a peer that vanishes in the middle does no harm", () =>
      withBench({ maxInFlightBytes: 64 * 1024, commitAtOnce: true }, async (bench, world) => {
        for (let n = 0; n < 5; n++) {
          const half = bench.sendHalf({ filler: "x".repeat(32 * 1024) });
          await turns(20);
          half.vanish();
          await turns(20);
        }
        bench.send({ n: 1 });
        await until(() => world.committed.some((payload) => JSON.stringify(payload) === '{"n":1}'));
      }));
  };

  describe(contract, wire === "acknowledged" ? answers : keeps);

  describe(`collector ${type.type}: stopping in time`, () => {
    test("commits that fail do not hold it up", () =>
      withBench({}, async (bench, world) => {
        bench.send({ n: 1 });
        await until(() => world.emissions.length === 1);
        world.emissions[0]!.fail(new AppError("store_full", "not now"));
        const stopped = watched(bench.collector.stop());
        let failed = 1;
        await passing(world, () => {
          for (; failed < world.emissions.length; failed++)
            world.emissions[failed]!.fail(new AppError("shutting_down", "not now"));
          return stopped.settled;
        });
      }));

    test("a peer that neither reads nor leaves does not hold it up", () =>
      withBench({ commitAtOnce: true }, async (bench, world) => {
        if (!bench.stay) return;
        bench.stay({ n: 1 });
        await until(() => world.committed.length === 1);
        const stopped = watched(bench.collector.stop());
        await passing(world, () => stopped.settled);
      }));
  });
}

/** All that can be asked of a collector that has no sender, such as a timer. */
export function describeCollectorDeclaration(type: CollectorType): void {
  describe(`collector ${type.type}: declaration`, () => {
    const { shape } = type.options as z.ZodObject; // collector files hold one object
    test.each(Object.keys(shape))("option %s is described", (key) =>
      expect((shape[key] as z.ZodType).description ?? "").toMatch(/\S{2,}/),
    );
    test.each(type.examples.map(({ title, file }) => [title, file] as const))("example: %s", (_title, file) => {
      expect(collectorOptions.safeParse(pick(file, (key) => key in collectorOptions.shape))).toMatchObject({
        success: true,
      });
      expect(type.options.safeParse(pick(file, (key) => !(key in collectorOptions.shape)))).toMatchObject({
        success: true,
      });
    });
    test("an unknown option is refused", () => {
      const [example] = type.examples;
      const own = pick(example?.file ?? {}, (key) => !(key in collectorOptions.shape));
      expect(type.options.safeParse({ ...own, no_such_option: 1 }).success).toBe(false);
    });
    test("summary and guarantees are there", () => {
      expect(type.summary.length).toBeGreaterThan(20);
      expect(type.guarantees.length).toBeGreaterThan(20);
    });
  });
}

/** Of the 15 s that a process has by default. */
const STOP_MS = 10_000;
const STEP_MS = 100;

/** Lets time pass, no longer than a stop may take; the system's own work may last longer, until the test's limit. */
async function passing(world: CollectorWorld, condition: () => boolean): Promise<void> {
  for (let passedMs = 0; !condition() && passedMs <= STOP_MS; passedMs += STEP_MS) {
    await world.clock.advance(STEP_MS);
    await turns(3);
  }
  await until(condition);
}

const pick = (file: Readonly<Record<string, unknown>>, wanted: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(file).filter(([key]) => wanted(key)));
