import { lookup } from "node:dns/promises";
import { request } from "node:http";
import { expect, test } from "vitest";
import { createIngestServer } from "./ingest-server.ts";

const get = (host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    request({ host, port, agent: false }, (answer) => resolve(String(answer.resume().statusCode)))
      .on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end();
  });

test("localhost is each address of that name, until it closes", async () => {
  const settings = { host: "localhost", port: 0, maxConnections: 10 };
  const server = createIngestServer(
    settings,
    (_, response) => response.writeHead(204).end(),
    () => undefined,
  );
  const { port } = await server.listen();
  const all = (await lookup("localhost", { all: true })).map(({ address }) => address);
  const answers = await Promise.all(all.map((host) => get(host, port)));
  // A machine may have the name ::1 and no such address.
  expect(new Set(answers.filter((answer) => answer !== "EADDRNOTAVAIL"))).toEqual(new Set(["204"]));
  await server.close();
  for (const answer of await Promise.all(all.map((host) => get(host, port)))) expect(answer).toMatch(/^E/);
});
