import type { HealthBoard } from "../component/health.ts";
import type { GenerationStatus } from "../http/contract/generation.ts";
import type { HealthReport } from "../http/contract/health.ts";

export interface HealthSources {
  readonly health: HealthBoard;
  readonly generation: () => GenerationStatus;
  readonly version: string;
  readonly startedMs: number;
}

export function healthReport({ health, generation, version, startedMs }: HealthSources): HealthReport {
  const reasons = health.reasons();
  const worst = reasons.some((one) => one.level === "not_ready") ? "not_ready" : reasons.length > 0 ? "degraded" : "ok";
  return {
    status: worst,
    version,
    started_ms: startedMs,
    reasons: reasons.map(({ sinceMs, ...rest }) => ({ ...rest, since_ms: sinceMs })),
    generation: generation(),
  };
}
