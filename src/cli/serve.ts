import { resolve } from "node:path";
import { type Host, wantsColour } from "../app/host.ts";
import { collect } from "./arguments.ts";
import type { AddCommand } from "./command.ts";
import { EXIT_HELP } from "./exit-codes.ts";

interface ServeOptions {
  readonly configDir: string;
  readonly set: readonly string[];
}

export const addServe: AddCommand = (program, { host, end }) => {
  program
    .command("serve")
    .summary("take events, match rules, deliver actions")
    .description("Takes events, matches the rules and delivers their actions until SIGTERM or SIGINT; SIGHUP reloads.")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--set <path=value>", "set a setting, such as ingest.port=8090; may be repeated", collect, [])
    .addHelpText("after", EXIT_HELP)
    .action(async (options: ServeOptions) => end(await serve(options, host)));
};

async function serve(options: ServeOptions, host: Host): Promise<number> {
  const { listenToSignals, runUntilStopped } = await import("../app/run-until-stopped.ts");
  const signals = listenToSignals(host);
  try {
    const { startApp } = await import("../app/start-app.ts");
    const app = await startApp(
      { dir: resolve(host.cwd, options.configDir), set: options.set },
      {
        ...(await import("../app/system.ts")).system,
        env: host.env,
        writeLog: host.err,
        terminal: host.errIsTerminal,
        colour: wantsColour(host.errIsTerminal, host.env),
        onCrash: host.onCrash,
        exit: host.exit,
      },
    );
    for (const line of app.lines) host.out(`${line}\n`);
    return await runUntilStopped(app, signals, app.logger);
  } finally {
    signals.dispose();
  }
}
