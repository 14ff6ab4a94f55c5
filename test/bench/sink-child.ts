/** A target in a process of its own: answers 200 to everything and counts. */
import { createServer } from "node:http";

let count = 0;
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    count++;
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send!((server.address() as { port: number }).port));
process.on("message", () => process.send!(count));
process.on("disconnect", () => process.exit(0));
