import { Pool } from "undici";
import { configFolder, freePort, serve } from "../../kit/squall-process.ts";
import { builtEntry } from "../built-entry.ts";
import type { Figure, Gate } from "../gate.ts";
import { residentMb } from "../resident-mb.ts";
import { sampleConfig } from "../sample-config.ts";

const POSTS = 30_000;
const CONNECTIONS = 64;
const REST_MS = 60_000;

/** Resident memory of the built program, 60 s after the start and 60 s after 30,000 POSTs (quick: at once). */
export const memory: Gate = {
  name: "memory",
  async run({ quick, data }) {
    const folder = configFolder(sampleConfig({ rules: 100, sink: null }));
    const ports = { port: await freePort(), adminPort: await freePort() };
    const running = await serve({ dir: folder.dir, entry: builtEntry(), ...ports });
    const rest = (): Promise<unknown> => (quick ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, REST_MS)));
    const when = quick ? "at once" : "60 s";
    const figure = (gate: string, atMost: number): Figure => ({
      gate,
      floor: "–",
      value: residentMb(running.child.pid!),
      unit: "MB",
      atMost,
      detail: "RSS of the built program, 100 rules",
    });
    try {
      await rest();
      const figures = [figure(`memory, ${when} after start`, 160)];
      await post(running.url, data.lines);
      await rest();
      return [...figures, figure(`memory, ${when} after ${POSTS} POSTs`, 240)];
    } finally {
      await running.stop();
      folder.remove();
    }
  },
};

async function post(url: string, lines: readonly string[]): Promise<void> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < POSTS) {
      const body = lines[next++ % lines.length]!;
      const answer = await pool.request({
        method: "POST",
        path: "/event/in?token=t",
        headers: { "content-type": "application/json" },
        body,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode} ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  await pool.destroy();
}
