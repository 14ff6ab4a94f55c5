/** One action to be carried out by one executor. */

/** Settings an action may carry itself, over its executor's (actions.md, Configuration). Kept with the delivery. */
export interface ActionSettings {
  readonly dryRun?: boolean;
  readonly retry?: RetrySettings;
}

export interface RetrySettings {
  /** Milliseconds since the delivery was committed. */
  readonly maxAgeMs: number;
  readonly maxAttempts: number | null;
  readonly backoff: Backoff;
}

export type Backoff =
  | {
      readonly type: "exponential";
      readonly initialMs: number;
      readonly maxMs: number;
      readonly multiplier: number;
      readonly jitter: number;
    }
  | { readonly type: "fixed"; readonly delayMs: number; readonly jitter: number }
  | { readonly type: "list"; readonly delaysMs: readonly number[]; readonly jitter: number };

/** A delivery before it is committed. */
export interface NewDelivery {
  /** 8 bytes of locality (see idempotency-key.ts) + 16 bytes of SHA-256; unique in the store. */
  readonly key: Uint8Array;
  readonly executor: string;
  /** Deliveries of one executor with equal order keys go one at a time, in order; null: no order. */
  readonly orderKey: string | null;
  /** JSON text of the rendered payload; never holds a secret, only `{secret: name}` references. */
  readonly payload: string;
  /** The rule that asked for it, `root.windows.services.service_stopped`. */
  readonly rulePath: string;
  readonly collector: string;
  readonly eventId: string;
  /** `created_ms` of the event. */
  readonly eventMs: number;
  readonly receivedMs: number;
  /** W3C traceparent of the sender, passed on to the target. */
  readonly traceparent: string | null;
  readonly settings: ActionSettings | null;
  /** How many `event` actions in a row led to its event; absent: none. */
  readonly hops?: number;
}

/** A committed, unsettled delivery. */
export interface Delivery extends NewDelivery {
  /** Grows in commit order. */
  readonly id: number;
  readonly committedMs: number;
  /** Attempts that counted. */
  readonly attempts: number;
  /** Carried from attempt to attempt; null before the first. */
  readonly giveUp: GiveUpClock | null;
}

/** Since when every counted attempt has ended with the same give-up code. */
export interface GiveUpClock {
  readonly code: string;
  readonly sinceMs: number;
}

/** The text form of a key that targets see: lower-case hex of the hash half. */
export function keyText(key: Uint8Array): string {
  let text = "";
  for (let at = 8; at < 24; at++) text += HEX[key[at]!];
  return text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
