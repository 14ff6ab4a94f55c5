import { resolve } from "node:path";
import type { Host } from "../app/host.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface DocsOptions {
  readonly out: string;
  readonly check: boolean;
  readonly json: boolean;
}

export const addDocs: AddCommand = (program, { host, end }) => {
  program
    .command("docs")
    .summary("write the reference and the JSON Schemas for editors")
    .description(
      "Writes docs/reference/ and docs/schemas/, generated from the code: every type, setting and error code.",
    )
    .option("--out <dir>", "the folder that docs/ is in", ".")
    .option("--check", "write nothing; fail when a file is not what would be written", false)
    .option("--json", "print the names of the files as JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (options: DocsOptions) => end(await docs(options, host)));
};

async function docs({ out, check, json }: DocsOptions, host: Host): Promise<number> {
  const [{ generateReference }, { changedFiles, writeFiles }] = await Promise.all([
    import("../config/reference/generate-reference.ts"),
    import("./generated-files.ts"),
  ]);
  const dir = resolve(host.cwd, out);
  const changed = await changedFiles(dir, generateReference());
  if (!check) await writeFiles(dir, changed);
  const names = changed.map(({ file }) => file);
  if (json) host.out(`${JSON.stringify({ changed: names })}\n`);
  else if (names.length === 0) host.out("the reference is up to date\n");
  else
    for (const { file, text } of changed) {
      const what = check ? "not up to date" : text === null ? "removed" : "written";
      host.out(`${what}: ${file}\n`);
    }
  return check && names.length > 0 ? EXIT.failed : EXIT.ok;
}
