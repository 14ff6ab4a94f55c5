import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, type JsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import { arrayMember, found, strictObject, stringMember } from "../rule/strict-object.ts";
import { suggest } from "../suggest.ts";
import { TIME_ZONE_NAMES } from "../template/time-zone-names.ts";
import { timeZone, type TimeZone } from "../template/time-zone.ts";
import type { OperatorType } from "./operator.ts";
import { DAY_MINUTES, isInWeek, parseDays, parseMinutes } from "./week.ts";

/** `created_ms` of the event, never the time at which the rule runs: a replay gives the same answer. */
export const time: OperatorType = {
  name: "time",
  aliases: [],
  summary:
    "The event's `created_ms` is inside a weekly range: on one of the days, at or after `from`, before `to`. Left out: every day, from midnight, to midnight, UTC. With `to` before `from` the range goes past midnight and belongs to its first day.",
  example: { type: "time", days: ["mon-fri"], from: "08:00", to: "18:00", timezone: "Europe/Rome" },
  compile(document, { issues }) {
    strictObject(document, { required: ["type"], optional: ["days", "from", "to", "timezone"] }, issues);
    const days = daysMember(document, issues);
    const from = minutesMember(document, "from", 0, issues);
    const to = minutesMember(document, "to", DAY_MINUTES, issues);
    const zone = zoneMember(document, issues);
    if (days === null || from === null || to === null || zone === null) return null;
    if (from === to || from === DAY_MINUTES) {
      issues.error("bad-range", from === to ? "from and to are the same time" : "from is the end of the day", {
        accepted: "two times of day; leave both out for the whole day",
      });
      return null;
    }
    const week = { days, from, to };
    return {
      type: "time",
      operands: {},
      operators: [],
      evaluate(scope) {
        const createdMs = createdMsOf(scope);
        return createdMs !== undefined && isInWeek(createdMs + zone.offsetSeconds(createdMs) * 1000, week);
      },
    };
  },
};

/** Undefined also where no date can be that far away. */
function createdMsOf({ event }: Scope): number | undefined {
  const createdMs = isObject(event) ? member(event, "created_ms") : undefined;
  return typeof createdMs === "number" && Math.abs(createdMs) <= LAST_DATE_MS ? createdMs : undefined;
}

/** ECMA-262, time values: 100,000,000 days from the epoch; less a day for the offset of a zone. */
const LAST_DATE_MS = 8.64e15 - 8.64e7;

function daysMember(document: JsonObject, issues: IssueSink): ReadonlySet<number> | null {
  const given = arrayMember(document, "days", issues);
  if (given === null) return Object.hasOwn(document, "days") ? null : parseDays("sun-sat");
  const days = new Set<number>();
  let right = given.length > 0;
  if (!right) issues.at("days").error("bad-days", "the list of days is empty", { accepted: DAYS_ACCEPTED });
  for (const [at, one] of given.entries()) {
    const range = typeof one === "string" ? parseDays(one) : null;
    if (range === null) {
      issues.at("days", at).error("bad-days", `${found(one)} is no day of the week`, { accepted: DAYS_ACCEPTED });
      right = false;
    }
    for (const day of range ?? []) days.add(day);
  }
  return right ? days : null;
}

const DAYS_ACCEPTED = "mon, tue, wed, thu, fri, sat, sun and ranges of them such as mon-fri";

function minutesMember(document: JsonObject, key: string, fallback: number, issues: IssueSink): number | null {
  const text = stringMember(document, key, issues);
  if (text === undefined) return Object.hasOwn(document, key) ? null : fallback;
  const minutes = parseMinutes(text);
  if (minutes === null)
    issues.at(key).error("bad-time", `${found(text)} is no time of day`, { accepted: '"00:00" to "24:00"' });
  return minutes;
}

function zoneMember(document: JsonObject, issues: IssueSink): TimeZone | null {
  const name = stringMember(document, "timezone", issues, "UTC");
  if (name === undefined) return null;
  const zone = timeZone(name);
  if (zone) return zone;
  const suggestion = suggest(name, TIME_ZONE_NAMES);
  issues.at("timezone").error("unknown-time-zone", `unknown time zone ${JSON.stringify(name)}`, {
    accepted: "a name of the IANA database such as Europe/Rome",
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return null;
}
