import { describe, expect, test } from "vitest";
import type { Settlement } from "../component/store.ts";
import type { Delivery, RetrySettings } from "../core/delivery/delivery.ts";
import { delivered, reject, retry, superseded, unavailable, type Outcome } from "../core/delivery/outcome.ts";
import { settlementOf, type SettleContext } from "./settle.ts";

const NOW = 1_700_000_000_000;
const settings: RetrySettings = {
  maxAgeMs: 3_600_000,
  maxAttempts: null,
  backoff: { type: "fixed", delayMs: 1000, jitter: 0 },
};
const delivery = (fields: Partial<Delivery> = {}): Delivery => ({
  id: 7,
  key: new Uint8Array(24),
  executor: "icinga2",
  orderKey: null,
  payload: "{}",
  rulePath: "root.r",
  collector: "hook",
  eventId: "e1",
  eventMs: NOW,
  receivedMs: NOW,
  traceparent: null,
  settings: null,
  committedMs: NOW - 10_000,
  attempts: 2,
  giveUp: null,
  ...fields,
});
const settle = (
  outcome: Outcome,
  { of, ...context }: Partial<SettleContext> & { readonly of?: Partial<Delivery> } = {},
): Settlement =>
  settlementOf(delivery(of), outcome, {
    retry: settings,
    nowMs: NOW,
    random: () => 0.5,
    counted: true,
    openUntilMs: null,
    ...context,
  });

const limited = (maxAttempts: number) => ({ retry: { ...settings, maxAttempts } });
const missing = { giveUp: { code: "object_missing", forMs: 600_000 } };
const since = (ms: number) => ({ giveUp: { code: "object_missing", sinceMs: NOW - ms } });

test.each<[string, Settlement, Partial<Settlement>]>([
  ["delivered", settle(delivered()), { state: "delivered", attempts: 3 }],
  [
    "superseded",
    settle(superseded("newer")),
    { state: "superseded", attempts: 3, code: "superseded", reason: "newer" },
  ],
  [
    "rejected",
    settle(reject("400", "bad")),
    { state: "dead", attempts: 3, code: "reject", reason: "400", response: "bad" },
  ],
  [
    "retry waits for the backoff",
    settle(retry("500", { response: "oops" })),
    {
      state: "waiting",
      attempts: 3,
      untilMs: NOW + 1000,
      code: "retry",
      reason: "500",
      response: "oops",
      giveUp: null,
    },
  ],
  ["Retry-After wins", settle(retry("429", { retryAfterMs: 7000 })), { state: "waiting", untilMs: NOW + 7000 }],
  [
    "an action's own retry wins over the executor's",
    settle(retry("500"), {
      of: { settings: { retry: { ...settings, backoff: { type: "fixed", delayMs: 5, jitter: 0 } } } },
    }),
    { state: "waiting", untilMs: NOW + 5 },
  ],
  ["the last of the attempts", settle(retry("500"), limited(3)), { state: "dead", code: "max_attempts", attempts: 3 }],
  ["one attempt before the last", settle(retry("500"), limited(4)), { state: "waiting", attempts: 3 }],
  [
    "a retry that would come too late",
    settle(retry("500", { retryAfterMs: 3_600_000 })),
    { state: "dead", code: "max_age", attempts: 3 },
  ],
  [
    "a retry one millisecond before max_age",
    settle(retry("500", { retryAfterMs: 3_589_999 })),
    { state: "waiting", untilMs: NOW + 3_589_999 },
  ],
  [
    "unavailable does not count and waits for the breaker",
    settle(unavailable("connection refused"), { counted: false, openUntilMs: NOW + 30_000, of: since(5000) }),
    {
      state: "waiting",
      attempts: 2,
      untilMs: NOW + 30_000,
      code: "unavailable",
      reason: "connection refused",
      giveUp: since(5000).giveUp,
    },
  ],
  [
    "unavailable with a time to come back",
    settle(unavailable("shutting down", 60_000), { counted: false, openUntilMs: NOW + 30_000 }),
    { state: "waiting", untilMs: NOW + 60_000 },
  ],
  [
    "fractions of the breaker's clock become whole milliseconds",
    settle(unavailable("down"), { counted: false, openUntilMs: NOW + 29_999.4 }),
    { state: "waiting", untilMs: NOW + 30_000 },
  ],
  [
    "unavailable waits no longer than max_age",
    settle(unavailable("down"), { counted: false, openUntilMs: NOW + 30_000, of: { committedMs: NOW - 3_599_000 } }),
    { state: "waiting", attempts: 2, untilMs: NOW + 1000 },
  ],
  [
    "a retry that does not count keeps attempts and clock",
    settle(retry("500"), { counted: false, openUntilMs: NOW + 30_000, of: since(5000), ...limited(3) }),
    { state: "waiting", attempts: 2, untilMs: NOW + 30_000, giveUp: since(5000).giveUp },
  ],
  [
    "the failure that opens the breaker counts and waits for it",
    settle(retry("500"), { openUntilMs: NOW + 30_000 }),
    { state: "waiting", attempts: 3, untilMs: NOW + 30_000 },
  ],
  [
    "the give-up clock starts",
    settle(retry("404", missing)),
    { state: "waiting", giveUp: { code: "object_missing", sinceMs: NOW } },
  ],
  [
    "it runs on",
    settle(retry("404", missing), { of: since(1000) }),
    { state: "waiting", untilMs: NOW + 1000, giveUp: since(1000).giveUp },
  ],
  [
    "the last attempt falls on its end",
    settle(retry("404", missing), { of: since(599_500) }),
    { state: "waiting", untilMs: NOW + 500 },
  ],
  [
    "at its end it gives up",
    settle(retry("404", missing), { of: since(600_000) }),
    { state: "dead", code: "object_missing", attempts: 3 },
  ],
  [
    "another code starts it anew",
    settle(retry("404", missing), { of: { giveUp: { code: "other", sinceMs: NOW - 900_000 } } }),
    { state: "waiting", giveUp: { code: "object_missing", sinceMs: NOW } },
  ],
  ["a retry without a code ends it", settle(retry("500"), { of: since(599_500) }), { state: "waiting", giveUp: null }],
])("%s", (_, settlement, expected) => expect(settlement).toMatchObject({ id: 7, atMs: NOW, ...expected }));

describe("reasons", () => {
  test.each([
    [settle(retry("HTTP 500"), limited(1)), "HTTP 500; given up after 3 attempts"],
    [settle(retry("HTTP 404", missing), { of: since(600_000) }), "HTTP 404; so for 10m"],
    [settle(retry("HTTP 500", { retryAfterMs: 9e9 })), "HTTP 500; the next attempt would come after max_age, 1h"],
  ])("%j says why", ({ reason }, text) => expect(reason).toBe(text));
});
