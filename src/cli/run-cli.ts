/** The command line: the command table, `--help`, and errors → messages and exit codes. */
import { Command, CommanderError } from "commander";
import type { Host } from "../app/host.ts";
import { processHost } from "../app/host.ts";
import { AppError, ERROR_CODES } from "../component/app-error.ts";
import { commands } from "./commands.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

export async function runCli(argv: readonly string[], host: Host = processHost()): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command("squall")
    .description("Reacts to each event the moment it arrives: events in, rules over them, actions out.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.out(text),
      writeErr: (text) => host.err(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError("(squall <command> --help shows what is accepted)")
    .addHelpText("after", EXIT_HELP);
  const context = {
    host,
    end: (ended: number) => {
      code = ended;
    },
  };
  // With the name of a command first it is that command's turn, whatever follows; anything else may speak of them all.
  const named = await commands.load(argv[0] ?? "");
  for (const add of named ? [named] : await commands.loadAll()) add(program, context);
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, host);
  }
}

/** One line for what can go wrong in operation; a stack only for what should not. */
async function report(error: unknown, host: Host): Promise<number> {
  if (!(error instanceof AppError)) {
    host.err(`squall: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT.cannotRun;
  }
  host.err(`squall: ${error.message}\n`);
  return ERROR_CODES[error.code].exit;
}
