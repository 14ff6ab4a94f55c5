import type { Outcome } from "../core/delivery/outcome.ts";
import type { Verdict } from "./breaker.ts";

/** What a request says of its target; any answer that is no failure shows that it lives. */
export function verdictOf(answers: readonly Outcome[]): Verdict {
  if (answers.length === 0) return { kind: "none" };
  const gone = answers.find((outcome) => outcome.kind === "unavailable");
  if (gone)
    return gone.retryAfterMs === undefined
      ? { kind: "unavailable" }
      : { kind: "unavailable", retryAfterMs: gone.retryAfterMs };
  // A retry with a give-up clock is about one object that the target does not have (yet): the target itself answers.
  const failed = answers.every((outcome) => outcome.kind === "retry" && outcome.giveUp === undefined);
  return { kind: failed ? "failure" : "success" };
}
