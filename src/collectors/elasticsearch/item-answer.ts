/** What items are answered, in the order of the request, as exactly as Elasticsearch does: Beats lose data otherwise. */
import { setImmediate } from "node:timers/promises";
import { isArray, isObject, member, printJson, type JsonObject } from "../../core/json.ts";
import { filterPath } from "./filter-path.ts";
import { errorBody, type EsReply } from "./es-reply.ts";
import type { ItemResult } from "./take-items.ts";

const SHARDS = { total: 1, successful: 1, failed: 0 };
const RESULT = { create: "created", index: "created", update: "updated", delete: "deleted" } as const;

/** Made between two breaths of the event loop. */
const SLICE_ITEMS = 500;

export interface ItemStyle {
  /** Numbers the documents of this collector. */
  readonly sequence: () => number;
  /** Each item says `_type: _doc`, as in version 7: the Java client of that version reads none without it. */
  readonly typed: boolean;
}

/** `filter` is the request's `filter_path`. */
export async function bulkAnswer(
  results: readonly ItemResult[],
  tookMs: number,
  style: ItemStyle,
  filter: string | null,
): Promise<EsReply> {
  const top = { took: tookMs, errors: results.some(({ error }) => error !== null) };
  const wanted = (body: JsonObject): JsonObject => {
    const kept = filter === null ? body : filterPath(body, filter);
    return isObject(kept) ? kept : {};
  };
  let items = "";
  for (let at = 0; at < results.length; at += SLICE_ITEMS) {
    if (at > 0) await setImmediate();
    const slice = results.slice(at, at + SLICE_ITEMS).map((result) => ({
      [result.item.op]: itemBody(result, style),
    }));
    const kept = member(wanted({ items: slice }), "items");
    if (isArray(kept) && kept.length > 0) items += `${items === "" ? "" : ","}${printJson(kept).slice(1, -1)}`;
  }
  const head = printJson(wanted(top)).slice(1, -1);
  const parts = [head, items === "" ? "" : `"items":[${items}]`].filter((part) => part !== "");
  return { status: 200, body: {}, json: `{${parts.join(",")}}` };
}

/** Of a document that was sent alone. */
export function documentAnswer(result: ItemResult, style: ItemStyle): EsReply {
  const { status, error, index, item, id } = result;
  if (error) return { status, body: errorBody(status, error.type, error.reason) };
  const { status: _, ...body } = itemBody(result, style);
  const location = `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(item.id ?? id ?? "")}`;
  return { status, body, ...(status === 201 ? { headers: { location } } : {}) };
}

function itemBody({ item, index, id, status, error }: ItemResult, { sequence, typed }: ItemStyle): JsonObject {
  const named = { _index: index, ...(typed ? { _type: "_doc" } : {}), ...(id === undefined ? {} : { _id: id }) };
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
