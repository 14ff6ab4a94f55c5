import type { JsonObject } from "../core/json.ts";
import type { Matcher } from "../core/match/matcher.ts";

/** One loaded configuration in service, as events see it; swapped as one. */
export interface Generation {
  readonly number: number;
  readonly matcher: Matcher;
  /** Order key of a payload for an executor, when the action has none of its own. */
  readonly orderOf: (executorId: string) => (payload: JsonObject) => string | null;
}
