/**
 * A Filebeat ships to Squall, which stands in front of a real Elasticsearch or OpenSearch: the documents are there, and
 * rules have fired, once, whatever happens to the cluster. What Filebeat sends is replayed from its recorded bytes; with
 * SQUALL_FILEBEAT, the path of a Filebeat 7, it is run too.
 */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Agent, request } from "undici";
import {
  FILEBEAT_HANDSHAKE,
  filebeatBulk,
  filebeatBytes,
  filebeatDocument,
  type FilebeatRequest,
} from "../kit/filebeat-requests.ts";
import { startFilebeat, type FilebeatProcess } from "../kit/filebeat-process.ts";
import { rawHttpSender } from "../kit/raw-http-sender.ts";
import { restartableApp } from "../kit/restartable-app.ts";
import { sinkServer, type SinkServer } from "../kit/sink-server.ts";
import { configFolder, freePort, until } from "../kit/squall-process.ts";
import { startServices } from "../services/service.ts";

const PASSWORD = "of-the-beat";
const LOGIN = `Basic ${Buffer.from(`beat:${PASSWORD}`).toString("base64")}`;
const filebeat = process.env["SQUALL_FILEBEAT"];
const hasFilebeat = filebeat !== undefined && existsSync(filebeat);

/** Squall with one collector and a rule that posts each failed login to a sink. */
async function openSquall(collector: Record<string, unknown>) {
  const sink = await sinkServer();
  const port = await freePort();
  const folder = configFolder({
    "config/squall.yaml": {
      ingest: { port: 0 },
      admin: { port: 0 },
      log: { level: "error" },
      executors: { sink: { type: "webhook", options: { url: sink.url } } },
    },
    "collectors/es.yaml": {
      id: "es",
      type: "elasticsearch",
      host: "127.0.0.1",
      port,
      credentials: [{ username: "beat", password: PASSWORD }],
      ...collector,
    },
    "rules/ssh/010_failed_login.yaml": {
      constraint: {
        WHERE: { type: "contains", first: "${event.payload.message}", second: "Failed password" },
        WITH: {},
      },
      actions: [
        {
          id: "sink",
          payload: {
            method: "POST",
            url: "/login",
            body: { message: "${event.payload.message}", index: "${event.metadata.elasticsearch.index}" },
          },
        },
      ],
    },
  });
  const app = await restartableApp(folder.dir);
  return {
    sink,
    port,
    dir: folder.dir,
    ...app,
    async close() {
      await app.stop();
      await sink.close();
      folder.remove();
    },
  };
}

const services = await startServices(["elasticsearch"], ["opensearch"]);
afterAll(() => Promise.all(services.map((service) => service.remove())));

// The reduced Elasticsearch of the tests has no GET /, so the look-alike answers the handshake there.
const clusters = [
  ["Elasticsearch", services[0], "answer"],
  ["OpenSearch", services[1], "forward"],
] as const;

describe.each(clusters)("in front of %s", (_name, service, setup) => {
  const run = test.skipIf(service.missing);
  const url = service.info["url"] ?? "";
  const agent = new Agent();
  let squall: Awaited<ReturnType<typeof openSquall>>;
  let sink: SinkServer;
  beforeAll(async () => {
    if (service.missing) return;
    squall = await openSquall({ tee: { url, setup, timeout: "2m" } });
    ({ sink } = squall);
  });
  afterAll(async () => {
    if (!service.missing) await squall.close();
    await agent.close();
  });

  const cluster = async (method: "GET" | "POST" | "PUT", path: string, body?: object) => {
    const answer = await request(`${url}${path}`, {
      method,
      dispatcher: agent,
      headers: { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const count = async (index: string, query = ""): Promise<unknown> => {
    await cluster("POST", `/${index}/_refresh`);
    return (await cluster("GET", `/${index}/_count${query}`))["count"];
  };
  const ship = async (requests: readonly FilebeatRequest[], pieceBytes = 65_536) => {
    const sender = await rawHttpSender(squall.port, pieceBytes);
    try {
      const answers = [];
      for (const each of requests)
        answers.push(await sender.send(filebeatBytes(each, `127.0.0.1:${squall.port}`, LOGIN)));
      return answers;
    } finally {
      sender.close();
    }
  };
  const fired = (marker: string): number => sink.received.filter(({ body }) => body.includes(marker)).length;
  const documents = (marker: string, length: number): object[] =>
    Array.from({ length }, (_, n) => ({
      ...filebeatDocument(n),
      message: `${marker} Failed password for u${n}`,
      log: { offset: n, file: { path: `/var/log/${marker}` } },
    }));

  run("the recorded handshake, then 50 documents, arriving a byte at a time", async () => {
    const handshake =
      setup === "answer"
        ? FILEBEAT_HANDSHAKE
        : // OpenSearch knows neither licenses nor ILM.
          FILEBEAT_HANDSHAKE.filter(({ path }) => !/^\/_(license|xpack|ilm)/.test(path));
    const answers = await ship([...handshake, filebeatBulk("filebeat-7.17.29", documents("first", 50))], 1);
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toEqual(
      setup === "answer"
        ? [200, 200, 200, 200, 404, 200, 404, 200, 404, 404, 200, 200, 200]
        : [200, 200, 404, 200, 404, 404, 200, 200, 200],
    );
    const { errors, items } = JSON.parse(answers.at(-1)!.text) as {
      errors: boolean;
      items: { create: { status: number } }[];
    };
    expect(errors).toBe(false);
    expect(items.map(({ create }) => create.status)).toEqual(Array.from({ length: 50 }, () => 201));
    expect(await count("filebeat-7.17.29")).toBe(50);
    await until(() => fired("first") === 50);
    expect(JSON.parse(sink.received[0]!.body)).toMatchObject({ index: "filebeat-7.17.29" });
  });

  run("a request that is sent again is indexed again, as without Squall, and fires no rule again", async () => {
    const bulk = filebeatBulk("again", documents("again", 20));
    await ship([bulk, bulk]);
    expect(await count("again")).toBe(40);
    await ship([filebeatBulk("again", documents("marker", 1))]);
    await until(() => fired("marker") === 1 && fired("again Failed") >= 20); // in any order
    expect(fired("again Failed")).toBe(20);
  });

  run("what the cluster refuses of a request is told as it tells it", async () => {
    await cluster("PUT", "/strict", { mappings: { dynamic: "strict", properties: { message: { type: "text" } } } });
    const [answer] = await ship([filebeatBulk("strict", [{ message: "strict Failed password" }, { other: 1 }])]);
    const { errors, items } = JSON.parse(answer!.text) as {
      errors: boolean;
      items: { create: { status: number; error?: object } }[];
    };
    expect(errors).toBe(true);
    expect(items.map(({ create }) => create.status)).toEqual([201, 400]);
    expect(items[1]!.create.error).toMatchObject({ type: "strict_dynamic_mapping_exception" });
    await until(() => fired("strict") === 1);
  });

  run("wrong credentials get nowhere", async () => {
    const sender = await rawHttpSender(squall.port, 1000);
    const bulk = filebeatBulk("secret", documents("secret", 1));
    const answer = await sender.send(filebeatBytes(bulk, "x", "Basic eDp5"));
    expect(answer.status).toBe(401);
    sender.close();
    expect(fired("secret")).toBe(0);
  });

  // Of one of them: a start takes as long as all other tests together.
  test.skipIf(service.missing !== null || setup === "answer")(
    "an outage of the cluster: the repeat is indexed, and its rules have fired already, even without any id",
    async () => {
      // No place in a file: nothing but their content tells these from others.
      const bare = (from: number, to: number): object[] =>
        Array.from({ length: to - from }, (_, n) => ({ n: from + n, message: `outage Failed password ${from + n}` }));
      await service.stop();
      const [first] = await ship([filebeatBulk("outage", bare(0, 30))]);
      expect(first!.status).toBe(503);
      await until(() => fired("outage") === 30);
      const [second] = await ship([filebeatBulk("outage", bare(0, 30))]);
      expect(second!.status).toBe(503);
      await service.start();
      const [third, fourth] = await ship([filebeatBulk("outage", bare(0, 30)), filebeatBulk("outage", bare(30, 40))]);
      expect([third!.status, fourth!.status]).toEqual([200, 200]);
      expect(await count("outage")).toBe(40);
      await until(() => fired("outage") >= 40);
      expect(fired("outage")).toBe(40);
    },
  );

  test.skipIf(service.missing !== null || !hasFilebeat)(
    "a real Filebeat: its lines are indexed, and each fired its rule",
    async () => {
      // No cluster of these tests is one that a Filebeat accepts; the look-alike is.
      const own = await openSquall({ tee: { url, setup: "answer" } });
      const beat = ownFilebeat(own);
      try {
        beat.append(failedLogins("real", 0, 500));
        await untilFired(own.sink, "real Failed", 500, beat);
        await until(async () => (await count("filebeat-7.17.29", "?q=message:real")) === 500);
      } finally {
        await beat.stop();
        await own.close();
      }
    },
    150_000,
  );
});

test.skipIf(!hasFilebeat)(
  "a real Filebeat, no cluster, and Squall stopped for a while: nothing is lost, nothing fires twice",
  async () => {
    const own = await openSquall({});
    const beat = ownFilebeat(own);
    try {
      beat.append(failedLogins("alone", 0, 500));
      await untilFired(own.sink, "alone Failed", 500, beat);
      await own.stop();
      beat.append(failedLogins("alone", 500, 1000));
      await new Promise((resolve) => setTimeout(resolve, 3000)); // Filebeat has met the closed port by then
      await own.start();
      beat.append(failedLogins("alone", 1000, 1500));
      await untilFired(own.sink, "alone Failed", 1500, beat);
      expect(new Set(own.sink.received.map(({ body }) => body)).size).toBe(1500);
    } finally {
      await beat.stop();
      await own.close();
    }
  },
  150_000,
);

function ownFilebeat(own: Awaited<ReturnType<typeof openSquall>>): FilebeatProcess {
  const url = `http://127.0.0.1:${own.port}`;
  return startFilebeat(filebeat!, own.dir, { url, username: "beat", password: PASSWORD });
}

const failedLogins = (marker: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `Nov 21 09:00:00 lab-a sshd: ${marker} Failed password for u${from + n}`);

async function untilFired(sink: SinkServer, marker: string, times: number, beat: FilebeatProcess): Promise<void> {
  const fired = (): number => sink.received.filter(({ body }) => body.includes(marker)).length;
  try {
    await until(() => fired() >= times);
  } catch (error) {
    throw new Error(`${(error as Error).message}; ${fired()} fired\n${beat.output()}`, { cause: error });
  }
  expect(fired()).toBe(times);
}
