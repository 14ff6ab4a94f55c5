import { expect, test } from "vitest";
import { manualClock } from "../../test/kit/manual-clock.ts";
import { createHealthBoard } from "./health-board.ts";

test("reasons are raised, told again and cleared", async () => {
  const clock = manualClock(1000);
  const board = createHealthBoard(clock);
  board.raise("executor:a", "unavailable", "connection refused");
  await clock.advance(10);
  board.raise("store", "disk_full", "12 bytes are free", "not_ready");
  board.raise("executor:a", "unavailable", "401");
  board.raise("executor:a", "executor_missing", "waits");
  expect(board.reasons()).toEqual([
    { subject: "executor:a", code: "unavailable", message: "401", level: "degraded", sinceMs: 1000 },
    { subject: "executor:a", code: "executor_missing", message: "waits", level: "degraded", sinceMs: 1010 },
    { subject: "store", code: "disk_full", message: "12 bytes are free", level: "not_ready", sinceMs: 1010 },
  ]);
  board.clear("executor:a", "unavailable");
  expect(board.reasons().map(({ code }) => code)).toEqual(["disk_full", "executor_missing"].toReversed());
  board.clear("executor:a");
  board.clear("unknown", "code");
  expect(board.reasons().map(({ subject }) => subject)).toEqual(["store"]);
});
