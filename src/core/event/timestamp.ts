import type { Json } from "../json.ts";

const RFC3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/i;

/** Epoch milliseconds of an RFC 3339 text (finer fractions are cut; no zone means UTC) or of a number of milliseconds. */
export function timestampMs(value: Json | undefined): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? Math.trunc(value) : undefined;
  if (typeof value !== "string") return undefined;
  const parts = RFC3339.exec(value.trim());
  if (!parts) return undefined;
  const [, date, time, fraction = "", zone = "Z"] = parts;
  const ms = Date.parse(
    `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()}`,
  );
  return Number.isNaN(ms) ? undefined : ms;
}
