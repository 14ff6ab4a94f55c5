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
  await set.close();
  expect(closed.toSorted()).toEqual(["a1", "a9", "b1", "b2", "c1"]);
});
