/** A request that brings no document, and what the answers to it are made of. */
import { isObject, parseJson, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Catalogue } from "./catalogue.ts";
import { errorReply, okReply, type EsReply } from "./es-reply.ts";

export interface SetupRequest {
  readonly method: string;
  readonly segments: readonly string[];
  /** Empty without a body. */
  readonly body: JsonObject;
  readonly query: URLSearchParams;
  readonly path: string;
  /** `Host` of the request: where clients that sniff are told to go. */
  readonly address: string;
  readonly accept: string;
}

export interface Identity {
  readonly clusterName: string;
  readonly version: string;
  readonly nodeName: string;
}

export interface SetupDeps {
  readonly catalogue: Catalogue;
  readonly identity: Identity;
  readonly nowMs: () => number;
}

export const ACKNOWLEDGED = okReply({ acknowledged: true });
export const SHARDS = { _shards: { total: 1, successful: 1, failed: 0 } };

export function unknown({ method, path, segments }: SetupRequest): EsReply {
  const last = segments.at(-1) ?? "";
  if (READS.has(last))
    return errorReply(400, "unsupported_operation_exception", `no documents are kept here, so ${last} finds none`);
  return errorReply(
    400,
    "illegal_argument_exception",
    `no handler found for uri [${path.slice(0, 200)}] and method [${method}]`,
  );
}

const READS = new Set(["_search", "_count", "_msearch", "_mget", "_scroll", "_pit", "_sql", "_query", "_reindex"]);

export const wrongMethod = (method: string, path: string, allowed: readonly string[]): EsReply => ({
  ...errorReply(
    405,
    "method_not_allowed_exception",
    `Incorrect HTTP method for uri [${path.slice(0, 200)}] and method [${method}], allowed: [${allowed.join(", ")}]`,
  ),
  headers: { allow: allowed.join(", ") },
});

const BODY_DEPTH = 200;

export function objectIn(body: Buffer): Result<JsonObject, string> {
  if (body.length === 0) return ok({});
  const parsed = parseJson(body.toString("utf8"), BODY_DEPTH);
  if (!parsed.ok) return err(parsed.error.message);
  return isObject(parsed.value) ? ok(parsed.value) : err("expected an object");
}
