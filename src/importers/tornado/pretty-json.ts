import { printJson, type Json } from "../../core/json.ts";

/** Like JSON.stringify with two blanks, but with exact integers; ends in a line break. */
export const prettyJson = (value: Json): string => `${print(value, "")}\n`;

function print(value: Json, indent: string): string {
  if (typeof value !== "object" || value === null) return printJson(value);
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item: Json) => print(item, inner))
    : Object.entries(value).map(([key, item]: [string, Json]) => `${printJson(key)}: ${print(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return lines.length === 0 ? `${open}${close}` : `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${indent}${close}`;
}
