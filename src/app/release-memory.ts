/**
 * Loading thousands of rules leaves several times as much garbage as rules, and V8 keeps the memory of it for as long as
 * nothing else needs it. One full collection gives it back; it stops the process for some hundred milliseconds, so it is
 * for the start, before anything is served.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes. A heap below this is not worth the time. */
const LARGE = 160 * 2 ** 20;

export function releaseMemory(): void {
  if (getHeapStatistics().total_physical_size < LARGE) return;
  setFlagsFromString("--expose-gc");
  // A context made after the flag was set has the function.
  const collect = runInNewContext("gc") as NonNullable<typeof globalThis.gc>;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
