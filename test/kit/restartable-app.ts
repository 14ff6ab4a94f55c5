import { Readable } from "node:stream";
import { startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";

/** The app in this process on the configuration in `dir`, silent; may be stopped and started again. */
export async function restartableApp(dir: string) {
  const quiet = { env: {}, writeLog: () => undefined, terminal: false, colour: false };
  const process = { onCrash: () => () => undefined, stdin: () => Readable.from([]), exit: () => undefined };
  const start = () => startApp({ dir, set: [] }, { ...system, ...quiet, ...process });
  let app = await start();
  return {
    stop: () => app.stop(),
    async start() {
      app = await start();
    },
  };
}
