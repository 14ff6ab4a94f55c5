import { expect, test } from "vitest";
import { parseDuration, parseSize, printDuration } from "./duration.ts";

test.each<[string | number, number | undefined]>([
  ["10s", 10_000],
  ["1h30m", 5_400_000],
  ["500ms", 500],
  ["7d", 604_800_000],
  ["1.5s", 1500],
  ["250", 250],
  [250, 250],
  ["", undefined],
  ["-1s", undefined],
  ["10 parsecs", undefined],
  ["s", undefined],
  [-1, undefined],
])("the duration %j is %j ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each<[string | number, number | undefined]>([
  ["5mb", 5_242_880],
  ["64kb", 65_536],
  ["2gb", 2_147_483_648],
  ["2m", 2_097_152],
  ["100b", 100],
  ["5242880", 5_242_880],
  [42, 42],
  ["1 KiB", 1024],
  ["mb", undefined],
  ["5xb", undefined],
  [1.5, undefined],
])("the size %j is %j bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  [5_405_000, "1h30m"],
  [5000, "5s"],
  [250, "250ms"],
  [0, "0ms"],
  [90_061_000, "1d1h"],
  [3_600_500, "1h"],
])("%d ms prints %s", (ms, text) => expect(printDuration(ms)).toBe(text));
