import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { delivery } from "../../test/kit/store-fixtures.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import { createBatcher, type Choice } from "./batcher.ts";
import { createReadyRuns } from "./ready-runs.ts";

let nextId = 0;
const made = (text: string, payload = text): Delivery => ({
  ...delivery(text, { payload }),
  id: ++nextId,
  committedMs: 0,
  attempts: 0,
  giveUp: null,
});

function setUp(runs: readonly (readonly string[])[], batch: Parameters<typeof createBatcher>[0], ordered = false) {
  const clock = manualClock();
  const ready = createReadyRuns();
  const add = (...texts: readonly string[]) =>
    ready.push({ deliveries: texts.map((text) => made(text)), next: 0, sinceMs: clock.monotonicMs() });
  for (const run of runs) add(...run);
  const batcher = createBatcher(batch, ordered, clock);
  return { clock, ready, add, next: () => shown(batcher.next(ready)) };
}

/** Event ids of a batch, or why there is none. */
const shown = (choice: Choice): string =>
  choice.kind === "send"
    ? choice.parts.map(({ deliveries }) => deliveries.map(({ eventId }) => eventId).join("+")).join(" ")
    : choice.kind === "linger"
      ? `linger ${choice.waitMs}`
      : "empty";

const of = (maxItems: number, maxBytes = 1e9, lingerMs = 0) => ({ maxItems, maxBytes, lingerMs });

test("without batches one goes at a time, first come first served", () => {
  const { next } = setUp([["a"], ["b", "b2"]], null);
  expect([next(), next(), next()]).toEqual(["a", "b", "empty"]);
});

test.each<[string, readonly (readonly string[])[], Parameters<typeof createBatcher>[0], boolean, string[]]>([
  ["as many as fit", [["a"], ["b"], ["c"]], of(2), false, ["a b", "c", "empty"]],
  ["all that there are", [["a"], ["b"]], of(5), false, ["a b", "empty"]],
  ["by bytes", [["aaaa"], ["bbbb"], ["cc"]], of(9, 8), false, ["aaaa bbbb", "cc"]],
  ["bytes of UTF-8", [["ää"], ["öö"], ["c"]], of(9, 5), false, ["ää", "öö c"]],
  ["one that is too large goes alone", [["aaaaaaaaaa"], ["b"]], of(9, 5), false, ["aaaaaaaaaa", "b"]],
  [
    "one of each run",
    [
      ["a", "a2"],
      ["b", "b2"],
    ],
    of(9),
    false,
    ["a b"],
  ],
  [
    "all of a run when the type is ordered",
    [
      ["a", "a2"],
      ["b", "b2"],
    ],
    of(9),
    true,
    ["a+a2 b+b2"],
  ],
  ["part of a run when the type is ordered", [["a", "a2", "a3"], ["b"]], of(2), true, ["a+a2"]],
  ["bytes cut a run too", [["a"], ["bb", "bb2"]], of(9, 4), true, ["a bb"]],
])("%s", (_, runs, batch, ordered, expected) => {
  const { next } = setUp(runs, batch, ordered);
  expect(expected.map(() => next())).toEqual(expected);
});

test("a batch that is not full lingers, from its first item on", async () => {
  const { next, clock, add } = setUp([["a"]], of(3, 1e9, 100));
  expect(next()).toBe("linger 100");
  await clock.advance(60);
  add("b");
  expect(next()).toBe("linger 40");
  await clock.advance(40);
  expect(next()).toBe("a b");
});

test.each([
  ["items", of(2, 1e9, 100)],
  ["bytes", of(9, 2, 100)],
])("a batch full by %s goes at once", (_, batch) => {
  const { next } = setUp([["a"], ["b"], ["c"]], batch);
  expect([next(), next()]).toEqual(["a b", "linger 100"]);
});

test("the line stays sound over thousands", () => {
  const { next, ready, add } = setUp([], of(7));
  let taken = "";
  let expected = "";
  for (let n = 0; n < 1000; n++) {
    add(`${n}`);
    expected += ` ${n}`;
    if (n % 5 === 0) taken += ` ${next()}`;
  }
  while (ready.length > 0) taken += ` ${next()}`;
  expect(taken).toBe(expected);
  expect(ready.items).toBe(0);
});
