/** What the headers say about a body: its kind and its encoding. Tolerant where senders are sloppy, never guessing a charset. */
import { err, ok, type Result } from "../../core/result.ts";
import { refusal, type Refusal } from "./refusal.ts";

/** `json`: an object, an array, or several values one after the other. */
export type BodyKind = "json" | "lines" | "form" | "text";
export type BodyEncoding = "identity" | "gzip" | "deflate" | "zstd";

export interface BodyFormat {
  readonly kind: BodyKind;
  readonly encoding: BodyEncoding;
}

const ENCODINGS: Readonly<Record<string, BodyEncoding>> = {
  "": "identity",
  identity: "identity",
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  zstd: "zstd",
};
const JSON_TYPE = /^(application\/(json|[\w.!#$&^-]+\+json|x-json|csp-report)|text\/(json|x-json))$/;
const LINES_TYPE = /^(application|text)\/(x-)?(ndjson|jsonl|jsonlines|json-lines|ldjson|json-stream)$/;
const UTF8 = /^(utf-?8|us-ascii|ascii)$/;

export function bodyFormat(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): Result<BodyFormat, Refusal> {
  if (contentEncoding === undefined) {
    // The two types that nearly every request has.
    if (contentType === "application/json") return ok(PLAIN_JSON);
    if (contentType === "application/json; charset=utf-8") return ok(PLAIN_JSON);
  }
  const encoding = ENCODINGS[(contentEncoding ?? "").trim().toLowerCase()];
  if (encoding === undefined)
    return unsupported(`content-encoding "${cut(contentEncoding!)}"; accepted: gzip, deflate, zstd, identity`);
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const kind = kindOf(type.trim());
  if (!kind)
    return unsupported(
      `content-type "${cut(contentType!)}"; accepted: JSON, application/x-ndjson, application/x-www-form-urlencoded, text/*`,
    );
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1];
    if (charset !== undefined && !UTF8.test(charset)) return unsupported(`charset "${cut(charset)}"; accepted: utf-8`);
  }
  return ok({ kind, encoding });
}

const PLAIN_JSON: BodyFormat = { kind: "json", encoding: "identity" };

function kindOf(type: string): BodyKind | undefined {
  if (type === "" || JSON_TYPE.test(type)) return "json";
  if (LINES_TYPE.test(type)) return "lines";
  if (type === "application/x-www-form-urlencoded") return "form";
  return type.startsWith("text/") ? "text" : undefined;
}

const unsupported = (detail: string) => err(refusal("unsupported_type", "unsupported_type", detail));
const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
