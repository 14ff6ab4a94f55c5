/** What is measured of deliveries. Names are part of the interface to whoever scrapes them. */
import type { Metrics } from "../component/metrics.ts";
import type { Settlement } from "../component/store.ts";
import type { Delivery } from "../core/delivery/delivery.ts";
import type { Outcome } from "../core/delivery/outcome.ts";
import { deadLetterCounter } from "./dead-letter-counter.ts";

export interface DeliveryMetrics {
  outcome(executor: string, kind: Outcome["kind"]): void;
  settled(executor: string, delivery: Delivery, settlement: Settlement): void;
  attempted(executor: string, seconds: number): void;
  breaker(executor: string, open: boolean): void;
}

export function createDeliveryMetrics(metrics: Metrics): DeliveryMetrics {
  const outcomes = metrics.counter("squall_deliveries_total", "Outcomes of attempts at deliveries.", [
    "executor",
    "outcome",
  ]);
  const dead = deadLetterCounter(metrics);
  const seconds = metrics.histogram("squall_attempt_seconds", "Time of one request to a target.", ["executor"]);
  const endToEnd = metrics.histogram(
    "squall_end_to_end_seconds",
    "From the receipt of an event to the delivery of what it caused.",
    ["executor"],
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86_400],
  );
  const open = metrics.gauge("squall_breaker_open", "1 while nothing is attempted because the target failed.", [
    "executor",
  ]);
  return {
    outcome: (executor, outcome) => outcomes.inc({ executor, outcome }),
    settled(executor, delivery, { state, code, atMs }) {
      if (state === "delivered") endToEnd.observe({ executor }, Math.max(0, atMs - delivery.receivedMs) / 1000);
      if (state === "dead") dead.inc({ executor, code: code ?? "" });
    },
    attempted: (executor, duration) => seconds.observe({ executor }, duration),
    breaker: (executor, isOpen) => open.set({ executor }, isOpen ? 1 : 0),
  };
}
