/**
 * Loading thousands of rules leaves several times as much garbage as rules, and V8 keeps the memory of it for as long as
 * nothing else needs it. One full collection gives it back; it stops the process for some hundred milliseconds, so it is
 * for the start, before anything is served.
 */
import { getHeapStatistics } from "node:v8";

/** Bytes. A heap below this is not worth the time. */
const LARGE = 160 * 2 ** 20;

export async function releaseMemory(largeBytes: number = LARGE): Promise<void> {
  if (getHeapStatistics().total_physical_size < largeBytes) return;
  const { Session } = await import("node:inspector/promises");
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.enable");
    await session.post("HeapProfiler.collectGarbage");
  } finally {
    session.disconnect();
  }
}
