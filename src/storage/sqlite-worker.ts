/** Entry of the store's threads. `role` says which: the writer, or a reader. */
import { parentPort, workerData } from "node:worker_threads";
import type { StoreOptions } from "../component/store.ts";
import { serve } from "./channel.ts";
import { createReader } from "./reader.ts";
import { openDatabase, openReadOnly } from "./schema.ts";
import { createWriter } from "./writer.ts";

export interface WorkerData {
  readonly role: "writer" | "reader";
  readonly options: StoreOptions;
}

// What sqlite-store.ts gives.
const { role, options } = workerData as WorkerData;
if (!parentPort) throw new Error("the store's worker runs in a thread only");
const elapsedMs = (): number => performance.now();
serve(
  parentPort,
  role === "writer"
    ? createWriter(openDatabase(options.path), options, elapsedMs)
    : createReader(openReadOnly(options.path), elapsedMs),
);
