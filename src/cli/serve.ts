import { resolve } from "node:path";
import { Option } from "commander";
import { type Host, wantsColour } from "../app/host.ts";
import type { App } from "../app/start-app.ts";
import { collect } from "./arguments.ts";
import type { AddCommand } from "./command.ts";
import { EXIT_HELP } from "./exit-codes.ts";

interface ServeOptions {
  readonly configDir: string;
  readonly set: readonly string[];
  readonly stdin?: string | true;
  readonly codec: string;
}

export const addServe: AddCommand = (program, { host, end }) => {
  program
    .command("serve")
    .summary("take events, match rules, deliver actions")
    .description("Takes events, matches the rules and delivers their actions until SIGTERM or SIGINT; SIGHUP reloads.")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--set <path=value>", "set a setting, such as ingest.port=8090; may be repeated", collect, [])
    .option("--stdin [format]", "take the lines of standard input as events of that format (json), and stop at its end")
    .addOption(
      new Option("--codec <codec>", "with --stdin: what a line is").choices(["json", "text", "raw"]).default("json"),
    )
    .addHelpText("after", EXIT_HELP)
    .action(async (options: ServeOptions) => end(await serve(options, host)));
};

async function serve(options: ServeOptions, host: Host): Promise<number> {
  const { listenToSignals, runUntilStopped } = await import("../app/run-until-stopped.ts");
  const signals = listenToSignals(host);
  try {
    const app = await start(options, host);
    for (const line of app.lines) host.out(`${line}\n`);
    // Node writes the compile cache when it exits, which a kill leaves out.
    (await import("node:module")).flushCompileCache();
    return await runUntilStopped(app, signals, app.logger);
  } finally {
    signals.dispose();
  }
}

async function start({ configDir, set, stdin, codec }: ServeOptions, host: Host): Promise<App> {
  const dir = resolve(host.cwd, configDir);
  const [{ startApp }, { system }, { ConfigurationErrors }] = await Promise.all([
    import("../app/start-app.ts"),
    import("../app/system.ts"),
    import("../http/problem.ts"),
  ]);
  try {
    return await startApp(
      { dir, set, stdin: stdin === undefined ? undefined : { format: stdin === true ? "json" : stdin, codec } },
      {
        ...system,
        env: host.env,
        stdin: () => host.stdin,
        writeLog: host.err,
        terminal: host.errIsTerminal,
        colour: wantsColour(host.errIsTerminal, host.env),
        onCrash: host.onCrash,
        exit: host.exit,
      },
    );
  } catch (error) {
    const found = error instanceof Error && error.cause instanceof ConfigurationErrors ? error.cause.diagnostics : [];
    const { printFindings } = await import("./print-findings.ts");
    printFindings(found, dir, host);
    throw error;
  }
}
