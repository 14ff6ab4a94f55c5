import { expect, test } from "vitest";
import type { StoreUnit } from "../component/store.ts";
import { delivery, unitOf } from "../../test/kit/store-fixtures.ts";
import { createGroupCommit, type GroupCommitDeps } from "./group-commit.ts";
import type { GroupMessage, GroupReply } from "./group-message.ts";

const turn = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
};

function start(more: Partial<GroupCommitDeps> = {}) {
  const sent: GroupMessage[] = [];
  const answers: PromiseWithResolvers<GroupReply>[] = [];
  const failures: unknown[] = [];
  const groups = createGroupCommit({
    send(message) {
      sent.push(message);
      const answer = Promise.withResolvers<GroupReply>();
      answers.push(answer);
      return answer.promise;
    },
    nowMs: () => 1,
    after: () => () => undefined,
    refuseUnits: () => null,
    missingSpace: () => null,
    onSent: () => undefined,
    onFailure(error) {
      failures.push(error);
      const failed = new Error("failed");
      groups.fail(failed);
      return failed;
    },
    ...more,
  });
  /** Answers the group of that number: all was written. */
  const answer = async (index: number, times: { idleMs?: number; syncMs?: number } = {}): Promise<void> => {
    const message = sent[index]!;
    const ids = Float64Array.from({ length: message.deliveries }, (_, n) => -1 - n);
    const duplicates = new Uint8Array(message.events);
    answers[index]!.resolve({
      ids,
      duplicates,
      renamed: [],
      refused: [],
      droppedDeadLetters: 0,
      idleMs: 0,
      syncMs: 0,
      journal: { pages: 0, back: 0 },
      ...times,
    });
    await turn();
  };
  let serial = 0;
  const unit = (rows = 1, payload = "x"): StoreUnit =>
    unitOf(...Array.from({ length: rows }, () => delivery(`e${serial++}`, { payload })));
  const commit = (rows?: number, payload?: string) => groups.commit(unit(rows, payload), {});
  const settle = () => groups.settle({ id: 1, state: "delivered", attempts: 1, atMs: 1 });
  const sizes = () => sent.map(({ units, settlements }) => [units, settlements.length]);
  return { groups, commit, settle, answer, sizes, answers, failures, sent };
}

test("all of one turn is one group; the next fills while it is being written", async () => {
  const { commit, settle, answer, sizes } = start();
  const first = [commit(), commit(), settle()];
  await turn();
  const later = [commit(), settle()];
  await turn();
  expect(sizes()).toEqual([[2, 1]]);
  await answer(0);
  await Promise.all(first);
  expect(sizes()).toEqual([
    [2, 1],
    [1, 1],
  ]);
  await answer(1);
  await Promise.all(later);
});

test("those woken by one answer share the next group", async () => {
  const { commit, answer, sizes } = start();
  const sender = async () => {
    await commit();
    await commit();
  };
  void Promise.all([sender(), sender(), sender(), sender()]);
  await turn();
  void commit();
  await turn();
  await answer(0);
  expect(sizes()).toEqual([
    [4, 0],
    [5, 0],
  ]);
});

test("a group goes ahead when it is about as large as the one being written, and only one", async () => {
  const { commit, answer, sizes } = start();
  const some = (count: number) => Promise.all(Array.from({ length: count }, () => commit()));
  void some(200);
  await turn();
  void some(99);
  await turn();
  expect(sizes()).toEqual([[200, 0]]);
  void some(1);
  await turn();
  void some(500);
  await turn();
  expect(sizes()).toEqual([
    [200, 0],
    [100, 0],
  ]);
  await answer(0);
  expect(sizes()).toEqual([
    [200, 0],
    [100, 0],
    [500, 0],
  ]);
});

test("when the writer waits longer for groups than the disk takes, they are cut in two", async () => {
  const { commit, answer, sizes } = start();
  const sender = async () => {
    for (;;) await commit();
  };
  for (let senders = 0; senders < 200; senders++) void sender();
  await turn();
  await answer(0, { idleMs: 1, syncMs: 2 });
  await answer(1, { idleMs: 2, syncMs: 1 });
  await answer(2);
  await answer(3);
  expect(sizes().map(([units]) => units)).toEqual([200, 200, 100, 100, 100, 100]);
});

test("when the disk takes longer than packing, halves come together again", async () => {
  const { commit, answer, sizes } = start();
  const sender = async () => {
    for (;;) await commit();
  };
  for (let senders = 0; senders < 200; senders++) void sender();
  await turn();
  await answer(0, { idleMs: 1000, syncMs: 2 }); // nobody was there before
  await answer(1, { idleMs: 2, syncMs: 1 });
  await answer(2, { syncMs: 1 });
  await answer(3, { syncMs: 20 });
  await answer(4, { syncMs: 3 });
  await answer(5, { idleMs: 2, syncMs: 3 });
  await answer(6, { idleMs: 2, syncMs: 3 });
  expect(sizes().map(([units]) => units)).toEqual([200, 200, 100, 100, 100, 200, 200, 200]);
});

test("neither one long wait nor one short sync is a reason to cut groups", async () => {
  const { commit, answer, sizes } = start();
  const sender = async () => {
    for (;;) await commit();
  };
  for (let senders = 0; senders < 200; senders++) void sender();
  await turn();
  await answer(0, { syncMs: 3 });
  await answer(1, { idleMs: 1, syncMs: 3 });
  await answer(2, { idleMs: 1000, syncMs: 3 });
  await answer(3, { idleMs: 1, syncMs: 0 });
  expect(sizes().map(([units]) => units)).toEqual([200, 200, 200, 200, 200]);
});

test.each<[string, [rows: number, payload: string][], number[]]>([
  ["2,000 rows", Array.from({ length: 2_100 }, () => [1, "x"]), [2_000, 100]],
  ["4 MiB", Array.from({ length: 6 }, () => [1, "x".repeat(1_300_000)]), [3, 3]],
  [
    "a larger unit goes by itself",
    [
      [1, "x"],
      [2_500, "x"],
      [1, "x"],
    ],
    [1, 1, 1],
  ],
  [
    "and is never split",
    [
      [1, "x".repeat(5_000_000)],
      [1, "x"],
    ],
    [1, 1],
  ],
])("a group is bounded: %s", async (_, given, expected) => {
  const { commit, answer, sizes } = start();
  const all = given.map(([rows, payload]) => commit(rows, payload));
  await turn();
  for (let index = 0; index < expected.length; index++) await answer(index);
  await Promise.all(all);
  expect(sizes().map(([units]) => units)).toEqual(expected);
});

test("settlements leave room for units", async () => {
  const { commit, settle, sizes } = start();
  for (let count = 0; count < 1_500; count++) void settle();
  void commit(10);
  await turn();
  expect(sizes()).toEqual([[1, 1_000]]);
});

test("a large unit beside settlements goes before them, and they follow", async () => {
  const { commit, settle, answer, sizes } = start();
  void settle();
  void commit(2_000);
  await turn();
  await answer(0);
  expect(sizes()).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test("an error that is not about space rejects all, those of the group and those who wait", async () => {
  const { commit, settle, answers, failures } = start();
  const all = [commit(), settle()];
  await turn();
  all.push(commit(), settle());
  answers[0]!.reject(new Error("broken"));
  for (const result of await Promise.allSettled<unknown>(all))
    expect(result).toMatchObject({ status: "rejected", reason: { message: "failed" } });
  expect(failures).toMatchObject([{ message: "broken" }]);
  await expect(commit()).rejects.toThrow("failed");
});

test("units are refused while there is no space, settlements go on", async () => {
  const { commit, settle, sizes } = start({ refuseUnits: () => new Error("full") });
  const refused = commit();
  void settle();
  await expect(refused).rejects.toThrow("full");
  expect(sizes()).toEqual([[0, 1]]);
});

test("drain waits for all that was given", async () => {
  const { groups, commit, answer } = start();
  let drained = false;
  void commit(2_000);
  void commit();
  const end = groups.drain().then(() => (drained = true));
  await turn();
  await answer(0);
  expect(drained).toBe(false);
  await answer(1);
  await end;
});
