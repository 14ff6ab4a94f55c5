/** Lets other threads go first. Linux alone knows threads by number and gives each its priority; elsewhere nothing changes. */
import { existsSync, readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";

const THREAD = "/proc/thread-self";

/** Of the thread that calls; `nice` as the command of that name has it. */
export function setThreadPriority(nice: number): void {
  // `<process>/task/<thread>`
  if (existsSync(THREAD)) setPriority(Number(basename(readlinkSync(THREAD))), nice);
}
