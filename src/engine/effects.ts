/**
 * What an event causes: its matches → deliveries under their keys. Pure, so that live ingest and `replay` plan the same.
 */
import type { EventEffects, NewDeadLetter } from "../component/store.ts";
import type { NewDelivery } from "../core/delivery/delivery.ts";
import { eventKeys, type EventKeys, type Sha256 } from "../core/delivery/idempotency-key.ts";
import type { Arrival } from "../core/event/event.ts";
import { printJson, type JsonObject } from "../core/json.ts";
import type { DeadAction, RenderedAction, RuleMatch } from "../core/match/matcher.ts";

export interface EffectsInput {
  readonly arrival: Arrival;
  readonly collector: string;
  readonly receivedMs: number;
  readonly traceparent: string | null;
}

export interface EffectsContext {
  /** Order key of a payload for an executor, when the action has none of its own. */
  readonly orderOf: (executorId: string) => (payload: JsonObject) => string | null;
  readonly sha256: Sha256;
  /** How long an identity is known when nothing shorter is said. */
  readonly retentionMs: number;
  /** Told of bugs that became dead letters. */
  readonly onBug: (error: unknown, where: { readonly rulePath: string; readonly executor: string }) => void;
}

export interface PlannedEffects {
  /** Null: the event causes nothing, and the store need not know of it. */
  readonly effects: EventEffects | null;
  readonly deadLetters: readonly NewDeadLetter[];
}

const NOTHING: PlannedEffects = { effects: null, deadLetters: [] };

export function effectsOf(input: EffectsInput, matches: readonly RuleMatch[], context: EffectsContext): PlannedEffects {
  if (matches.every((match) => match.actions.length === 0 && match.dead === undefined)) return NOTHING;
  const { arrival, collector, receivedMs } = input;
  const knownForMs = Math.min(arrival.knownForMs ?? context.retentionMs, context.retentionMs);
  const recorded =
    arrival.identity === "given" && knownForMs < context.retentionMs ? (arrival.causeMs ?? receivedMs) : null;
  const keys = eventKeys({ collector, eventId: arrival.event.id, receivedMs: recorded }, context.sha256);
  const deliveries: NewDelivery[] = [];
  const deadLetters: NewDeadLetter[] = [];
  for (const match of matches) {
    for (const dead of match.dead ?? []) deadLetters.push(deadAction(dead, match, input));
    for (const action of match.actions) {
      try {
        deliveries.push(deliveryOf(action, match, input, keys, context));
      } catch (error) {
        context.onBug(error, { rulePath: match.path, executor: action.id });
        deadLetters.push(unplanned(action, match, input));
      }
    }
  }
  const identity =
    arrival.identity === "given" ? { key: keys.identity(), receivedMs, expiresMs: receivedMs + knownForMs } : null;
  return { effects: { identity, deliveries }, deadLetters };
}

function deliveryOf(
  action: RenderedAction,
  match: RuleMatch,
  { arrival, collector, receivedMs, traceparent }: EffectsInput,
  keys: EventKeys,
  context: EffectsContext,
): NewDelivery {
  const { id: executor, payload, ordinal, foreach, settings } = action;
  return {
    key: keys.delivery({
      iteration: match.iteration,
      rulePath: match.path,
      list: "actions",
      executor,
      ordinal,
      foreach,
    }),
    executor,
    orderKey: action.orderKey === undefined ? context.orderOf(executor)(payload) : action.orderKey,
    payload: printJson(payload),
    rulePath: match.path,
    collector,
    eventId: arrival.event.id,
    eventMs: arrival.event.created_ms,
    receivedMs,
    traceparent: arrival.traceparent ?? traceparent,
    settings,
    ...(arrival.hops === undefined ? {} : { hops: arrival.hops }),
  };
}

const unplanned = (
  { id, payload }: RenderedAction,
  { path }: RuleMatch,
  { arrival, collector, receivedMs }: EffectsInput,
): NewDeadLetter => ({
  kind: "delivery",
  collector,
  executor: id,
  rulePath: path,
  eventId: arrival.event.id,
  code: "internal",
  reason: "a bug kept the action from becoming a delivery; the log has the details",
  payload: printJson(payload),
  createdMs: receivedMs,
});

const deadAction = (
  { id, code, reason, payload }: DeadAction,
  { path }: RuleMatch,
  { arrival, collector, receivedMs }: EffectsInput,
): NewDeadLetter => ({
  kind: "delivery",
  collector,
  executor: id,
  rulePath: path,
  eventId: arrival.event.id,
  code,
  reason,
  payload: printJson(payload),
  createdMs: receivedMs,
});
