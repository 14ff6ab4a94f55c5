/**
 * A time as text. Input: epoch milliseconds, or RFC 3339 text. Format: strftime's %Y %m %d %H %M %S %L %j %a %b %z %s %%;
 * by default RFC 3339 with milliseconds. Names of days and months are English.
 */
import { timestampMs } from "../../event/timestamp.ts";
import type { Json } from "../../json.ts";
import { err, ok } from "../../result.ts";
import { printOffset, timeZone, type TimeZone } from "../time-zone.ts";
import { textArguments, type Filter } from "./filter.ts";

export const date: Filter = {
  name: "date",
  usage: "date, date('%Y-%m-%d'), date('%H:%M', 'Europe/Rome')",
  summary: "A time (epoch milliseconds or RFC 3339 text) in a format and time zone.",
  prepare(args) {
    if (args.length > 2) return err(`takes at most two arguments, found ${args.length}`);
    const texts = textArguments(args, args.length);
    if (!texts.ok) return err(texts.error);
    const [format, zoneName = "UTC"] = texts.value;
    const zone = timeZone(zoneName);
    const unknown = format === undefined ? undefined : unknownDirective(format);
    if (unknown !== undefined)
      return err(
        `knows no directive ${unknown}; accepted: ${Object.keys(DIRECTIVES)
          .map((c) => `%${c}`)
          .join(" ")}`,
      );
    if (!zone) return err(`knows no time zone "${zoneName}"; accepted: an IANA name such as Europe/Rome`);
    return ok((value) => {
      const ms = instant(value);
      if (ms === undefined) return undefined;
      const moment = momentIn(ms, zone);
      return format === undefined ? rfc3339(moment, zone) : print(moment, format);
    });
  },
};

interface Moment {
  readonly ms: number;
  /** Its UTC fields are the local ones. */
  readonly local: Date;
  /** Seconds. */
  readonly offset: number;
}

const LARGEST_MS = 8_640_000_000_000_000 - 86_400_000;

function instant(value: Json): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) <= LARGEST_MS ? value : undefined;
  return typeof value === "string" ? timestampMs(value) : undefined;
}

function momentIn(ms: number, zone: TimeZone): Moment {
  const offset = zone.offsetSeconds(ms);
  return { ms, local: new Date(ms + offset * 1000), offset };
}

function rfc3339({ local, offset }: Moment, zone: TimeZone): string {
  const text = local.toISOString().slice(0, -1);
  return text + (zone.name === "UTC" ? "Z" : printOffset(offset, ":"));
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

const DIRECTIVES: Readonly<Record<string, (moment: Moment) => string>> = {
  Y: ({ local }) => pad(local.getUTCFullYear(), 4),
  m: ({ local }) => pad(local.getUTCMonth() + 1),
  d: ({ local }) => pad(local.getUTCDate()),
  H: ({ local }) => pad(local.getUTCHours()),
  M: ({ local }) => pad(local.getUTCMinutes()),
  S: ({ local }) => pad(local.getUTCSeconds()),
  L: ({ local }) => pad(local.getUTCMilliseconds(), 3),
  j: ({ local }) => pad(Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000) + 1, 3),
  a: ({ local }) => DAYS[local.getUTCDay()]!,
  b: ({ local }) => MONTHS[local.getUTCMonth()]!,
  z: ({ offset }) => printOffset(offset, ""),
  s: ({ ms }) => String(Math.floor(ms / 1000)),
  "%": () => "%",
};

function unknownDirective(format: string): string | undefined {
  for (const [text, letter] of format.matchAll(/%([\s\S]?)/g)) if (!Object.hasOwn(DIRECTIVES, letter!)) return text;
  return undefined;
}

const print = (moment: Moment, format: string): string =>
  format.replace(/%([\s\S])/g, (_, letter: string) => DIRECTIVES[letter]!(moment));
