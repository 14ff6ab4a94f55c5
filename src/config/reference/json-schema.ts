/**
 * JSON Schemas for editors. Those of settings and collectors come from the zod schemas; rules and trees are read by their
 * compilers, so their schemas are put together from the families' lists, and say less than `squall check`.
 */
import { z } from "zod";
import type { CollectorType } from "../../component/define-collector.ts";
import { collectorOptions } from "../../component/collector-options.ts";
import type { ExecutorType } from "../../component/define-executor.ts";
import type { NormalizerType } from "../../component/define-normalizer.ts";
import { executorEntry } from "../executor-entry.ts";
import { definitionOf, layersOf } from "../schema/walk-schema.ts";
import { settingsSchema } from "../settings.ts";
import { printDefault } from "./option-rows.ts";
import { retryJsonSchema } from "./rule-json-schema.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
/** What stands for a number or a boolean where it comes from a variable. */
const REFERENCE = { type: "string", pattern: "^\\$\\{(env|file):[^}]*\\}$" };

export const document = (title: string, schema: JsonSchema): JsonSchema => ({ $schema: DIALECT, title, ...schema });

/** Of a zod schema, as files are written. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      const own = zodSchema as unknown as z.ZodType; // of a schema made with the same zod
      const form = jsonSchema["form"];
      for (const key of ["unit", "secret", "credential", "form", "id"]) delete jsonSchema[key];
      if (form === "retry") Object.assign(jsonSchema, retryJsonSchema);
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      const { type, defaultValue } = definitionOf(own);
      const unit = layersOf(own)
        .map((layer) => layer.meta()?.["unit"])
        .find((found) => found !== undefined);
      if (type === "default" && unit !== undefined) jsonSchema.default = printDefault(defaultValue, unit);
      if (type === "prefault") delete jsonSchema.default;
    },
  });
  return withReferences(json) as JsonSchema; // of an object an object
}

/** Numbers and booleans may come from a variable, and are text then. */
function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferences);
  if (typeof schema !== "object" || schema === null) return schema;
  const own: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(schema)) {
    const takesText = key === "anyOf" && (inner as readonly { type?: unknown }[]).some(({ type }) => type === "string");
    own[key] = key === "default" || takesText ? inner : withReferences(inner);
  }
  if (["integer", "number", "boolean"].includes(own["type"] as string)) orReference(own);
  return own;
}

const OF_VALUE = ["type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

function orReference(json: Record<string, unknown>): void {
  const value: Record<string, unknown> = {};
  for (const key of OF_VALUE)
    if (key in json) {
      value[key] = json[key];
      delete json[key];
    }
  json["anyOf"] = [value, REFERENCE];
}

const OPEN = { type: ["object", "null"] };

/** `config/squall.yaml`. A section that holds nothing but comments is null. */
export function settingsJsonSchema(executors: readonly ExecutorType[]): JsonSchema {
  const settings = toJsonSchema(settingsSchema) as { properties: Record<string, JsonSchema> };
  const entry = toJsonSchema(executorEntry) as { properties: Record<string, JsonSchema> };
  const optionsOf = (type: ExecutorType): JsonSchema => ({ properties: { options: toJsonSchema(type.options) } });
  const types = executors.map(({ type }) => type);
  const executor = {
    ...entry,
    properties: { ...entry.properties, type: { ...entry.properties["type"], enum: types } },
    allOf: executors.map((type) => ({
      if: { required: ["type"], properties: { type: { const: type.type } } },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: optionsOf(type),
    })),
  };
  const named = Object.fromEntries(
    executors.map((type) => [
      type.type,
      {
        anyOf: [
          { type: "null" },
          {
            allOf: [{ $ref: "#/$defs/executor" }],
            if: { not: { required: ["type"] } },
            // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
            then: optionsOf(type),
          },
        ],
      },
    ]),
  );
  const sections = Object.entries(settings.properties).map(([key, section]) => [
    key,
    { anyOf: [section, { type: "null" }] },
  ]);
  return document("Squall settings", {
    ...settings,
    type: OPEN.type,
    properties: {
      ...Object.fromEntries(sections),
      executors: {
        ...settings.properties["executors"],
        type: OPEN.type,
        properties: named,
        additionalProperties: { $ref: "#/$defs/executor" },
        propertyNames: { pattern: "^[a-zA-Z0-9_]+$" },
      },
    },
    $defs: { executor },
  });
}

/** A file of `collectors/`: the common keys and those of its type. */
export function collectorJsonSchema(
  collectors: readonly CollectorType[],
  normalizers: readonly NormalizerType[],
): JsonSchema {
  const common = toJsonSchema(collectorOptions) as { properties: Record<string, JsonSchema> };
  const defaultType = collectorOptions.shape.type.parse(undefined);
  const formats = [...normalizers.map(({ format }) => format), "auto"];
  const mapping = {
    type: "object",
    properties: {
      event_type: { type: "string" },
      payload: { type: ["object", "string"] },
      metadata: { type: ["object", "string"] },
    },
    additionalProperties: false,
  };
  const branches = collectors.map((type) => {
    const own = toJsonSchema(type.options) as { properties?: JsonSchema; required?: readonly string[] };
    const needsType = type.type === defaultType ? [] : ["type"];
    return {
      title: type.type,
      description: type.summary,
      type: "object",
      properties: {
        ...common.properties,
        type: { ...common.properties["type"], const: type.type },
        format: { ...common.properties["format"], enum: formats },
        collector_config: { ...common.properties["collector_config"], ...mapping },
        ...own.properties,
      },
      required: ["id", ...needsType, ...(own.required ?? [])],
      additionalProperties: false,
    };
  });
  return document("Squall collector", branches.length === 1 ? branches[0]! : { anyOf: branches });
}
