import type { DeliveryQuery } from "../component/store.ts";
import type { DeadSelection, DeliveryView } from "../http/contract/deliveries.ts";

/** What `deliveries` and `store` ask of a store, wherever it is. */
export interface Admin {
  list(query: DeliveryQuery): Promise<{ readonly items: readonly DeliveryView[]; readonly next: string | null }>;
  show(id: number): Promise<DeliveryView>;
  retry(selection: DeadSelection): Promise<number>;
  drop(selection: DeadSelection): Promise<number>;
  backup(file: string): Promise<{ readonly file: string; readonly bytes: number }>;
  check(): Promise<readonly string[]>;
  compact(): Promise<{ readonly before_bytes: number; readonly after_bytes: number }>;
  close(): Promise<void>;
}
