import type { DatabaseSync } from "node:sqlite";
import type { ExecutorSpace, StoreOptions } from "../component/store.ts";
import type { Names } from "./names.ts";
import type { ReadyHeads } from "./ready-heads.ts";
import type { TotalsKeeper } from "./totals.ts";

/** What the parts of the writer share. */
export interface WriterState {
  readonly db: DatabaseSync;
  readonly options: StoreOptions;
  readonly names: Names;
  readonly totals: TotalsKeeper;
  /** Ids being sent; lost with the process, on purpose. */
  readonly leases: Set<number>;
  readonly heads: ReadyHeads;
  spaces: Readonly<Record<string, ExecutorSpace>>;
}
