import { spawnSync } from "node:child_process";
import { configFolder, freePort, serve } from "../../kit/squall-process.ts";
import { builtEntry } from "../built-entry.ts";
import { median, type Figure, type Gate } from "../gate.ts";
import { sampleConfig } from "../sample-config.ts";

/** From spawning the command to `/health/ready` answering 200. */
async function readySeconds(entry: string): Promise<number> {
  const folder = configFolder(sampleConfig({ rules: 100, sink: null }));
  try {
    const ports = { port: await freePort(), adminPort: await freePort() };
    const begin = performance.now();
    const running = await serve({ dir: folder.dir, entry, ...ports });
    const seconds = (performance.now() - begin) / 1000;
    await running.stop();
    return seconds;
  } finally {
    folder.remove();
  }
}

function helpSeconds(entry: string): number {
  const begin = performance.now();
  const done = spawnSync(process.execPath, [entry, "--help"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`--help ended with ${done.status}: ${done.stderr}`);
  return (performance.now() - begin) / 1000;
}

export const ready: Gate = {
  name: "ready",
  async run({ quick }) {
    const rounds = quick ? 3 : 7;
    const repeat = async (measure: () => Promise<number> | number): Promise<number> => {
      await measure();
      const values: number[] = [];
      for (let i = 0; i < rounds; i++) values.push(await measure());
      return median(values);
    };
    const figures: Figure[] = [
      { gate: "ready: serve from src", floor: "–", value: await repeat(() => readySeconds("bin/squall.mjs")), unit: "s", atMost: 1, detail: `median of ${rounds}, 100 rules` },
      { gate: "ready: --help", floor: "–", value: await repeat(() => helpSeconds("bin/squall.mjs")), unit: "s", atMost: 0.2, detail: `median of ${rounds}` },
    ];
    figures.push({ gate: "ready: serve from dist", floor: "–", value: await repeat(() => readySeconds(builtEntry())), unit: "s", atMost: 0.6, detail: `median of ${rounds}, 100 rules` });
    return figures;
  },
};
