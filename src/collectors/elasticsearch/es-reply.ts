/** Answers in Elasticsearch's shapes. An error is `{error: {root_cause, type, reason}, status}`. */
import type { HttpReply, HttpRequest } from "../../component/http-mount.ts";
import { printJson, type Json, type JsonObject } from "../../core/json.ts";
import { filterPath } from "./filter-path.ts";
import type { Refusal } from "../support/refusal.ts";

/** Official clients refuse a server that does not say this. */
const PRODUCT = { "x-elastic-product": "Elasticsearch" };
const COMPATIBLE = /application\/vnd\.elasticsearch\+json\s*;\s*compatible-with=(\d+)/;
const COMPATIBLE_TYPE = "application/vnd.elasticsearch+json;compatible-with=";
const RETRY_AFTER_S = "1";

export interface EsReply {
  readonly status: number;
  /** Text is `text/plain`, as `_cat` has it. */
  readonly body: Json;
  /** Instead of `body`: printed, and filtered already. */
  readonly json?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const okReply = (body: Json): EsReply => ({ status: 200, body });

export const errorBody = (status: number, type: string, reason: string): JsonObject => ({
  error: { root_cause: [{ type, reason }], type, reason },
  status,
});

export const errorReply = (status: number, type: string, reason: string): EsReply => ({
  status,
  body: errorBody(status, type, reason),
  ...(status === 429 || status === 503 ? { headers: { "retry-after": RETRY_AFTER_S } } : {}),
});

/** The version that the sender wants to be spoken to in, when it says so; otherwise the one given. */
export function majorVersion({ headers: { accept } }: HttpRequest, version: string): number {
  const wanted = typeof accept === "string" ? COMPATIBLE.exec(accept)?.[1] : undefined;
  return Number(wanted ?? version.split(".")[0]);
}

/** `filter_path` of the request is applied; a newer client gets the media type that it asks for. */
export function toHttp(reply: EsReply, request: HttpRequest): HttpReply {
  const { accept } = request.headers;
  const wanted = typeof accept === "string" ? COMPATIBLE.exec(accept)?.[1] : undefined;
  const json = wanted === undefined ? "application/json" : `${COMPATIBLE_TYPE}${wanted}`;
  const isText = typeof reply.body === "string";
  const filter = request.query.get("filter_path");
  const body =
    reply.json !== undefined || filter === null || isText || reply.status >= 400
      ? reply.body
      : filterPath(reply.body, filter);
  return {
    status: reply.status,
    headers: {
      ...PRODUCT,
      "content-type": isText ? "text/plain; charset=UTF-8" : json,
      ...reply.headers,
    },
    ...(request.method === "HEAD" ? {} : { body: reply.json ?? (isText ? String(body) : printJson(body)) }),
  };
}

/**
 * 429 is what every sender repeats: Beats, Logstash, Fluent Bit and Vector keep what got it, and drop what got 400.
 * 413 makes Beats split the request.
 */
export function refusalReply({ code, detail }: Refusal): EsReply {
  switch (code) {
    case "unauthorized":
      return {
        ...errorReply(401, "security_exception", detail),
        headers: { "www-authenticate": 'Basic realm="squall", charset="UTF-8", ApiKey, Bearer realm="squall"' },
      };
    case "too_large":
      return errorReply(413, "content_too_long_exception", detail);
    case "overloaded":
      return errorReply(429, "es_rejected_execution_exception", detail);
    case "shutting_down":
      return errorReply(503, "node_closed_exception", detail);
    case "unsupported_type":
      return errorReply(415, "media_type_header_exception", detail);
    default:
      return errorReply(400, "parse_exception", detail);
  }
}
