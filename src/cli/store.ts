import { resolve } from "node:path";
import { adminOptions, type AdminOptions, withAdmin } from "./with-admin.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

type Options = AdminOptions & { readonly json: boolean };

export const addStore: AddCommand = (program, { host, end }) => {
  const store = program.command("store").description("Backs up, checks and compacts the store, in service or not.");
  const print = (json: boolean, value: object, text: string): void =>
    host.out(json ? `${JSON.stringify(value)}\n` : `${text}\n`);

  adminOptions(
    store
      .command("backup")
      .summary("write a consistent copy to a file")
      .argument("<file>", "a file that does not exist yet; with --url on the machine of that process"),
  )
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (file: string, options: Options) =>
      end(
        await withAdmin(options, host, async (admin) => {
          const done = await admin.backup(resolve(host.cwd, file));
          print(options.json, done, `${done.bytes} bytes written to ${done.file}`);
          return EXIT.ok;
        }),
      ),
    );

  adminOptions(store.command("check").summary("read the whole store and list what is not sound"))
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (options: Options) =>
      end(
        await withAdmin(options, host, async (admin) => {
          const problems = await admin.check();
          print(options.json, { problems }, problems.length === 0 ? "the store is sound" : problems.join("\n"));
          return problems.length === 0 ? EXIT.ok : EXIT.failed;
        }),
      ),
    );

  adminOptions(store.command("compact").summary("give free pages back to the file system"))
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (options: Options) =>
      end(
        await withAdmin(options, host, async (admin) => {
          const sizes = await admin.compact();
          print(options.json, sizes, `${sizes.before_bytes} bytes before, ${sizes.after_bytes} after`);
          return EXIT.ok;
        }),
      ),
    );
};
