/** A cluster's `_bulk` in a process of its own: takes every document, answers what the executor asks for, and counts. */
import { createServer } from "node:http";

const DOCUMENTS = Number(process.argv[2]);
const answer = JSON.stringify({ errors: false, items: Array.from({ length: DOCUMENTS }, () => ({ create: { status: 201 } })) });
let requests = 0;
let bytes = 0;
const server = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => {
    requests++;
    response.setHeader("content-type", "application/json").end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send!((server.address() as { port: number }).port));
process.on("message", () => {
  process.send!({ requests, bytes });
  requests = bytes = 0;
});
process.on("disconnect", () => process.exit(0));
