import type { Counter, Metrics } from "../component/metrics.ts";

/** Counted where a delivery is given up on, and where an action never became one. */
export const deadLetterCounter = (metrics: Metrics): Counter<"executor" | "code"> =>
  metrics.counter("squall_dead_letters_total", "Deliveries given up on, by reason.", ["executor", "code"]);
