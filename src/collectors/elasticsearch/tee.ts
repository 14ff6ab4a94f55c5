/**
 * The real cluster behind the look-alike. A request is passed on as it came: method, path, query, body bytes and the
 * headers that say what they are. What comes back is the sender's answer. undici is loaded with the first tee.
 */
import { readFileSync } from "node:fs";
import type { Pool } from "undici";
import { AppError } from "../../component/app-error.ts";
import type { HttpReply, HttpRequest } from "../../component/http-mount.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { authorizationOf } from "./access.ts";
import type { TeeOptions } from "./options.ts";

export interface Tee {
  /** `path` is without what the look-alike's own paths begin with. The error says why there is no answer. */
  forward(request: HttpRequest, path: string, body: Buffer): Promise<Result<HttpReply, string>>;
  /** GET of a path of the cluster with nothing of the request but its credentials. */
  askAs(request: HttpRequest, path: string): Promise<Result<HttpReply, string>>;
  close(): Promise<void>;
}

const PASSED_ON = [
  "accept",
  "content-type",
  "content-encoding",
  "user-agent",
  "x-elastic-product-origin",
  "x-elastic-client-meta",
  "x-opaque-id",
  "traceparent",
];
const PASSED_BACK = ["content-type", "x-elastic-product", "retry-after", "www-authenticate", "warning", "location"];
/** An answer holds about a hundred bytes per document, and the whole reason of each that failed. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE"]);

/** Throws AppError `configuration` when the authorities cannot be read. */
export async function openTee(options: TeeOptions): Promise<Tee> {
  const { Pool } = await import("undici");
  const url = new URL(options.url);
  const pool = new Pool(url.origin, {
    connections: options.connections,
    pipelining: 1,
    headersTimeout: options.timeout,
    bodyTimeout: options.timeout,
    connect: { timeout: options.timeout, ...(options.ca_file === undefined ? {} : { ca: readCa(options.ca_file) }) },
  });
  const base = url.pathname.replace(/\/+$/, "");
  const own = options.credentials && authorizationOf(options.credentials);

  const credentialsOf = (request: HttpRequest): Record<string, string> => {
    const authorization = options.forward_credentials ? request.headers.authorization : own;
    return typeof authorization === "string" ? { authorization } : {};
  };
  const send = async (call: Pick<Call, "method" | "path" | "headers" | "body">): Promise<Result<HttpReply, string>> => {
    try {
      return ok(await exchange(pool, { ...call, signal: AbortSignal.timeout(options.timeout) }));
    } catch (error) {
      return err(reasonOf(error, url.origin));
    }
  };

  return {
    async forward(request, path, body) {
      if (!METHODS.has(request.method)) return err(`${request.method} is not passed on`);
      const query = request.query.toString();
      return send({
        method: request.method as Call["method"], // checked against the set
        path: `${base}${path}${query === "" ? "" : `?${query}`}`,
        headers: { ...picked(request.headers, PASSED_ON), ...credentialsOf(request) },
        body: body.length === 0 ? null : body,
      });
    },
    askAs: (request, path) =>
      send({
        method: "GET",
        path: `${base}${path}`,
        headers: { accept: "application/json", ...credentialsOf(request) },
        body: null,
      }),
    close: () => pool.destroy(),
  };
}

type Call = Parameters<Pool["request"]>[0];

async function exchange(pool: Pool, call: Call): Promise<HttpReply> {
  const { statusCode, headers, body } = await pool.request(call);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is over ${MAX_ANSWER_BYTES} bytes`); // ends the stream
    chunks.push(chunk);
  }
  const back = picked(headers, PASSED_BACK);
  return { status: statusCode, headers: back, body: Buffer.concat(chunks, size).toString("utf8") };
}

function picked(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return result;
}

function reasonOf(error: unknown, origin: string): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  const what = name === "TimeoutError" ? "no answer in time" : (code ?? message);
  return `${origin} gave no answer: ${what}`;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AppError("configuration", `cannot read ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
