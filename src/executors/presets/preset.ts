/**
 * A target that the webhook executor serves as it is: what to write into `config/squall.yaml` and into a rule. One file
 * each, data only, registered in list.ts. `{secret: name}` in a payload names an entry of the executor's `secrets`.
 */
import type { JsonObject } from "../../core/json.ts";

export interface ActionPreset {
  readonly name: string;
  readonly summary: string;
  /** The entry below `executors:`, less `type: webhook`. */
  readonly executor: JsonObject;
  readonly firing: JsonObject;
  /** What tells the target that the trouble is over; null: it has nothing of the kind, for the reason in `notes`. */
  readonly resolve: JsonObject | null;
  /** What the target does with it: limits, answers, what must be set up there. */
  readonly notes: readonly string[];
}
