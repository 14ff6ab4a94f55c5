/** What items are answered, in the order of the request, as exactly as Elasticsearch does: Beats lose data otherwise. */
import type { JsonObject } from "../../core/json.ts";
import { errorBody, type EsReply } from "./es-reply.ts";
import type { ItemResult } from "./take-items.ts";

const SHARDS = { total: 1, successful: 1, failed: 0 };
const RESULT = { create: "created", index: "created", update: "updated", delete: "deleted" } as const;

/** `sequence` numbers the documents of this collector. */
export function bulkAnswer(results: readonly ItemResult[], tookMs: number, sequence: () => number): EsReply {
  return {
    status: 200,
    body: {
      took: tookMs,
      errors: results.some(({ error }) => error !== null),
      items: results.map((result) => ({ [result.item.op]: itemBody(result, sequence) })),
    },
  };
}

/** Of a document that was sent alone. */
export function documentAnswer(result: ItemResult, sequence: () => number): EsReply {
  const { status, error, index, item, id } = result;
  if (error) return { status, body: errorBody(status, error.type, error.reason) };
  const { status: _, ...body } = itemBody(result, sequence);
  const location = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(item.id ?? id ?? "")}`;
  return { status, body, ...(status === 201 ? { headers: { location } } : {}) };
}

function itemBody({ item, index, id, status, error }: ItemResult, sequence: () => number): JsonObject {
  const named = { _index: index, ...(id === undefined ? {} : { _id: id }) };
  if (error) return { ...named, status, error };
  const number = sequence();
  return {
    ...named,
    _id: id ?? `squall-${number}`,
    _version: 1,
    result: RESULT[item.op],
    _shards: SHARDS,
    _seq_no: number,
    _primary_term: 1,
    status,
  };
}
