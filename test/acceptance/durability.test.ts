import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Pool } from "undici";
import { configFolder, freePort, serve, until, type SquallProcess } from "../kit/squall-process.ts";
import { sinkServer, type SinkServer } from "../kit/sink-server.ts";

let sink: SinkServer;
let folder: ReturnType<typeof configFolder>;
let ports: { port: number; adminPort: number };
let running: SquallProcess | null = null;

beforeEach(async () => {
  sink = await sinkServer();
  folder = configFolder({
    "config/squall.yaml": {
      executors: {
        sink: {
          type: "webhook",
          retry: { backoff: { type: "exponential", initial: "100ms", max: "500ms" } },
          breaker: { failures: 10, open_for: "300ms" },
        },
      },
      log: { level: "warn" },
    },
    "collectors/in.yaml": { id: "in", token: "t" },
    "rules/all/010_forward.yaml": {
      actions: [
        { id: "sink", payload: { method: "POST", url: `${sink.url}/hook`, body: { n: "${event.payload.n}" } } },
      ],
    },
  });
  ports = { port: await freePort(), adminPort: await freePort() };
});
afterEach(async () => {
  await running?.kill();
  await sink.close();
  folder.remove();
});

const start = async (options: { prefix?: string[]; set?: string[] } = {}): Promise<SquallProcess> => {
  running = await serve({ dir: folder.dir, ...ports, ...options });
  return running;
};

/** Senders that post numbered events without pause until told to stop; they remember which were acknowledged. */
function load(senders: number) {
  const pool = new Pool(`http://127.0.0.1:${ports.port}`, { connections: senders, connectTimeout: 500 });
  const acknowledged = new Set<number>();
  const statuses = new Map<number, number>();
  let next = 0;
  let stopped = false;
  const sender = async (): Promise<void> => {
    while (!stopped) {
      const n = next++;
      const request = {
        method: "POST" as const,
        path: "/event/in?token=t",
        headers: { "content-type": "application/json", "idempotency-key": `event-${n}` },
        body: JSON.stringify({ n }),
      };
      try {
        const answer = await pool.request(request);
        await answer.body.dump();
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        if (answer.statusCode === 200) acknowledged.add(n);
      } catch {
        // The process was killed under this request: the event is not acknowledged and owes us nothing.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const all = Promise.all(Array.from({ length: senders }, sender));
  return {
    acknowledged,
    statuses,
    async stop() {
      stopped = true;
      await all;
      await pool.destroy();
    },
  };
}

function receivedNumbers(): Map<number, Set<string>> {
  const keys = new Map<number, Set<string>>();
  for (const { key, body } of sink.received) {
    const { n } = JSON.parse(body) as { n: number };
    keys.set(n, (keys.get(n) ?? new Set()).add(key));
  }
  return keys;
}

const allArrived = (acknowledged: ReadonlySet<number>) => (): boolean => {
  const keys = receivedNumbers();
  return [...acknowledged].every((n) => keys.has(n));
};

test("kill -9 at random instants under load: every acknowledged event's delivery reaches the target", async () => {
  await start();
  const senders = load(24);
  for (let kill = 0; kill < 20; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 400));
    await running!.kill();
    await start();
  }
  await until(() => senders.acknowledged.size > 500);
  await senders.stop();
  await until(allArrived(senders.acknowledged));
  for (const [n, keys] of receivedNumbers()) expect([n, keys.size]).toEqual([n, 1]);
});

test("the target is down: events are acknowledged, and delivered in the end, with one key each", async () => {
  await start();
  await sink.close();
  const senders = load(8);
  await until(() => senders.acknowledged.size >= 200);
  await sink.open();
  sink.answer(503);
  await until(() => senders.acknowledged.size >= 300);
  await senders.stop();
  sink.answer(200);
  await until(allArrived(senders.acknowledged));
  expect([...receivedNumbers().values()].every((keys) => keys.size === 1)).toBe(true);
  expect(sink.received.length).toBe(receivedNumbers().size);
});

test("a graceful stop under load loses nothing and exits 0; a reload under load neither", async () => {
  await start();
  const senders = load(8);
  await until(() => senders.acknowledged.size >= 100);
  for (let round = 0; round < 5; round++) {
    const before = senders.acknowledged.size;
    folder.write("rules/all/020_more.yaml", {
      name: `more_${round}`,
      constraint: { WHERE: { type: "equals", first: 1, second: 2 } },
      actions: [],
    });
    running!.child.kill("SIGHUP");
    await until(() => senders.acknowledged.size >= before + 50);
  }
  expect([...senders.statuses.keys()]).toEqual([200]);
  const stopped = running!.stop();
  expect(await stopped).toBe(0);
  await senders.stop();
  await start();
  await until(allArrived(senders.acknowledged));
});

test("a second process on the same store exits 3 and names the holder", async () => {
  const first = await start();
  const other = { port: await freePort(), adminPort: await freePort() };
  const refused = await serve({ dir: folder.dir, ...other }).catch((error: Error) => error.message);
  expect(refused).toContain("squall serve ended: 3");
  expect(refused).toContain(String(first.child.pid));
});

test("the data reaches the disk before the answer: a sync comes between the request and its 200", async () => {
  // Not beside the configuration, whose folder is watched.
  const logs = configFolder({});
  const log = `${logs.dir}/strace.log`;
  // -D: the tracer stands aside, so that signals reach the process itself.
  const calls = "trace=fdatasync,fsync,read,recvfrom,write,writev,sendto,sendmsg";
  const traced = await start({ prefix: ["strace", "-D", "-f", "-s", "400", "-e", calls, "-o", log] });
  const pool = new Pool(traced.url);
  const answer = await pool.request({
    method: "POST",
    path: "/event/in?token=t",
    headers: { "content-type": "application/json" },
    body: '{"n":1}',
  });
  await answer.body.dump();
  await pool.destroy();
  expect(answer.statusCode).toBe(200);
  await traced.stop();
  const lines = readFileSync(log, "utf8").split("\n");
  logs.remove();
  const request = lines.findIndex((line) => line.includes("POST /event/in"));
  const reply = lines.findIndex((line, at) => at > request && line.includes("HTTP/1.1 200"));
  expect(request).toBeGreaterThan(0);
  expect(reply).toBeGreaterThan(request);
  expect(lines.slice(request, reply).some((line) => /\bf(data)?sync\(/.test(line))).toBe(true);
});
