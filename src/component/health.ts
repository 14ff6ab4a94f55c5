/** What is wrong right now; `/health` lists it. A part raises a reason under its own name and clears it again. */
export interface HealthReason {
  /** `executor:icinga2`, `collector:eventlog`, `store` … */
  readonly subject: string;
  /** Enumerated by the part: `unavailable`, `executor_missing`, `disk_full` … */
  readonly code: string;
  readonly message: string;
  /** `not_ready`: the instance should get no new events. */
  readonly level: "degraded" | "not_ready";
  readonly sinceMs: number;
}

export interface HealthBoard {
  raise(subject: string, code: string, message: string, level?: HealthReason["level"]): void;
  /** Without a code: everything raised under the subject. */
  clear(subject: string, code?: string): void;
  reasons(): readonly HealthReason[];
}
