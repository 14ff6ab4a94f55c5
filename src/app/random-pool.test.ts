import { expect, test } from "vitest";
import { randomPool } from "./random-pool.ts";

test("pieces have the size asked for and share no bytes", () => {
  const random = randomPool();
  const pieces = Array.from({ length: 2000 }, () => random(16));
  expect(new Set(pieces.map((piece) => piece.toString("hex"))).size).toBe(2000);
  pieces[0]!.fill(0);
  expect(pieces[1]!.every((byte) => byte === 0)).toBe(false);
  expect(random(100_000).length).toBe(100_000);
});
