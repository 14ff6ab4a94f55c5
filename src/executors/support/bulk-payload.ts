/** What an action of the elasticsearch executor says: Tornado's keys, and those of a bulk request. */
import { z } from "zod";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Outcome } from "../../core/delivery/outcome.ts";
import { ok, type Result } from "../../core/result.ts";
import { pemAuth } from "./pem-auth.ts";
import { readPayload } from "./read-payload.ts";

export const bulkPayloadSchema = z.looseObject({
  endpoint: z
    .string()
    .min(1)
    .optional()
    .describe("Address of the cluster, `http://HOST:9200`; the option `endpoint` without it."),
  index: z.string().min(1).describe("Name of the index, alias or data stream."),
  data: z
    .custom<JsonObject>((value) => isObject(value as Json), { error: "expected an object" })
    .describe("The document; a data stream needs `@timestamp` in it."),
  id: z
    .union([z.string().min(1), z.number(), z.bigint()])
    .transform(String)
    .optional()
    .describe("Id of the document; the delivery key without it."),
  op_type: z
    .enum(["create", "index"])
    .default("create")
    .describe("`create` keeps a document that is there already, `index` replaces it."),
  pipeline: z.string().min(1).optional().describe("Ingest pipeline."),
  auth: pemAuth().optional().describe("TLS client authentication of this request, in Tornado's form."),
});

type BulkPayload = z.output<typeof bulkPayloadSchema>;

/** What the schema gives. It is asked only about what is not plainly right, since asking costs as much as sending. */
export function readBulkPayload(payload: JsonObject): Result<BulkPayload, Outcome> {
  const { endpoint, index, data, id, op_type: opType = "create", pipeline, auth } = payload;
  if (
    isText(index) &&
    isObject(data) &&
    (opType === "create" || opType === "index") &&
    (id === undefined || isText(id)) &&
    (pipeline === undefined || isText(pipeline)) &&
    (endpoint === undefined || isText(endpoint)) &&
    auth === undefined
  )
    return ok({ endpoint, index, data, id, op_type: opType, pipeline, auth });
  return readPayload(bulkPayloadSchema, payload);
}

const isText = (value: Json | undefined): value is string => typeof value === "string" && value !== "";
