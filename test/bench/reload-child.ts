/**
 * The whole app over the configuration folder given as argument. Asked to, it reloads and answers how long its event loop
 * stood still meanwhile.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";

const app = await startApp(
  { dir: process.argv[2]!, set: ["ingest.port=0", "admin.port=0"] },
  {
    ...system,
    env: process.env,
    stdin: () => process.stdin,
    writeLog: (text) => void process.stderr.write(text),
    terminal: false,
    colour: false,
    onCrash: () => () => undefined,
    exit: (code) => process.exit(code),
  },
);

export interface Stalls {
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly reloadMs: number;
  readonly generation: number;
}

/** Of the timer that looks, taken off what it finds. */
const RESOLUTION_MS = 5;

async function reload(): Promise<Stalls> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const begin = performance.now();
  const { number } = await app.reload("api");
  const reloadMs = performance.now() - begin;
  delay.disable();
  const ms = (nanoseconds: number): number => nanoseconds / 1e6 - RESOLUTION_MS;
  return { p99Ms: ms(delay.percentile(99)), longestMs: ms(delay.max), reloadMs, generation: number };
}

process.on("message", (question) => {
  if (question === "reload") void reload().then((stalls) => process.send!(stalls));
  else if (question === "stop") void app.stop().then(() => process.exit(0));
});
process.send!({ url: app.ingestUrl });
