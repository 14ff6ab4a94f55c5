import { expect, test } from "vitest";
import { createPace, restsFor } from "./pace.ts";
import { JOURNAL_BYTES } from "./schema.ts";

test.each([
  ["three times the work", 4, 0, 12],
  ["less what has passed since", 4, 5, 7],
  ["nothing when it has passed", 4, 12, 0],
  ["nothing after no work", 0, 0, 0],
  ["never long", 1_000, 0, 100],
])("rests %s", (_, workMs, laterMs, restMs) => {
  let now = 1_000;
  const pace = createPace(() => now);
  expect(pace.restMs()).toBe(0);
  pace.begin();
  now += workMs;
  pace.end();
  now += laterMs;
  expect(pace.restMs()).toBe(restMs);
});

test("rests only where it may", () => {
  let now = 0;
  let may = false;
  const pace = createPace(
    () => now,
    () => may,
  );
  pace.begin();
  now = 5;
  pace.end();
  expect(pace.restMs()).toBe(0);
  may = true;
  expect(pace.restMs()).toBe(15);
});

test("rests are for commits: while some came within 100 ms", () => {
  let now = 0;
  const journal = { bytes: 0, changedMs: 1 };
  const mayRest = restsFor(
    () => journal,
    () => now,
    false,
  );
  expect(mayRest()).toBe(true);
  now = 100;
  expect(mayRest()).toBe(true);
  now = 101;
  expect(mayRest()).toBe(false);
  journal.changedMs = 2;
  expect(mayRest()).toBe(true);
});

test.each([
  [true, JOURNAL_BYTES, true],
  [true, JOURNAL_BYTES + 1, false],
  [false, JOURNAL_BYTES + 1, true],
])("who holds one state (%s) hurries when the journal is long (%d bytes)", (holds, bytes, rests) => {
  const mayRest = restsFor(
    () => ({ bytes, changedMs: 1 }),
    () => 0,
    holds,
  );
  expect(mayRest()).toBe(rests);
});
