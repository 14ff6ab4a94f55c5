import { resolve } from "node:path";
import { type Host, wantsColour } from "../app/host.ts";
import type { Plan } from "../config/plan.ts";
import { collect } from "./arguments.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface CheckOptions {
  readonly configDir: string;
  readonly set: readonly string[];
  readonly strict: boolean;
  readonly cost: boolean;
  readonly json: boolean;
}

export const addCheck: AddCommand = (program, { host, end }) => {
  program
    .command("check")
    .summary("find every mistake in a configuration")
    .description("Loads the configuration as serve would and prints every problem with its place. Errors fail it.")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--set <path=value>", "set a setting; may be repeated", collect, [])
    .option("--strict", "warnings fail it too", false)
    .option("--cost", "warn of rules that are expensive for every event", false)
    .option("--json", "print the problems as JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (options: CheckOptions) => end(await check(options, host)));
};

async function check({ configDir, set, strict, cost, json }: CheckOptions, host: Host): Promise<number> {
  const [{ loadConfiguration }, { printCounts, printDiagnostics, printDiagnosticsJson }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/print-diagnostics.ts"),
  ]);
  const dir = resolve(host.cwd, configDir);
  const { plan, diagnostics } = await loadConfiguration({ dir, env: host.env, set, cost });
  if (json) host.out(printDiagnosticsJson(diagnostics));
  else {
    const colour = wantsColour(host.outIsTerminal, host.env);
    const blocks = printDiagnostics(diagnostics, { dir, colour });
    const found = [printCounts(diagnostics) || "no problems", ...(plan ? [contentOf(plan)] : [])].join("; ");
    host.out(`${blocks}${blocks && "\n"}${found}\n`);
  }
  if (diagnostics.some((one) => one.code === "no-configuration")) return EXIT.cannotRun;
  return plan === null || (strict && diagnostics.length > 0) ? EXIT.failed : EXIT.ok;
}

function contentOf({ collectors, tree, executors }: Plan): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  return [
    count(collectors.length, "collector"),
    count(tree.rulePaths.length, "rule"),
    count(executors.length, "executor"),
  ].join(", ");
}
