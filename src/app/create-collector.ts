/** One collector of the plan → the running thing, with its normalizer, mapping and identity rules before it. */
import type { Collector, CollectorDeps, CollectorMemory, Emit } from "../component/define-collector.ts";
import { createIntake } from "../component/intake.ts";
import type { CollectorPlan } from "../config/plan.ts";
import { createUuid7 } from "../core/event/uuid7.ts";
import type { System } from "./system.ts";

export interface CollectorSurroundings extends Pick<
  CollectorDeps,
  "http" | "openHttp" | "process" | "clock" | "logger" | "metrics" | "health" | "limits"
> {
  readonly emitFor: (collectorId: string) => Emit;
  readonly memoryFor: (collectorId: string) => CollectorMemory;
  readonly randomBytes: System["randomBytes"];
}

export function createCollector(plan: CollectorPlan, deps: CollectorSurroundings): Collector {
  const { emitFor, memoryFor, randomBytes, ...shared } = deps;
  const rejected = deps.metrics.counter(
    "squall_events_rejected_total",
    "Inputs that were refused before they became events.",
    ["collector", "reason"],
  );
  return plan.type.create(plan.options, {
    ...shared,
    id: plan.id,
    intake: createIntake(plan.intake, { uuid: createUuid7(randomBytes) }),
    emit: emitFor(plan.id),
    memory: memoryFor(plan.id),
    logger: deps.logger.child({ collector: plan.id }),
    countRejected: (reason, count) => rejected.inc({ collector: plan.id, reason }, count),
  });
}
