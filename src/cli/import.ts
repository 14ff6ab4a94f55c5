import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Host } from "../app/host.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface ImportOptions {
  readonly out: string;
  readonly report?: string;
  readonly json: boolean;
}

export const addImport: AddCommand = (program, { host, end }) => {
  program
    .command("import")
    .summary("make a configuration of another program's rules")
    .description("Makes a configuration of another program's rules, and reports what became of each part.")
    .addHelpText("after", EXIT_HELP)
    .command("tornado")
    .summary("of a Tornado installation")
    .description(
      "Reads a Tornado configuration folder (rules.d of either layout, TOML files, webhooks), a folder of rules, or exported trees. It fails when anything was refused.",
    )
    .argument("<source>", "the folder, or the file of an exported tree")
    .requiredOption("--out <dir>", "a new or empty folder for the configuration")
    .option("--report <file>", "write the report to a file too; as JSON when its name ends in .json")
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (source: string, options: ImportOptions) => end(await run(source, options, host)));
};

async function run(source: string, { out, report: file, json }: ImportOptions, host: Host): Promise<number> {
  const [{ importTornado }, { printReport, printReportJson }, { loadConfiguration }] = await Promise.all([
    import("../importers/tornado/import-tornado.ts"),
    import("../importers/tornado/print-report.ts"),
    import("../config/load.ts"),
  ]);
  const report = await importTornado(
    { source: resolve(host.cwd, source), out: resolve(host.cwd, out) },
    {
      async load(dir, variables) {
        // Whoever imports need not know the passwords.
        const unset = Object.fromEntries(variables.map((name) => [name, "not-set"]));
        return (await loadConfiguration({ dir, env: { ...unset, ...host.env } })).diagnostics;
      },
    },
  );
  if (file !== undefined) {
    const path = resolve(host.cwd, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith(".json") ? printReportJson(report) : printReport(report));
  }
  host.out(json ? printReportJson(report) : printReport(report));
  return report.refused.length > 0 ? EXIT.failed : EXIT.ok;
}
