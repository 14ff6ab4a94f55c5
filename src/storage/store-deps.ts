import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/logger.ts";
import type { Metrics } from "../component/metrics.ts";

/** What a store needs from outside. */
export interface StoreDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Told once when the store is lost (dead worker, unknown error); every later call is rejected. */
  readonly onFailure?: (error: Error) => void;
  /** Free bytes of the file system under the store; tests replace it. */
  readonly freeBytes?: () => number;
}
