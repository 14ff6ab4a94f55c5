import { fork } from "node:child_process";
import { Pool } from "undici";
import { configFolder, freePort, serve } from "../../kit/squall-process.ts";
import { builtEntry } from "../built-entry.ts";
import { median, type Figure, type Gate } from "../gate.ts";
import type { Stalls } from "../reload-child.ts";
import { residentMb } from "../resident-mb.ts";
import { sampleConfig } from "../sample-config.ts";

const RULES = 10_000;
const REST_MS = 60_000;

/** What a configuration of 10,000 rules, each a file, costs besides matching. */
export const manyRules: Gate = {
  name: "many rules",
  async run({ quick, data }) {
    const folder = configFolder(sampleConfig({ rules: RULES, sink: null }));
    try {
      return [...(await stallFigures(folder, data.lines, quick ? 2 : 5)), await memoryFigure(folder.dir, quick)];
    } finally {
      folder.remove();
    }
  },
};

/** Events keep coming in while the process reloads; each reload finds another rule. */
async function stallFigures(folder: ReturnType<typeof configFolder>, lines: readonly string[], reloads: number): Promise<readonly Figure[]> {
  const child = fork("test/bench/reload-child.ts", [folder.dir], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const reply = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the child ended with ${code}`));
      child.once("exit", ended);
      child.once("message", (message) => {
        child.off("exit", ended);
        resolve(message as T);
      });
    });
  const { url } = await reply<{ url: string }>();
  const pool = new Pool(url, { connections: 4 });
  let sending = true;
  const sender = async (): Promise<void> => {
    for (let next = 0; sending; next++) {
      const answer = await pool.request({ method: "POST", path: "/event/in?token=t", headers: { "content-type": "application/json" }, body: lines[next % lines.length]! });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode} ${text.slice(0, 300)}`);
    }
  };
  const senders = Promise.all([sender(), sender()]);
  const all: Stalls[] = [];
  try {
    for (let reload = 0; reload < reloads; reload++) {
      folder.write("rules/bench/999999_changing.json", { name: "changing", constraint: { WHERE: { type: "equals", first: "${event.payload.EventID}", second: -1 - reload } }, actions: [] });
      const stalls = reply<Stalls>();
      child.send("reload");
      all.push(await stalls);
      if (all.at(-1)!.generation < 2) throw new Error("the reload changed nothing");
    }
  } finally {
    sending = false;
    await senders;
    await pool.destroy();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.send("stop");
    await ended;
  }
  return [
    {
      gate: "event-loop stall p99 during a live reload of 10,000 rules",
      floor: "–",
      value: median(all.map((one) => one.p99Ms)),
      unit: "ms",
      atMost: 50,
      detail: `longest ${Math.max(...all.map((one) => one.longestMs)).toFixed(0)} ms, reload ${median(all.map((one) => one.reloadMs / 1000)).toFixed(1)} s, median of ${reloads}`,
    },
  ];
}

async function memoryFigure(dir: string, quick: boolean): Promise<Figure> {
  const running = await serve({ dir, entry: builtEntry(), port: await freePort(), adminPort: await freePort() });
  try {
    if (!quick) await new Promise((resolve) => setTimeout(resolve, REST_MS));
    return {
      gate: "memory with 10,000 rules",
      floor: "–",
      value: residentMb(running.child.pid!),
      unit: "MB",
      atMost: 300,
      detail: `RSS of the built program, ${quick ? "at once" : "60 s"} after start`,
    };
  } finally {
    await running.stop();
  }
}
