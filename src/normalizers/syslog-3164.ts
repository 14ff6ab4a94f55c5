/**
 * RFC 3164 and what is sent in its name: `<PRI>Mmm dd hh:mm:ss HOSTNAME TAG[PID]: TEXT`. Every part may be missing, so each
 * is taken only where it is unmistakable, and the rest is text. Variants that are read:
 *
 *   Oct 11 22:14:15 su[7]: text                          no host name (BSD, local loggers)
 *   2024-05-02T09:14:07.123+02:00 host app: text         a time of RFC 3339 (rsyslog's forward format)
 *   Oct 11 2018 22:14:15 host : %ASA-6-302016: text      Cisco ASA: a year, a spaced colon
 *   4711: host: *Mar  1 18:46:11.123 UTC: %LINK-3-UPDOWN: text      Cisco IOS: a sequence number, an unsure clock, a zone
 */
import { timestampMs } from "../core/event/timestamp.ts";
import type { TimeZone } from "../core/template/time-zone.ts";
import type { SyslogMessage } from "./syslog-message.ts";
import { instantOf, MONTHS, offsetOf } from "./syslog-time.ts";

const BSD_TIME =
  /^[*.]?((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?)/;
const ISO_TIME = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d)?)(?= |:|$)/;
/** Behind a time: a zone is one only before a colon, because a host may be called like it. */
const ZONE = /^ ([A-Z]{1,5}|[+-]\d\d:?\d\d)(?=:)/;
const SEQUENCE = /^(\d{1,15}): {1,2}/;
/** A host before the time, as Cisco's `logging origin-id` writes it. */
const ORIGIN = /^([A-Za-z0-9._-]{1,255}): {1,2}(?=[*.]?[A-Z][a-z]{2} )/;
const CISCO = /^%([A-Za-z0-9_]{1,64}(?:-[A-Za-z0-9_]{1,64}){0,3}-[0-7]-[A-Za-z0-9_]{1,64}): ?/;
const TAG = /^([^\s:[\]<>%]{1,128})(?:\[([^\]\s]{0,128})\])?: ?/;
const TAG_WITHOUT_COLON = /^([^\s:[\]<>%]{1,128})\[(\d{1,10})\] ?/;
const HOST = /^([A-Za-z0-9._:%@/[\]-]{1,255}) /;

/** `text` is what follows the priority. */
export function read3164(text: string, receivedMs: number, zone: TimeZone | undefined): SyslogMessage {
  let rest = text;
  const cut = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found;
  };
  const sequence = cut(SEQUENCE);
  const origin = sequence ? cut(ORIGIN) : null;
  const time = takeTime(rest, receivedMs, zone);
  if (!time) {
    // Digits and a colon that no time follows were text.
    if (sequence && !CISCO.test(rest)) return readContent(text);
    return { ...numberOf(sequence), ...named(origin?.[1]), ...readContent(rest) };
  }
  rest = rest.slice(time.end);
  const head = {
    timestamp: time.text,
    ...numberOf(sequence),
    ...(time.createdMs === undefined ? {} : { createdMs: time.createdMs }),
  };
  if (cut(/^ ?: ?/)) return { ...head, ...named(origin?.[1]), ...readContent(rest) };
  rest = rest.replace(/^ +/, "");
  const host = isTag(rest) ? null : cut(HOST);
  if (host) cut(/^: /); // Cisco ASA
  return { ...head, ...named(host?.[1] ?? origin?.[1]), ...readContent(rest) };
}

const numberOf = (sequence: RegExpExecArray | null): { readonly sequence?: number } =>
  sequence ? { sequence: Number(sequence[1]) } : {};
const named = (hostname: string | undefined): { readonly hostname?: string } =>
  hostname === undefined ? {} : { hostname };

/** The first word names the program, not the host: it has a process id, or ends with a colon. */
const isTag = (text: string): boolean => CISCO.test(text) || /^[^\s[\]]{1,128}(\[[^\]\s]{0,128}\]:?|:)( |$)/.test(text);

type Content = Pick<SyslogMessage, "app_name" | "process_id" | "message_id" | "message">;

function readContent(text: string): Content {
  const cisco = CISCO.exec(text);
  if (cisco) return { message_id: cisco[1]!, message: text.slice(cisco[0].length) };
  const tag = TAG.exec(text) ?? TAG_WITHOUT_COLON.exec(text);
  if (!tag) return { message: text };
  const [all, name, pid] = tag;
  return {
    app_name: name!,
    ...(pid === undefined || pid === "" ? {} : { process_id: pid }),
    message: text.slice(all.length),
  };
}

interface TakenTime {
  readonly text: string;
  readonly end: number;
  readonly createdMs: number | undefined;
}

function takeTime(text: string, receivedMs: number, zone: TimeZone | undefined): TakenTime | null {
  const iso = ISO_TIME.exec(text)?.[1];
  if (iso !== undefined) return { text: iso, end: iso.length, createdMs: isoMs(iso, receivedMs, zone) };
  const found = BSD_TIME.exec(text);
  if (!found) return null;
  const [all, written = "", month = "", day, year, hour, minute, second, fraction = ""] = found;
  const after = ZONE.exec(text.slice(all.length));
  const offsetSeconds = after ? offsetOf(after[1]!) : undefined;
  // A word that is no zone is the name of a program, unless Cisco's own mark follows.
  const isZone =
    after !== null && (offsetSeconds !== undefined || text.startsWith(": %", all.length + after[0].length));
  const wall = {
    month: MONTHS.indexOf(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: Number(fraction.slice(0, 3).padEnd(3, "0")),
    ...(year === undefined ? {} : { year: Number(year) }),
    ...(isZone && offsetSeconds !== undefined ? { offsetSeconds } : {}),
  };
  return {
    text: isZone ? `${written}${after[0]}` : written,
    end: all.length + (isZone ? after[0].length : 0),
    createdMs: instantOf(wall, receivedMs, zone),
  };
}

/** Without a zone of its own it is a time on the sender's clock too. */
function isoMs(text: string, receivedMs: number, zone: TimeZone | undefined): number | undefined {
  const normal = text.replace(",", ".");
  if (/([Zz]|[+-]\d\d:?\d\d)$/.test(normal.slice(19))) return timestampMs(normal);
  const ms = timestampMs(`${normal}Z`);
  if (ms === undefined || !zone) return ms;
  const date = new Date(ms);
  return instantOf(
    {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      ms: date.getUTCMilliseconds(),
    },
    receivedMs,
    zone,
  );
}
