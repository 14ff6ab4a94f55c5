/** Schemas in words: what is accepted at a place. */
import type { z } from "zod";
import { coresOf, definitionOf, layersOf } from "./walk-schema.ts";

/** `a number`, `a duration (10s, 1h30m)`, `one of a, b`; several joined by `or`. */
export function describeSchemas(schemas: readonly z.ZodType[]): string {
  const words = [...new Set(schemas.flatMap(wordsOf))];
  return words.length === 0
    ? "something else"
    : words.length === 1
      ? words[0]!
      : `${words.slice(0, -1).join(", ")} or ${words.at(-1)!}`;
}

function wordsOf(schema: z.ZodType): readonly string[] {
  const unit = layersOf(schema)
    .map((layer) => layer.meta()?.["unit"])
    .find((found) => found !== undefined);
  if (unit === "duration") return ["a duration such as 500ms, 10s, 1h30m"];
  if (unit === "size") return ["a size such as 512kb, 5mb, 2gb"];
  const cores = coresOf(schema);
  return cores.length > 1 ? cores.flatMap(wordsOf) : [wordOf(cores[0]!)];
}

function wordOf(core: z.ZodType): string {
  const { type, shape, values, entries } = definitionOf(core);
  switch (type) {
    case "string":
      return "a string";
    case "number":
      return (core as z.ZodNumber).isInt ? "a whole number" : "a number";
    case "bigint":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
    case "tuple":
      return "an array";
    case "object":
      return shape && Object.keys(shape).length > 0 ? `an object with ${Object.keys(shape).join(", ")}` : "an object";
    case "record":
      return "an object";
    case "literal":
      return (values ?? []).map(String).join(", ");
    case "enum":
      return Object.values(entries ?? {})
        .map(String)
        .join(", ");
    case "null":
      return "null";
    default:
      return "another value";
  }
}

/** The texts that are accepted as they are, of literals and enumerations. */
export const namedValues = (schemas: readonly z.ZodType[]): readonly string[] => [
  ...new Set(
    schemas.flatMap(coresOf).flatMap((core) => {
      const { type, values, entries } = definitionOf(core);
      if (type === "literal") return (values ?? []).map(String);
      return type === "enum" ? Object.values(entries ?? {}).map(String) : [];
    }),
  ),
];
