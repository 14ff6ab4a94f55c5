/** Time, randomness and hashing of the machine, handed to everything below `app`. */
import { hash } from "node:crypto";
import type { Clock } from "../component/clock.ts";
import { randomPool } from "./random-pool.ts";
import { wallClock } from "./wall-clock.ts";

export interface System {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly randomBytes: (count: number) => Buffer;
  readonly sha256: (data: string | Uint8Array) => Uint8Array;
}

export const system: System = {
  clock: wallClock,
  random: Math.random,
  randomBytes: randomPool(),
  sha256: (data) => hash("sha256", data, "buffer"),
};
