/**
 * The circuit breaker of one executor.
 *
 *     closed ──N failures in a row, or one `unavailable`──► open ──open_for, or Retry-After──► half open
 *        ▲                                                   ▲                                    │ one probe
 *        └────────────────── success ────────────────────────┼────────────────────────────────────┤
 *                                                            └────────── failure ─────────────────┘
 *
 * A request carries a ticket of the time it began in. What ends under a later one (the breaker opened or closed
 * meanwhile) says nothing about the present: it neither counts nor moves the breaker; only the probe does.
 */
import { retryAfterOf } from "../core/delivery/backoff.ts";

export interface Ticket {
  readonly epoch: number;
  readonly probe: boolean;
}

export type Verdict =
  | { readonly kind: "success" }
  | { readonly kind: "failure" }
  | { readonly kind: "unavailable"; readonly retryAfterMs?: number }
  /** Nothing was asked of the target. */
  | { readonly kind: "none" };

export type BreakerState = "closed" | "open" | "half_open";

export interface Breaker {
  state(): BreakerState;
  /** Null: a request may begin now. Else milliseconds until one may, Infinity while a probe is under way. */
  waitMs(): number | null;
  begin(): Ticket;
  /** Whether attempts that ended so count; `changed` when the breaker opened or closed by it. */
  end(ticket: Ticket, verdict: Verdict): { readonly counted: boolean; readonly changed: boolean };
  /** Milliseconds until the next probe; null unless open. */
  openForMs(): number | null;
}

export function createBreaker(
  settings: { readonly failures: number; readonly openForMs: number },
  monotonicMs: () => number,
): Breaker {
  let epoch = 0;
  let failures = 0;
  /** Null: closed. */
  let openUntilMs: number | null = null;
  let probing = false;

  const open = (forMs: number): void => {
    epoch++;
    failures = 0;
    probing = false;
    openUntilMs = monotonicMs() + forMs;
  };
  const leftMs = (): number => Math.max(0, (openUntilMs ?? 0) - monotonicMs());

  return {
    state: () => (openUntilMs === null ? "closed" : probing || leftMs() === 0 ? "half_open" : "open"),
    waitMs() {
      if (openUntilMs === null) return null;
      if (probing) return Number.POSITIVE_INFINITY;
      return leftMs() === 0 ? null : leftMs();
    },
    begin() {
      probing = openUntilMs !== null;
      return { epoch, probe: probing };
    },
    end(ticket, verdict) {
      if (ticket.epoch !== epoch) return { counted: false, changed: false };
      if (verdict.kind === "none") {
        if (ticket.probe) probing = false;
        return { counted: true, changed: false };
      }
      if (verdict.kind === "success") {
        failures = 0;
        if (!ticket.probe) return { counted: true, changed: false };
        epoch++;
        probing = false;
        openUntilMs = null;
        return { counted: true, changed: true };
      }
      failures++;
      const unavailable = verdict.kind === "unavailable";
      if (!unavailable && !ticket.probe && failures < settings.failures) return { counted: true, changed: false };
      open(retryAfterOf(unavailable ? verdict.retryAfterMs : undefined) ?? settings.openForMs);
      return { counted: !unavailable && !ticket.probe, changed: true };
    },
    openForMs: () => (openUntilMs === null ? null : leftMs()),
  };
}
