import type { Store } from "../component/store.ts";
import type { ExecutorView } from "./contract/executors.ts";
import type { GenerationStatus } from "./contract/generation.ts";
import type { HealthReport } from "./contract/health.ts";

/** What the admin API asks of the running process; `app` gives it. */
export interface AdminPorts {
  readonly health: () => HealthReport;
  readonly metricsText: () => Promise<string>;
  readonly generation: () => GenerationStatus;
  /** Rejects with AppError `configuration` (cause: ConfigurationErrors) when the files have errors. */
  readonly reload: () => Promise<GenerationStatus>;
  readonly executors: () => Promise<readonly ExecutorView[]>;
  readonly store: Pick<
    Store,
    "listDeliveries" | "getDelivery" | "retryDead" | "dropDead" | "backup" | "check" | "compact"
  >;
  /** Told after dead letters became pending, so that they are sent at once. */
  readonly wake: () => void;
  readonly version: string;
}
