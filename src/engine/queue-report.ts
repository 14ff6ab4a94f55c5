/** What an executor's queue tells people: `/health` names a target that does not answer, the log what became of deliveries. */
import type { HealthBoard } from "../component/health.ts";
import type { Logger } from "../component/logger.ts";
import type { Settlement } from "../component/store.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import type { Outcome } from "../core/delivery/outcome.ts";
import type { BreakerState } from "./breaker.ts";
import type { DeliveryMetrics } from "./delivery-metrics.ts";

export interface QueueReport {
  /** The breaker opened, stayed open after a probe (milliseconds until the next), or closed (null). */
  breaker(before: BreakerState, openForMs: number | null, answers: readonly Outcome[]): void;
  settled(delivery: Delivery, outcome: Outcome, settlement: Settlement): void;
  /** Nothing is known of the target any more. */
  reset(): void;
}

export interface QueueReportDeps {
  readonly health: HealthBoard;
  readonly logger: Logger;
  readonly metrics: Pick<DeliveryMetrics, "breaker">;
}

export function createQueueReport(executor: string, { health, logger, metrics }: QueueReportDeps): QueueReport {
  const subject = `executor:${executor}`;
  return {
    breaker(before, openForMs, answers) {
      metrics.breaker(executor, openForMs !== null);
      if (openForMs === null) {
        health.clear(subject, "unavailable");
        logger.info({}, "the target answers again, the breaker is closed");
        return;
      }
      const failure =
        answers.find(({ kind }) => kind === "unavailable") ?? answers.find(({ kind }) => kind === "retry");
      const reason = failure && "reason" in failure ? failure.reason : "failed";
      health.raise(subject, "unavailable", reason);
      const fields = { reason, open_for_ms: Math.ceil(openForMs) };
      if (before === "closed") logger.warn(fields, "the breaker is open, nothing is attempted");
      else logger.debug(fields, "the probe failed, the breaker stays open");
    },
    settled(delivery, outcome, { state, code, reason, untilMs }) {
      if (outcome.kind === "delivered" && outcome.note === undefined) return;
      const fields = { delivery_id: delivery.id, rule: delivery.rulePath, event_id: delivery.eventId };
      if (state === "dead") logger.warn({ ...fields, code, reason }, "delivery became a dead letter");
      else if (state === "waiting") logger.debug({ ...fields, reason, until_ms: untilMs }, "delivery waits");
      else if (outcome.kind === "delivered") logger.debug({ ...fields, note: outcome.note }, "delivered");
    },
    reset() {
      health.clear(subject);
      metrics.breaker(executor, false);
    },
  };
}
