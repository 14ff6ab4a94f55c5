/**
 * Outcome of an attempt → what the store records: the one place where retry, give-up clock, age and attempts are weighed.
 *
 *     delivered, superseded    settled
 *     reject                   dead `reject`
 *     unavailable              waits for the breaker; the attempt does not count
 *     retry, not counted       (a failed probe, or the breaker opened meanwhile) waits for the breaker and the backoff
 *     retry, counted           dead when the executor's give-up clock, `max_attempts` or `max_age` says so, else waits
 *
 * A delivery is never attempted after `max_age`. A retry that would come later than that is dead at once; waiting for a
 * breaker ends at that instant at the latest.
 */
import type { Settlement } from "../component/store.ts";
import { nextDelayMs, retryAfterOf } from "../core/delivery/backoff.ts";
import type { Delivery, GiveUpClock, RetrySettings } from "../core/delivery/delivery.ts";
import type { Outcome, Retry } from "../core/delivery/outcome.ts";
import { printDuration } from "../core/duration.ts";

export interface SettleContext {
  /** The executor's; an action's own goes before it. */
  readonly retry: RetrySettings;
  readonly nowMs: number;
  readonly random: () => number;
  /** False: nothing of this attempt counts. */
  readonly counted: boolean;
  /** While the breaker is open: nothing is attempted before. */
  readonly openUntilMs: number | null;
}

export const retryOf = (delivery: Delivery, retry: RetrySettings): RetrySettings => delivery.settings?.retry ?? retry;

/** From then on a delivery is too old for another attempt. */
export const expiryMs = (delivery: Delivery, retry: RetrySettings): number =>
  delivery.committedMs + retryOf(delivery, retry).maxAgeMs;

export function settlementOf(delivery: Delivery, outcome: Outcome, context: SettleContext): Settlement {
  const { id } = delivery;
  const atMs = context.nowMs;
  const attempts = delivery.attempts + 1;
  switch (outcome.kind) {
    case "delivered":
      return { id, state: "delivered", attempts, atMs };
    case "superseded":
      return { id, state: "superseded", attempts, atMs, code: "superseded", reason: outcome.reason };
    case "reject":
      return { id, state: "dead", attempts, atMs, code: "reject", reason: outcome.reason, ...answer(outcome.response) };
    case "unavailable":
      return wait(
        delivery,
        outcome,
        Math.max(context.openUntilMs ?? 0, atMs + (retryAfterOf(outcome.retryAfterMs) ?? 0)),
        context,
      );
    case "retry":
      return context.counted ? counted(delivery, outcome, context) : uncounted(delivery, outcome, context);
  }
}

/** Too old: no attempt is made. */
export const tooOld = (delivery: Delivery, retry: RetrySettings, nowMs: number): Settlement => ({
  id: delivery.id,
  state: "dead",
  attempts: delivery.attempts,
  atMs: nowMs,
  code: "max_age",
  reason: `not delivered within max_age, ${printDuration(retryOf(delivery, retry).maxAgeMs)}`,
});

function counted(delivery: Delivery, outcome: Retry, context: SettleContext): Settlement {
  const { nowMs: atMs } = context;
  const settings = retryOf(delivery, context.retry);
  const attempts = delivery.attempts + 1;
  const dead = (code: string, why: string): Settlement => ({
    id: delivery.id,
    state: "dead",
    attempts,
    atMs,
    code,
    reason: `${outcome.reason}; ${why}`,
    ...answer(outcome.response),
  });
  const giveUp = giveUpClock(delivery, outcome, atMs);
  const giveUpMs = giveUp && outcome.giveUp ? giveUp.sinceMs + outcome.giveUp.forMs : Number.POSITIVE_INFINITY;
  if (giveUp && atMs >= giveUpMs) return dead(giveUp.code, `so for ${printDuration(outcome.giveUp!.forMs)}`);
  if (settings.maxAttempts !== null && attempts >= settings.maxAttempts)
    return dead("max_attempts", `given up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`);
  let untilMs = atMs + nextDelayMs(settings.backoff, attempts, outcome.retryAfterMs, context.random);
  // The last attempt falls on the end of the give-up clock, so that it decides on time; Retry-After still wins.
  if (retryAfterOf(outcome.retryAfterMs) === undefined) untilMs = Math.min(untilMs, giveUpMs);
  untilMs = Math.max(untilMs, context.openUntilMs ?? 0);
  if (context.openUntilMs === null && untilMs >= expiryMs(delivery, context.retry))
    return dead("max_age", `the next attempt would come after max_age, ${printDuration(settings.maxAgeMs)}`);
  return {
    ...wait(delivery, outcome, untilMs, context),
    attempts,
    giveUp,
  };
}

function uncounted(delivery: Delivery, outcome: Retry, context: SettleContext): Settlement {
  const { backoff } = retryOf(delivery, context.retry);
  const delayMs = nextDelayMs(backoff, delivery.attempts + 1, outcome.retryAfterMs, context.random);
  return wait(delivery, outcome, Math.max(context.openUntilMs ?? 0, context.nowMs + delayMs), context);
}

/** Waits with the attempts and the give-up clock as they were. */
function wait(
  delivery: Delivery,
  outcome: Extract<Outcome, { kind: "retry" | "unavailable" }>,
  untilMs: number,
  { nowMs, retry }: SettleContext,
): Settlement {
  return {
    id: delivery.id,
    state: "waiting",
    attempts: delivery.attempts,
    atMs: nowMs,
    // The breaker counts in fractions; stored times are whole milliseconds.
    untilMs: Math.ceil(Math.min(untilMs, Math.max(nowMs, expiryMs(delivery, retry)))),
    giveUp: delivery.giveUp,
    code: outcome.kind,
    reason: outcome.reason,
    ...answer(outcome.kind === "retry" ? outcome.response : undefined),
  };
}

function giveUpClock(delivery: Delivery, { giveUp }: Retry, nowMs: number): GiveUpClock | null {
  if (!giveUp) return null;
  return delivery.giveUp?.code === giveUp.code ? delivery.giveUp : { code: giveUp.code, sinceMs: nowMs };
}

const answer = (response: string | undefined): { readonly response?: string } =>
  response === undefined ? {} : { response };
