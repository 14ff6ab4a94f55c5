/**
 * Which documents of a forwarded bulk request its sender will send again, by the answer it gets.
 *
 * | answer | comes again |
 * |---|---|
 * | none, or any status but 2xx | all: Beats and Logstash repeat the request, after 413 in parts |
 * | 2xx | items with 408, 425, 429 or 5xx |
 */
import type { HttpReply } from "../../component/http-mount.ts";
import { isArray, isObject, member, parseJson, type Json } from "../../core/json.ts";
import type { ItemResult } from "./take-items.ts";

export function retriedItems(reply: HttpReply | null, results: readonly ItemResult[]): readonly ItemResult[] {
  if (!reply || reply.status < 200 || reply.status > 299) return results;
  // Only then is an answer worth reading; a filtered one need not say whether there are errors.
  if (reply.body === undefined || /^\s*\{[^{[]*"errors"\s*:\s*false/.test(reply.body.slice(0, 200))) return [];
  const parsed = parseJson(reply.body, 100);
  const items = parsed.ok && isObject(parsed.value) ? member(parsed.value, "items") : undefined;
  if (!isArray(items) || items.length !== results.length) return [];
  return results.filter((_, at) => isRetried(statusOf(items[at]!)));
}

function statusOf(item: Json): number {
  const result = isObject(item) ? Object.values(item)[0] : undefined;
  const status = isObject(result) ? member(result, "status") : undefined;
  return typeof status === "number" ? status : 0;
}

const isRetried = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;
