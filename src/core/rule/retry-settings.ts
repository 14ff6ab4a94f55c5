/**
 * `retry:` of an action. It takes the place of the executor's as a whole; what it does not say has the general default.
 *
 *     retry: {max_age: 24h, max_attempts: none, backoff: {type: exponential, initial: 1s, max: 5m, multiplier: 2, jitter: 0.2}}
 *                                              backoff: {type: fixed, delay: 10s, jitter: 0}
 *                                              backoff: {type: list, delays: [1s, 5s, 10s], jitter: 0}
 */
import type { Backoff, RetrySettings } from "../delivery/delivery.ts";
import type { IssueSink } from "../diagnostic.ts";
import { parseDuration } from "../duration.ts";
import { member, type Json, type JsonObject } from "../json.ts";
import { suggest } from "../suggest.ts";
import { arrayMember, found, strictObject } from "./strict-object.ts";

const BACKOFF_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["exponential", ["initial", "max", "multiplier", "jitter"]],
  ["fixed", ["delay", "jitter"]],
  ["list", ["delays", "jitter"]],
]);

/** Undefined after the mistakes were reported. */
export function readRetry(value: Json, issues: IssueSink): RetrySettings | undefined {
  const retry = strictObject(value, { required: [], optional: ["max_age", "max_attempts", "backoff"] }, issues);
  if (retry === null) return undefined;
  const maxAgeMs = duration(retry, "max_age", 86_400_000, issues);
  const attempts = member(retry, "max_attempts") ?? "none";
  const maxAttempts = attempts === "none" ? null : attempts;
  if (maxAttempts !== null && (typeof maxAttempts !== "number" || !Number.isInteger(maxAttempts) || maxAttempts < 1)) {
    issues.at("max_attempts").error("wrong-type", `${found(attempts)} where a number of attempts is expected`, {
      accepted: "a whole number from 1, or none",
    });
    return undefined;
  }
  const backoff = readBackoff(member(retry, "backoff") ?? { type: "exponential" }, issues.at("backoff"));
  return maxAgeMs === undefined || backoff === undefined ? undefined : { maxAgeMs, maxAttempts, backoff };
}

function readBackoff(value: Json, issues: IssueSink): Backoff | undefined {
  const type = typeof value === "object" && value !== null ? (value as JsonObject)["type"] : undefined; // arrays have no type
  const keys = typeof type === "string" ? BACKOFF_KEYS.get(type) : undefined;
  if (keys === undefined) {
    const suggestion = typeof type === "string" ? suggest(type, BACKOFF_KEYS.keys()) : undefined;
    issues.error("wrong-type", `${found(type)} where the type of a backoff is expected`, {
      accepted: [...BACKOFF_KEYS.keys()].join(", "),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return undefined;
  }
  const backoff = strictObject(value, { required: ["type"], optional: keys }, issues);
  if (backoff === null) return undefined;
  const jitter = number(backoff, "jitter", type === "exponential" ? 0.2 : 0, 0, 1, issues);
  if (jitter === undefined) return undefined;
  if (type === "fixed") {
    const delayMs = duration(backoff, "delay", 1000, issues);
    return delayMs === undefined ? undefined : { type, delayMs, jitter };
  }
  if (type === "list") {
    const delays = (arrayMember(backoff, "delays", issues) ?? []).map((delay, at) =>
      readDuration(delay, issues.at("delays", at)),
    );
    return delays.every((delay) => delay !== undefined) ? { type, delaysMs: delays, jitter } : undefined;
  }
  const initialMs = duration(backoff, "initial", 1000, issues);
  const maxMs = duration(backoff, "max", 300_000, issues);
  const multiplier = number(backoff, "multiplier", 2, 1, 100, issues);
  if (initialMs === undefined || maxMs === undefined || multiplier === undefined) return undefined;
  return { type: "exponential", initialMs, maxMs, multiplier, jitter };
}

function duration(object: JsonObject, key: string, fallback: number, issues: IssueSink): number | undefined {
  const value = member(object, key);
  return value === undefined ? fallback : readDuration(value, issues.at(key));
}

function readDuration(value: Json, issues: IssueSink): number | undefined {
  const ms = typeof value === "string" || typeof value === "number" ? parseDuration(value) : undefined;
  if (ms === undefined)
    issues.error("wrong-type", `${found(value)} where a duration is expected`, { accepted: "500ms, 10s, 1h30m, 7d" });
  return ms;
}

function number(
  object: JsonObject,
  key: string,
  fallback: number,
  least: number,
  most: number,
  issues: IssueSink,
): number | undefined {
  const value = member(object, key) ?? fallback;
  if (typeof value === "number" && value >= least && value <= most) return value;
  issues.at(key).error("wrong-type", `${found(value)} where a number is expected`, { accepted: `${least} to ${most}` });
  return undefined;
}
