import { expect, test } from "vitest";
import type { ExecutorPlan } from "../component/executor-plan.ts";
import { silentLogger } from "../component/logger.ts";
import { createExecutorSet } from "./executor-set.ts";

// The set looks at id and hash alone.
const plan = (id: string, hash: string): ExecutorPlan => ({ id, hash }) as ExecutorPlan;

test("unchanged executors are carried over; the replaced ones are closed when they are no longer used", async () => {
  const closed: string[] = [];
  const set = createExecutorSet(
    ({ id, hash }) => ({ preview: () => ({}), close: async () => void closed.push(id + hash) }),
    { logger: silentLogger },
  );
  const first = set.prepare([plan("a", "1"), plan("b", "1"), plan("c", "1")]);
  first.commit(Promise.resolve());
  const vain = set.prepare([plan("a", "9"), plan("b", "1")]);
  await vain.discard();
  expect(closed).toEqual(["a9"]);

  const second = set.prepare([plan("a", "1"), plan("b", "2")]);
  expect(second.executors[0]).toBe(first.executors[0]);
  expect(second.executors[1]).not.toBe(first.executors[1]);
  expect(closed).toEqual(["a9"]);
  const { promise: unused, resolve } = Promise.withResolvers<void>();
  second.commit(unused);
  expect(closed).toEqual(["a9"]);
  resolve();
  await unused;
  await set.close();
  expect(closed.toSorted()).toEqual(["a1", "a9", "b1", "b2", "c1"]);
});

test("what was replaced but is still in use is closed with the rest, once", async () => {
  const closed: string[] = [];
  const set = createExecutorSet(
    ({ id, hash }) => ({ preview: () => ({}), close: async () => void closed.push(id + hash) }),
    { logger: silentLogger },
  );
  set.prepare([plan("a", "1")]).commit(Promise.resolve());
  const { promise: unused, resolve } = Promise.withResolvers<void>();
  set.prepare([plan("a", "2")]).commit(unused);
  await set.close();
  resolve();
  await unused;
  expect(closed.toSorted()).toEqual(["a1", "a2"]);
});

test("one that cannot be made leaves all as it was, and says which", async () => {
  const closed: string[] = [];
  const create = ({ id, hash }: ExecutorPlan) => {
    if (hash === "bad") throw new Error("no such certificate");
    return { preview: () => ({}), close: async () => void closed.push(id + hash) };
  };
  const set = createExecutorSet(create, { logger: silentLogger });
  set.prepare([plan("a", "1")]).commit(Promise.resolve());
  expect(() => set.prepare([plan("a", "2"), plan("b", "bad")])).toThrow(
    "executor b cannot be made: no such certificate",
  );
  expect(closed).toEqual(["a2"]);
  await set.close();
  expect(closed).toEqual(["a2", "a1"]);
});
