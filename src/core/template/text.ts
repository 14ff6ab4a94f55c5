/** How values are written into text: scalars only, numbers as plain decimal digits. */
import type { Json } from "../json.ts";

/** String as is, `true`/`false`, `null`, digits; arrays and objects have no text. */
export function textOf(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return decimalText(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return value === null ? "null" : undefined;
  }
}

/** The shortest digits of a double, however many, never with an exponent; `-0` is `0`. */
export function decimalText(value: number): string {
  const short = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(short);
  if (!parts) return short;
  const [, sign, first, rest = "", exponent] = parts;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0") + (digits.length > point ? `.${digits.slice(point)}` : "");
}
