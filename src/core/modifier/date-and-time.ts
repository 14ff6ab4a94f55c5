/**
 * An epoch time as `YYYY-MM-DD HH:MM:SS±hh:mm` in a time zone. The unit follows from the magnitude: up to 1e11 seconds,
 * 1e14 milliseconds, 1e17 microseconds, beyond that nanoseconds; sub-seconds are cut.
 *
 * As in Tornado: 64-bit integers only; microseconds beyond what 64 bits of nanoseconds hold wrap around; offsets before
 * standard time are rounded to the minute in print; the rules of a zone end with 2099, after which its last offset stays.
 */
import type { Json } from "../json.ts";
import { err, ok } from "../result.ts";
import { found, strictObject, stringMember } from "../rule/strict-object.ts";
import { suggest } from "../suggest.ts";
import { TIME_ZONE_NAMES } from "../template/time-zone-names.ts";
import { printOffset, timeZone, type TimeZone } from "../template/time-zone.ts";
import type { ModifierType } from "./modifier.ts";
import { trimWhiteSpace } from "../template/white-space.ts";

export const dateAndTime: ModifierType = {
  name: "DateAndTime",
  summary: "An epoch time (seconds to nanoseconds) as a date and time of a zone.",
  example: { type: "DateAndTime", timezone: "Europe/Rome" },
  compile(document, { issues }) {
    strictObject(document, { required: ["type", "timezone"] }, issues);
    const name = stringMember(document, "timezone", issues);
    if (name === undefined) return null;
    const zone = timeZone(trimWhiteSpace(name));
    if (zone === undefined) {
      const suggestion = suggest(name, TIME_ZONE_NAMES);
      issues.at("timezone").error("bad-time-zone", `unknown time zone ${JSON.stringify(name)}`, {
        accepted: "an IANA name such as Europe/Rome",
        ...(suggestion === undefined ? {} : { suggestion }),
      });
      return null;
    }
    return {
      type: "DateAndTime",
      apply(value) {
        const seconds = epochSeconds(value);
        if (seconds === undefined) return err(`DateAndTime takes an integer of 64 bits, found ${found(value)}`);
        return ok(print(seconds, zone));
      },
    };
  },
};

const I64_MAX = 2n ** 63n - 1n;

function epochSeconds(value: Json): number | undefined {
  if (typeof value !== "bigint" && !(typeof value === "number" && Number.isInteger(value))) return undefined;
  const time = BigInt(value);
  if (time > I64_MAX || time < -I64_MAX - 1n) return undefined;
  const size = time < 0n ? -time : time;
  if (size <= 10n ** 11n) return Number(time);
  if (size <= 10n ** 14n) return Number(floorDivide(time, 1000n));
  const nanoseconds = size <= 10n ** 17n ? BigInt.asIntN(64, time * 1000n) : time;
  return Number(floorDivide(nanoseconds, 1_000_000_000n));
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

const LAST_RULE_MS = Date.UTC(2100, 0, 1) - 1;

function print(seconds: number, zone: TimeZone): string {
  const offset = zone.offsetSeconds(Math.min(seconds * 1000, LAST_RULE_MS));
  const local = new Date((seconds + offset) * 1000);
  const pad = (value: number, width = 2): string => String(value).padStart(width, "0");
  const year = local.getUTCFullYear();
  const date = `${year < 0 ? "-" : ""}${pad(Math.abs(year), 4)}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())}`;
  const time = `${pad(local.getUTCHours())}:${pad(local.getUTCMinutes())}:${pad(local.getUTCSeconds())}`;
  return `${date} ${time}${printOffset(offset, ":")}`;
}
