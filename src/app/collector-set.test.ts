import { beforeEach, expect, test } from "vitest";
import type { HealthBoard } from "../component/health.ts";
import { silentLogger } from "../component/logger.ts";
import { type CollectorSet, createCollectorSet } from "./collector-set.ts";

let steps: string[];
let raised: string[];
let set: CollectorSet;
/** Ports that are taken: a collector of the same port cannot start beside another. */
let open: Set<string>;

beforeEach(() => {
  steps = [];
  raised = [];
  open = new Set();
  const health: HealthBoard = {
    raise: (subject, code) => void raised.push(`${subject} ${code}`),
    clear: (subject) => void raised.push(`clear ${subject}`),
    reasons: () => [],
  };
  set = createCollectorSet({ logger: silentLogger, health });
});

const spec = (id: string, hash: string, how: { port?: string; fails?: boolean } = {}) => ({
  id,
  hash,
  create: () => {
    let started = false;
    return {
      async start() {
        if (how.fails || (how.port !== undefined && open.has(how.port))) {
          steps.push(`fail ${id}${hash}`);
          throw new Error("cannot start");
        }
        if (how.port !== undefined) open.add(how.port);
        started = true;
        steps.push(`start ${id}${hash}`);
      },
      async stop() {
        if (!started) return;
        if (how.port !== undefined) open.delete(how.port);
        steps.push(`stop ${id}${hash}`);
      },
    };
  },
});

const taken = (): string[] => steps.splice(0);

test("unchanged ones are carried over, changed ones start before the old one stops, removed ones stop", async () => {
  await set.apply([spec("a", "1"), spec("b", "1"), spec("c", "1")]);
  expect(taken()).toEqual(["start a1", "start b1", "start c1"]);
  await set.apply([spec("a", "1"), spec("b", "2")]);
  expect(taken()).toEqual(["start b2", "stop b1", "stop c1"]);
  expect(raised).toEqual(["clear collector:c"]);
  await set.stop();
  expect(taken().toSorted()).toEqual(["stop a1", "stop b2"]);
});

test("one that cannot be open beside its old self is stopped first", async () => {
  await set.apply([spec("a", "1", { port: "5044" })]);
  await set.apply([spec("a", "2", { port: "5044" })]);
  expect(taken()).toEqual(["start a1", "fail a2", "stop a1", "start a2"]);
});

test("a failure brings everything back as it was", async () => {
  await set.apply([spec("a", "1"), spec("b", "1", { port: "5044" }), spec("c", "1")]);
  taken();
  await expect(
    set.apply([spec("a", "2"), spec("b", "2", { port: "5044" }), spec("c", "2", { fails: true })]),
  ).rejects.toThrow("cannot start");
  expect(taken()).toEqual([
    "start a2",
    "fail b2",
    "stop b1",
    "start b2",
    "fail c2",
    "stop c1",
    "fail c2",
    "start c1",
    "stop b2",
    "start b1",
    "stop a2",
  ]);
  await set.apply([spec("a", "1"), spec("b", "1", { port: "5044" }), spec("c", "1")]);
  expect(taken()).toEqual([]);
  expect(raised).toEqual([]);
});

test("what cannot be restored is not hidden", async () => {
  let broken = false;
  const flaky = { id: "a", hash: "1", create: () => spec("a", "1", { fails: broken }).create() };
  await set.apply([flaky]);
  broken = true;
  await expect(set.apply([spec("a", "2", { fails: true })])).rejects.toMatchObject({
    code: "unreachable",
    message: "collector a cannot start: cannot start",
  });
  expect(raised).toEqual(["configuration collector_lost"]);
});
