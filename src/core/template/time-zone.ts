/** Time zones by IANA name, exactly as the database writes it (`europe/rome` and `+02:00` are none). */
import { TIME_ZONE_NAMES } from "./time-zone-names.ts";

export interface TimeZone {
  readonly name: string;
  /** Seconds east of UTC at an instant (epoch milliseconds); before standard time they need not be whole minutes. */
  offsetSeconds(ms: number): number;
}

/** Local mean time, which Intl keeps for all instants before a zone's first rule. */
const BEFORE_ALL_RULES_MS = Date.UTC(1800, 0, 1);

export function timeZone(name: string): TimeZone | undefined {
  if (!TIME_ZONE_NAMES.has(name)) return undefined;
  let format: Intl.DateTimeFormat | null = null; // takes 0.1 ms to make
  const formatOf = (): Intl.DateTimeFormat =>
    (format ??= new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", hour: "numeric" }));
  return {
    name,
    offsetSeconds(ms) {
      const parts = formatOf().formatToParts(Math.max(ms, BEFORE_ALL_RULES_MS));
      return readOffset(parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT");
    },
  };
}

/** `GMT`, `GMT+02:00`, `GMT-04:56:02`. */
function readOffset(text: string): number {
  const parts = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (!parts) return 0;
  const seconds = Number(parts[2]) * 3600 + Number(parts[3]) * 60 + Number(parts[4] ?? 0);
  return parts[1] === "-" ? -seconds : seconds;
}

/** `+02:00`, `-0456`: rounded to the minute, halves away from zero. */
export function printOffset(seconds: number, separator: ":" | ""): string {
  const minutes = Math.floor((Math.abs(seconds) + 30) / 60);
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${separator}${pad(minutes % 60)}`;
}
