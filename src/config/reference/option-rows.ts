/** A schema as a table: one row per key, those inside objects by dotted path. */
import type { z } from "zod";
import { printDuration } from "../../core/duration.ts";
import { coresOf, definitionOf, layersOf } from "../schema/walk-schema.ts";
import { code } from "./markdown.ts";

export interface OptionRow {
  readonly path: string;
  readonly type: string;
  /** `required`, a default, or nothing. */
  readonly default: string;
  readonly description: string;
}

export const OPTION_HEAD = ["key", "type", "default", "meaning"];

export const optionTable = (rows: readonly OptionRow[]): readonly (readonly string[])[] =>
  rows.map((row) => [code(row.path), row.type, row.default, row.description]);

/** Of an object schema; the keys of all options of a union. */
export function optionRows(schema: z.ZodType, prefix = ""): readonly OptionRow[] {
  const cores = coresOf(schema);
  const hasObject = cores.some((core) => definitionOf(core).shape);
  const rows = cores.flatMap((core) => {
    const { shape, element, valueType } = definitionOf(core);
    if (shape) return Object.entries(shape).flatMap(([key, inner]) => rowsOf(inner, `${prefix}${key}`));
    if (element && hasObject) return []; // a list of what may stand alone
    if (element) return optionRows(element, `${prefix.replace(/\.$/, "")}[].`);
    return valueType ? optionRows(valueType, `${prefix}<name>.`) : [];
  });
  const known = new Set<string>();
  return rows.filter(({ path }) => !known.has(path) && known.add(path));
}

function rowsOf(schema: z.ZodType, path: string): readonly OptionRow[] {
  const row = { path, type: typeName(schema), default: defaultOf(schema), description: descriptionOf(schema) ?? "" };
  return [row, ...optionRows(schema, `${path}.`)];
}

/** The outermost description; a transform's is at its input, a union's may be at its only option. */
export function descriptionOf(schema: z.ZodType): string | undefined {
  return layersOf(schema)
    .map((layer) => layer.description)
    .find((description) => description !== undefined);
}

const metaOf = (schema: z.ZodType, name: string): unknown =>
  layersOf(schema)
    .map((layer) => layer.meta()?.[name])
    .find((value) => value !== undefined);

export function typeName(schema: z.ZodType): string {
  if (metaOf(schema, "secret") === true) return "secret";
  const unit = metaOf(schema, "unit");
  if (typeof unit === "string") return unit;
  const names = [...new Set(coresOf(schema).map(coreName))];
  return names.join(" or ");
}

function coreName(core: z.ZodType): string {
  const { type, element, valueType, values, entries } = definitionOf(core);
  switch (type) {
    case "number":
      return (core as z.ZodNumber).isInt ? "integer" : "number";
    case "array":
      return element ? `list of ${typeName(element)}` : "list";
    case "record":
      return valueType && typeName(valueType) !== "any" ? `object of ${typeName(valueType)}` : "object";
    case "literal":
      return (values ?? []).map((value) => code(String(value))).join(" or ");
    case "enum":
      return Object.values(entries ?? {})
        .map((value) => code(String(value)))
        .join(" or ");
    case "unknown":
    case "any":
    case "custom":
      return "any";
    default:
      return type;
  }
}

function defaultOf(schema: z.ZodType): string {
  for (const layer of layersOf(schema)) {
    const { type, defaultValue } = definitionOf(layer);
    if (type === "optional" || type === "prefault" || type === "nullable") return "";
    if (type === "default") return code(printDefault(defaultValue, metaOf(schema, "unit")));
  }
  return "required";
}

export function printDefault(value: unknown, unit: unknown): string {
  if (typeof value !== "number") return JSON.stringify(value);
  if (unit === "duration") return printDuration(value);
  if (unit === "size") return printSize(value);
  return unit === "share" ? `${value * 100}%` : String(value);
}

/** The largest unit that divides it. */
function printSize(bytes: number): string {
  const units = ["b", "kb", "mb", "gb", "tb"];
  let power = 0;
  let count = bytes;
  while (count > 0 && count % 1024 === 0 && power < units.length - 1) {
    count /= 1024;
    power++;
  }
  return `${count}${units[power]!}`;
}
