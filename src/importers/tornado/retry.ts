/**
 * `retry_strategy` of tornado.toml → `retry` of every executor. There: `MaxRetries n` = n + 1 attempts, waits without
 * cap or jitter, and no limit of time; so `max` and `max_age` are written so large that they cut nothing off.
 */
import { isArray, isObject, member, type Json, type JsonObject } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import type { TomlFile } from "./toml-file.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Where Tornado would wait and try for ever. */
const LONGEST_WAIT_MS = DAY_MS;
const LONGEST_AGE_MS = 3650 * DAY_MS;

interface Waits {
  readonly backoff: JsonObject;
  /** Milliseconds after the k-th failure, k from 1. */
  readonly wait: (k: number) => number;
}

/** Undefined after it was refused. */
export function readRetryStrategy(toml: TomlFile, report: ReportSink): JsonObject | undefined {
  const key = "tornado.daemon.retry_strategy";
  const strategy = toml.table(key) ?? {};
  const { retry_policy: policy = null, backoff_policy: backoff = null } = toml.has(key) ? strategy : DEFAULT;
  const refuse = (message: string): undefined => {
    report.refused(toml.source, message);
    return undefined;
  };
  const retries = retriesOf(policy);
  if (retries === undefined) return refuse("retry_policy is none of MaxRetries with retries from 0, Infinite, None");
  const waits = waitsOf(backoff);
  if (waits === undefined)
    return refuse("backoff_policy is none of Exponential with a multiplier from 1 to 100, Fixed, Variable, None");
  const total = Array.from({ length: Math.min(retries, 10_000) }, (_, k) => waits.wait(k + 1)).reduce(
    (a, b) => a + b,
    0,
  );
  const needed = Math.max(DAY_MS, Math.ceil((2 * total) / HOUR_MS) * HOUR_MS);
  const longest = Math.max(...[1, Math.min(retries, 10_000)].map(waits.wait));
  if (needed > LONGEST_AGE_MS || longest > LONGEST_AGE_MS || retries > 10_000)
    report.changed(toml.source, "deliveries are given up after 10 years, and no wait is longer than a day");
  const cap = needed > LONGEST_AGE_MS || retries > 10_000 ? LONGEST_WAIT_MS : Math.max(longest, 1000);
  const isExponential = member(waits.backoff, "type") === "exponential";
  return {
    max_age: printMs(Math.min(retries > 10_000 ? LONGEST_AGE_MS : needed, LONGEST_AGE_MS)),
    max_attempts: retries === Infinity ? "none" : retries + 1,
    backoff: isExponential ? { ...waits.backoff, max: printMs(cap), jitter: 0 } : waits.backoff,
  };
}

const DEFAULT: JsonObject = {
  retry_policy: { type: "MaxRetries", retries: 20 },
  backoff_policy: { type: "Exponential", ms: 1000, multiplier: 2 },
};

function retriesOf(policy: Json): number | undefined {
  if (!isObject(policy)) return undefined;
  if (policy["type"] === "None") return 0;
  if (policy["type"] === "Infinite") return Infinity;
  return policy["type"] === "MaxRetries" ? whole(policy["retries"]) : undefined;
}

function waitsOf(policy: Json): Waits | undefined {
  if (!isObject(policy)) return undefined;
  const { type, ms = null } = policy;
  const fixed = (delay: number): Waits => ({ backoff: { type: "fixed", delay: printMs(delay) }, wait: () => delay });
  if (type === "None") return fixed(0);
  if (type === "Variable") {
    const delays = isArray(ms) ? ms.map(whole) : [undefined];
    if (!delays.every((delay) => delay !== undefined)) return undefined;
    if (delays.length === 0) return fixed(0);
    const wait = (k: number): number => delays[Math.min(k, delays.length) - 1] ?? 0;
    return { backoff: { type: "list", delays: delays.map(printMs) }, wait };
  }
  const first = whole(ms);
  if (first === undefined) return undefined;
  if (type === "Fixed" || (type === "Exponential" && first === 0)) return fixed(first);
  const multiplier = whole(policy["multiplier"]);
  if (type !== "Exponential" || multiplier === undefined || multiplier < 1 || multiplier > 100) return undefined;
  const backoff = { type: "exponential", initial: printMs(first), multiplier };
  return { backoff, wait: (k) => first * multiplier ** (k - 1) };
}

const whole = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** Exact, in one unit. */
function printMs(ms: number): string {
  const unit = UNITS.find(([, size]) => ms > 0 && ms % size === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}

const UNITS = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", 60_000],
  ["s", 1000],
] as const;
