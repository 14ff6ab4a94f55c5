/**
 * What Filebeat 7.17.29 sends to Elasticsearch, as bytes: the headers, their order, compression and bodies are those of a
 * recorded Filebeat; host name and ids are neutral ones.
 */
import { gzipSync } from "node:zlib";

export interface FilebeatRequest {
  readonly method: string;
  readonly path: string;
  /** Text, or what is printed as JSON; it is compressed. */
  readonly body?: object | string;
}

const AGENT =
  "Elastic-filebeat/7.17.29 (linux; amd64; 9cb8ef7ee1dcc1d9ae6a8cf2e3b7d3b8f5c3a3d1; 2025-06-18 18:00:00 +0000 UTC)";
const NAME = "filebeat-7.17.29";

export function filebeatBytes(request: FilebeatRequest, host: string, authorization?: string): Buffer {
  const { method, path, body } = request;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = body === undefined ? Buffer.alloc(0) : gzipSync(text, { level: 1 });
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${AGENT}`,
    ...(body === undefined ? [] : [`Content-Length: ${bytes.length}`]),
    "Accept: application/json",
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...(body === undefined ? [] : ["Content-Encoding: gzip", "Content-Type: application/json; charset=UTF-8"]),
    "X-Elastic-Product-Origin: beats",
    ...(method === "HEAD" ? [] : ["Accept-Encoding: gzip"]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), bytes]);
}

/** Before its first documents, on a fresh cluster. */
export const FILEBEAT_HANDSHAKE: readonly FilebeatRequest[] = [
  { method: "GET", path: "/" },
  { method: "GET", path: "/_license?human=false" },
  { method: "GET", path: "/" },
  { method: "GET", path: "/_xpack" },
  { method: "GET", path: "/_ilm/policy/filebeat" },
  {
    method: "PUT",
    path: "/_ilm/policy/filebeat",
    body: { policy: { phases: { hot: { actions: { rollover: { max_size: "50gb", max_age: "30d" } } } } } },
  },
  { method: "HEAD", path: `/_index_template/${NAME}` },
  {
    method: "PUT",
    path: `/_index_template/${NAME}`,
    body: {
      priority: 150,
      index_patterns: [`${NAME}-*`],
      template: {
        mappings: {
          properties: Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`field_${n}`, { type: "keyword" }])),
        },
        settings: { index: { number_of_replicas: 0, mapping: { total_fields: { limit: 10_000 } } } },
      },
    },
  },
  { method: "GET", path: `/_alias/${NAME}` },
  { method: "HEAD", path: `/${NAME}` },
  {
    method: "PUT",
    path: `/%3C${NAME}-%7Bnow%2Fd%7D-000001%3E`,
    body: { aliases: { [NAME]: { is_write_index: true } } },
  },
  { method: "GET", path: "/" },
];

/** A line of auth.log as Filebeat 7.17.29 sends it, without an id. */
export const filebeatDocument = (n: number): object => ({
  "@timestamp": "2026-11-21T09:45:14.915Z",
  agent: {
    type: "filebeat",
    version: "7.17.29",
    hostname: "lab-a",
    ephemeral_id: "c2917a6e-01f8-49eb-83ad-63199d2bd845",
    id: "05ef5ed6-c6fc-4939-8d11-25439030e41b",
    name: "lab-a",
  },
  message: `Nov 21 09:00:00 lab-a sshd[4000]: Failed password for invalid user u${n} from 198.51.100.0 port 50000 ssh2`,
  log: { offset: n * 103, file: { path: "/var/log/auth.log" } },
  input: { type: "filestream" },
  ecs: { version: "1.12.0" },
  host: { name: "lab-a" },
});

/** The actions have no id and no type; keys of documents come in any order. */
export const filebeatBulk = (index: string, documents: readonly object[]): FilebeatRequest => ({
  method: "POST",
  path: "/_bulk",
  body: documents.map((document) => `{"create":{"_index":"${index}"}}\n${JSON.stringify(document)}\n`).join(""),
});
