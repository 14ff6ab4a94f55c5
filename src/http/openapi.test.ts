import { expect, test } from "vitest";
import { z } from "zod";
import { endpoints } from "./contract/list.ts";
import { openapiDocument } from "./openapi.ts";

const document = openapiDocument(endpoints, "0.1.0");
const schema = z.looseObject({});
const content = z.record(z.string(), z.strictObject({ schema }));
/** The part of OpenAPI 3.1's own schema that this document uses. */
const openapi = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  paths: z.record(
    z.string().startsWith("/"),
    z.partialRecord(
      z.enum(["get", "post"]),
      z.strictObject({
        operationId: z.string(),
        summary: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        parameters: z
          .array(z.strictObject({ name: z.string(), in: z.enum(["path", "query"]), required: z.boolean(), schema }))
          .optional(),
        requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
        responses: z.record(
          z.string().regex(/^[1-5]\d\d$/),
          z.strictObject({ description: z.string().min(1), content }),
        ),
      }),
    ),
  ),
  components: z.strictObject({ schemas: z.record(z.string(), schema), securitySchemes: z.record(z.string(), schema) }),
});

test("the document is OpenAPI 3.1 and survives JSON", () => {
  openapi.parse(JSON.parse(JSON.stringify(document)));
});

test("operation ids are unique and path parameters are those of the template", () => {
  const ids = endpoints.map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [path, operations] of Object.entries(openapi.parse(document).paths))
    for (const operation of Object.values(operations)) {
      const declared = (operation.parameters ?? []).filter((one) => one.in === "path").map((one) => one.name);
      expect(declared, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]));
    }
});

test("every reference resolves", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((found) => found[1]!.split("/"));
  expect(references.length).toBeGreaterThan(0);
  for (const steps of references) {
    let place: unknown = document;
    for (const step of steps) place = (place as Record<string, unknown>)[step];
    expect(place, steps.join("/")).toBeDefined();
  }
});

test("a coerced number is an integer with its bounds and a default", () => {
  const list = openapi.parse(document).paths["/api/v1/deliveries"]!.get!;
  expect(list.parameters!.find((one) => one.name === "limit")).toMatchObject({
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  });
});
