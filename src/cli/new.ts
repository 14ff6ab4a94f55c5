import type { Command } from "commander";
import { resolve } from "node:path";
import type { Host } from "../app/host.ts";
import { collect } from "./arguments.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import type { Made } from "./new/made.ts";

interface NewOptions {
  readonly configDir: string;
  readonly print: boolean;
  readonly json: boolean;
}

export const addNew: AddCommand = (program, { host, end }) => {
  const group = program
    .command("new")
    .summary("write a rule, a collector or an executor to start from")
    .description("Writes a sound, commented beginning into the configuration folder. It never overwrites a file.")
    .addHelpText("after", EXIT_HELP);

  common(group.command("rule"))
    .summary("a rule with tests")
    .description("Writes rules/RULESET/NNN_NAME.yaml, numbered after the rules that are there, with tests that pass.")
    .argument("<ruleset>", "the folder of rules/ it goes to")
    .argument("<name>", "letters, digits and _")
    .option(
      "--match <condition>",
      "an event type, or field=value (payload.host=web-1, a JSON value keeps its type); may be repeated",
      collect,
      [],
    )
    .action(async (ruleset: string, name: string, options: NewOptions & { readonly match: readonly string[] }) => {
      const { newRule } = await import("./new/new-rule.ts");
      end(await finish(await newRule({ ruleset, name, match: options.match }, dirOf(options, host)), options, host));
    });

  common(group.command("collector"))
    .summary("a collector of any type")
    .description("Writes collectors/ID.yaml, made of the first example of the type.")
    .argument("<type>", "a collector type, such as webhook")
    .argument("<id>", "letters, digits, _ . and -")
    .action(async (type: string, id: string, options: NewOptions) => {
      const { newCollector } = await import("./new/new-collector.ts");
      end(await finish(await newCollector(type, id, dirOf(options, host)), options, host));
    });

  common(group.command("executor"))
    .summary("an executor of any type")
    .description(
      "Adds an entry to executors: of config/squall.yaml, made of the first example of the type, and prints an action for it.",
    )
    .argument("<type>", "an executor type, such as victorops")
    .argument("<id>", "letters, digits and _")
    .action(async (type: string, id: string, options: NewOptions) => {
      const { newExecutor } = await import("./new/new-executor.ts");
      end(await finish(newExecutor(type, id, dirOf(options, host)), options, host));
    });

  common(group.command("action"))
    .summary("an executor and an action for a target that is reached by webhook")
    .description(
      "Adds an entry to executors: of config/squall.yaml, and prints the action of a rule, and the one that resolves where the target has that.",
    )
    .argument("<preset>", "teams, telegram, mattermost, servicenow, discord or ntfy")
    .option("--id <id>", "of the executor; the name of the preset without it")
    .action(async (preset: string, options: NewOptions & { readonly id?: string }) => {
      const { newAction } = await import("./new/new-action.ts");
      end(await finish(newAction(preset, options.id ?? preset, dirOf(options, host)), options, host));
    });
};

const common = (command: Command): Command =>
  command
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--print", "print the file instead of writing it", false)
    .option("--json", "print what was made as JSON", false)
    .addHelpText("after", EXIT_HELP);

const dirOf = ({ configDir }: NewOptions, host: Host): string => resolve(host.cwd, configDir);

/** Writes it and says so, with what the configuration then lacks; or says why there is nothing to write. */
async function finish(made: Made, options: NewOptions, host: Host): Promise<number> {
  if ("refused" in made) {
    host.err(`squall: ${made.refused}\n`);
    return made.usage ? EXIT.usage : EXIT.cannotRun;
  }
  const { file, text, hint } = made;
  if (options.print) {
    host.out(options.json ? `${JSON.stringify({ file, written: false, text, hint })}\n` : text + said(hint));
    return EXIT.ok;
  }
  const dir = dirOf(options, host);
  const { writeNew } = await import("./new/write-new.ts");
  const problem = await writeNew(dir, made);
  if (problem !== null) {
    host.err(`squall: ${problem}\n`);
    return EXIT.cannotRun;
  }
  host.out(
    options.json ? `${JSON.stringify({ file, written: true, text, hint })}\n` : `written: ${file}\n${said(hint)}`,
  );
  const [{ loadConfiguration }, { printFindings }] = await Promise.all([
    import("../config/load.ts"),
    import("./print-findings.ts"),
  ]);
  const { diagnostics } = await loadConfiguration({ dir, env: host.env });
  printFindings(
    diagnostics.filter((one) => one.file === file),
    dir,
    host,
  );
  return EXIT.ok;
}

const said = (hint: string): string => (hint === "" ? "" : `\n${hint}`);
