/** Times of RFC 3164 and its kin: month, day and time of day on some clock, mostly without a year and a zone. */
import type { TimeZone } from "../core/template/time-zone.ts";

export interface WallTime {
  /** Absent: the latest in which it is not far ahead of the time of receipt. */
  readonly year?: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  /** Seconds east of UTC, if the message says. */
  readonly offsetSeconds?: number;
}

export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A clock may run ahead so far, or show the time of another zone; beyond that the time is of the year before. */
const AHEAD_MS = 7 * 86_400_000;

/** Epoch milliseconds; undefined: there is no such day or time. */
export function instantOf(time: WallTime, receivedMs: number, zone: TimeZone | undefined): number | undefined {
  if (time.year !== undefined) return inYear(time, time.year, zone);
  const thisYear = new Date(receivedMs).getUTCFullYear();
  for (const year of [thisYear + 1, thisYear, thisYear - 1]) {
    const ms = inYear(time, year, zone);
    if (ms !== undefined && ms <= receivedMs + AHEAD_MS) return ms;
  }
  return undefined;
}

function inYear(time: WallTime, year: number, zone: TimeZone | undefined): number | undefined {
  const { month, day, hour, minute, second, ms } = time;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const localMs = Date.UTC(year, month, day, hour, minute, second, ms);
  if (new Date(Date.UTC(year, month, day)).getUTCDate() !== day) return undefined; // 30 February, or the 29th
  if (time.offsetSeconds !== undefined) return localMs - time.offsetSeconds * 1000;
  if (!zone) return localMs;
  // The offset holds at an instant, which is not known before the offset is: a second look is enough.
  const about = localMs - zone.offsetSeconds(localMs) * 1000;
  return localMs - zone.offsetSeconds(about) * 1000;
}

/** Abbreviations that mean one zone nearly everywhere, in hours; others leave the time to the configured zone. */
const ABBREVIATIONS: ReadonlyMap<string, number> = new Map(
  "Z:0 UTC:0 GMT:0 WET:0 WEST:1 CET:1 CEST:2 EET:2 EEST:3 MSK:3 JST:9 AEST:10 AEDT:11 EST:-5 EDT:-4 CST:-6 CDT:-5 MST:-7 MDT:-6 PST:-8 PDT:-7"
    .split(" ")
    .map((each) => [each.split(":")[0]!, Number(each.split(":")[1])]),
);

/** `UTC`, `CEST`, `+02:00`; undefined: not known. */
export function offsetOf(zone: string): number | undefined {
  const digits = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (digits) return (digits[1] === "-" ? -1 : 1) * (Number(digits[2]) * 3600 + Number(digits[3]) * 60);
  const hours = ABBREVIATIONS.get(zone);
  return hours === undefined ? undefined : hours * 3600;
}
