/** The OpenAPI 3.1 document of the admin API, generated from the contract. */
import { z } from "zod";
import { ERROR_CODES } from "../component/app-error.ts";
import type { Endpoint } from "./contract/endpoint.ts";
import { problem } from "./contract/problem.ts";
import { PROBLEM_TYPE } from "./problem.ts";

export interface OpenapiDocument {
  readonly openapi: "3.1.0";
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly [key: string]: unknown;
}

export function openapiDocument(endpoints: readonly Endpoint[], version: string): OpenapiDocument {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of endpoints) (paths[one.path] ??= {})[one.method.toLowerCase()] = operation(one);
  return {
    openapi: "3.1.0",
    info: {
      title: "Squall admin API",
      version,
      description: "Times are epoch milliseconds. Errors are problem documents (RFC 9457).",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function operation(one: Endpoint): object {
  const parameters = [...parametersOf("path", one.params), ...parametersOf("query", one.query)];
  const answer = (status: number): object => ({
    description: status === 200 ? "ok" : meaningOf(status),
    content: { [one.answerType ?? "application/json"]: { schema: schemaOf(one.answer, "output") } },
  });
  return {
    operationId: one.id,
    summary: one.summary,
    security: one.access === "open" ? [] : one.access === "token" ? [{ token: [] }] : [{}, { token: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(one.body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(one.body, "input") } } },
    }),
    responses: {
      ...Object.fromEntries([200, ...(one.alsoAnswers ?? [])].map((status) => [String(status), answer(status)])),
      ...Object.fromEntries(one.problems.map((status) => [String(status), problemResponse(status)])),
    },
  };
}

function parametersOf(place: "path" | "query", schema: z.ZodObject | undefined): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

const problemResponse = (status: number): object => ({
  description: meaningOf(status),
  content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
});

const meaningOf = (status: number): string =>
  Object.values(ERROR_CODES)
    .filter((code) => code.status === status)
    .map((code) => code.meaning)
    .join("; or ");

/** Coerced numbers accept anything on input; in a URL they are numbers all the same. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      if (zodSchema instanceof z.ZodNumber && jsonSchema.type === undefined) jsonSchema.type = "integer";
    },
  });
  return rest;
}
