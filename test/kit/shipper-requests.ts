/**
 * What shippers sent to Elasticsearch, from `test/fixtures/shippers`, as bytes: method, path, headers in their order and
 * spelling, compression and framing are as recorded; host and login are put in.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

export interface ShipperRequest {
  readonly method: string;
  readonly path: string;
  /** What the sender was answered, and was content with. */
  readonly status: number;
  /** Without the values of Host, Authorization and Content-Length. */
  readonly headers: readonly (readonly [string, string])[];
  /** Before it was compressed. */
  readonly body?: string;
}

export interface Shipper {
  /** The file's name without its end. */
  readonly name: string;
  readonly sender: string;
  readonly version: string;
  /** The version of Elasticsearch that it needs to talk to, when it is not any. */
  readonly server?: string;
  readonly requests: readonly ShipperRequest[];
}

const FOLDER = join(import.meta.dirname, "../fixtures/shippers");

export function recordedShippers(): readonly Shipper[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .map((file) => ({
      ...(JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Omit<Shipper, "name">), // as the README says
      name: basename(file, ".json"),
    }));
}

const headerOf = ({ headers }: ShipperRequest, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

/** The body as it left the sender. */
export function bodyBytes(request: ShipperRequest): Buffer {
  const text = Buffer.from(request.body ?? "");
  return headerOf(request, "content-encoding") === "gzip" && text.length > 0 ? gzipSync(text, { level: 1 }) : text;
}

export function shipperBytes(request: ShipperRequest, host: string, authorization: string): Buffer {
  const body = bodyBytes(request);
  const put: Readonly<Record<string, string>> = { host, authorization, "content-length": String(body.length) };
  const lines = [
    `${request.method} ${request.path} HTTP/1.1`,
    ...request.headers.map(([name, value]) => `${name}: ${put[name.toLowerCase()] ?? value}`),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  if (headerOf(request, "transfer-encoding") !== "chunked") return Buffer.concat([head, body]);
  const chunks = body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")];
  return Buffer.concat([head, ...chunks, Buffer.from("0\r\n\r\n")]);
}

/** The operations of a `_bulk` body, in order. */
export function operationsOf(request: ShipperRequest): readonly string[] {
  const lines = (request.body ?? "").split("\n").filter((line) => line !== "");
  const operations: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const operation = Object.keys(JSON.parse(lines[at]!) as object)[0]!;
    operations.push(operation);
    if (operation !== "delete") at++;
  }
  return operations;
}
