/** Entry of the store's threads. `role` says which: the writer, or a reader. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { StoreOptions } from "../component/store.ts";
import { serve } from "./channel.ts";
import { createPace, journalOf, restsFor, type Pace } from "./pace.ts";
import { createReader, type Reader } from "./reader.ts";
import { openDatabase, openReadOnly } from "./schema.ts";
import { setThreadPriority } from "./thread-priority.ts";
import { createWriter } from "./writer.ts";

export interface WorkerData {
  readonly role: "writer" | "reader";
  readonly options: StoreOptions;
}

// What sqlite-store.ts gives.
const { role, options } = workerData as WorkerData;
if (!parentPort) throw new Error("the store's worker runs in a thread only");
/** A page may wait for a commit, a commit not for a page. */
const READER_NICE = 10;
const elapsedMs = (): number => performance.now();

function writer(): object {
  const served = createWriter(openDatabase(options.path), options, elapsedMs);
  const pace = createPace(elapsedMs);
  return {
    ...served,
    async maintain(nowMs: number) {
      await sleep(pace.restMs());
      pace.begin();
      try {
        return served.maintain(nowMs);
      } finally {
        pace.end();
      }
    },
  };
}

function reader(): Reader {
  setThreadPriority(READER_NICE);
  const paceOf = (holds: boolean): Pace =>
    createPace(
      elapsedMs,
      restsFor(() => journalOf(options.path), elapsedMs, holds),
    );
  return createReader(openReadOnly(options.path), elapsedMs, { pages: paceOf(false), backup: paceOf(true) });
}

serve(parentPort, role === "writer" ? writer() : reader());
