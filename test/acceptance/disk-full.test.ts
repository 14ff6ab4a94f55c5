import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Pool } from "undici";
import { sinkServer } from "../kit/sink-server.ts";
import { configFolder, freePort, serve, until } from "../kit/squall-process.ts";

/** A small file system of its own, in memory; only root may mount one. */
const disk = mkdtempSync(join(tmpdir(), "squall-disk-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=120m", "tmpfs", disk]).status === 0;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
  if (mounted) spawnSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

test.skipIf(!mounted)(
  "a full disk: senders are told to wait, deliveries go on, nothing acknowledged is lost",
  async () => {
    const sink = await sinkServer();
    cleanups.push(sink.close);
    const folder = configFolder({
      "config/squall.yaml": {
        executors: { sink: { type: "webhook", breaker: { open_for: "100ms" } } },
        log: { level: "error" },
      },
      "collectors/in.yaml": { id: "in", token: "t" },
      "rules/all/010_forward.yaml": {
        actions: [{ id: "sink", payload: { url: `${sink.url}/hook`, body: { n: "${event.payload.n}" } } }],
      },
    });
    cleanups.push(folder.remove);
    const ports = { port: await freePort(), adminPort: await freePort() };
    const running = await serve({ dir: folder.dir, ...ports, set: [`store.path=${disk}/store/squall.db`] });
    cleanups.push(running.stop);
    const pool = new Pool(running.url);
    cleanups.push(() => pool.destroy());
    const acknowledged: number[] = [];
    let next = 0;
    const post = async (): Promise<{ status: number; retryAfter: unknown }> => {
      const n = next++;
      const answer = await pool.request({
        method: "POST",
        path: "/event/in?token=t",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ n }),
      });
      await answer.body.dump();
      if (answer.statusCode === 200) acknowledged.push(n);
      return { status: answer.statusCode, retryAfter: answer.headers["retry-after"] };
    };
    const ready = async (): Promise<number> => {
      const answer = await pool.request({ method: "GET", path: "/health/ready" });
      await answer.body.dump();
      return answer.statusCode;
    };

    for (let i = 0; i < 20; i++) expect((await post()).status).toBe(200);
    const filler = join(disk, "filler");
    writeFileSync(filler, Buffer.alloc(60 * 1024 * 1024));
    await until(async () => (await post()).status === 503);
    const refused = await post();
    expect(refused.status).toBe(503);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect(await ready()).toBe(503);

    rmSync(filler);
    await until(async () => (await post()).status === 200);
    await until(async () => (await ready()) === 200);
    const arrived = (): Set<number> => new Set(sink.received.map(({ body }) => (JSON.parse(body) as { n: number }).n));
    await until(() => acknowledged.every((n) => arrived().has(n)));
  },
);
