import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Host } from "../app/host.ts";
import type { CompiledTree } from "../core/tree/compiled-tree.ts";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import type { ReplayCollector } from "./replay-lines.ts";

interface ReplayCommandOptions {
  readonly configDir: string;
  readonly tree?: string;
  readonly collector?: string;
  readonly trace: boolean;
  readonly drain: boolean;
}

export const addReplay: AddCommand = (program, { host, end }) => {
  program
    .command("replay")
    .summary("show what events would cause, delivering nothing")
    .description(
      "Runs events through the rules on a virtual clock and prints what they cause, one JSON line per event.",
    )
    .argument("<file>", "NDJSON: events (type, payload, …), or raw documents with --collector; - is standard input")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--tree <file>", "a tree with inline rules instead of the folders; action ids are not checked")
    .option("--collector <id>", "lines are raw documents of this collector")
    .option("--trace", "print every node and rule on the way", false)
    .option("--no-drain", "do not run the timers that fall after the last event")
    .addHelpText("after", EXIT_HELP)
    .action(async (file: string, options: ReplayCommandOptions) => end(await replay(file, options, host)));
};

async function replay(file: string, options: ReplayCommandOptions, host: Host): Promise<number> {
  const rules = await loadRules(options, host);
  if (rules === null) return EXIT.cannotRun;
  const input = await openInput(file, host);
  if (input === null) return EXIT.cannotRun;
  const [{ evaluator }, { replayLines }] = await Promise.all([
    import("../core/match/evaluate.ts"),
    import("./replay-lines.ts"),
  ]);
  const totals = { events: 0, errors: 0 };
  const lines = createInterface({ input, crlfDelay: Infinity });
  const { trace } = options;
  for await (const text of replayLines(lines, { ...rules, matcher: evaluator(rules.tree), trace }, totals))
    host.out(text);
  return totals.errors > 0 ? EXIT.failed : EXIT.ok;
}

interface Rules {
  readonly tree: CompiledTree;
  readonly collector: ReplayCollector | null;
}

/** Null: they have errors, which were printed. */
async function loadRules(
  { tree: treeFile, collector: id, configDir }: ReplayCommandOptions,
  host: Host,
): Promise<Rules | null> {
  const tree = treeFile === undefined ? null : await loadTree(resolve(host.cwd, treeFile), host);
  if (treeFile !== undefined && tree === null) return null;
  // A tree of its own needs the configuration only for a collector.
  if (tree && id === undefined) return { tree, collector: null };
  const { loadPlan } = await import("./load-plan.ts");
  const plan = await loadPlan({ configDir, set: [] }, host);
  if (!plan) return null;
  if (id === undefined) return { tree: tree ?? plan.tree, collector: null };
  const found = plan.collectors.find((collector) => collector.id === id);
  if (!found) {
    const known = plan.collectors.map((collector) => collector.id).join(", ");
    host.err(`squall: there is no collector ${JSON.stringify(id)}; accepted: ${known || "none is configured"}\n`);
    return null;
  }
  const { createIntake } = await import("../component/intake.ts");
  const { split } = found.options as { split?: unknown }; // a key of the webhook's options; others split too
  return {
    tree: tree ?? plan.tree,
    collector: { id, split: split !== false, intake: createIntake(found.intake, { uuid: () => "" }) },
  };
}

async function loadTree(file: string, host: Host): Promise<CompiledTree | null> {
  const [{ readDocument }, { compileSingleTree }, { DEFAULT_REGEX_LIMITS }, { printFindings }] = await Promise.all([
    import("../config/document/read-folder.ts"),
    import("../core/tree/compile-tree.ts"),
    import("../core/regex/regex.ts"),
    import("./print-findings.ts"),
  ]);
  const dir = dirname(file);
  const document = await readDocument(dir, file.slice(dir.length).replace(/^[/\\]/, ""));
  const { value } = document;
  const tree =
    value === undefined
      ? null
      : compileSingleTree({ ...document, value }, { actions: null, regex: DEFAULT_REGEX_LIMITS });
  printFindings(document.diagnostics(), dir, host);
  return tree;
}

/** Null: it cannot be read, which was said. */
async function openInput(file: string, host: Host): Promise<Readable | null> {
  if (file === "-") return host.stdin;
  const path = resolve(host.cwd, file);
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (!(info instanceof Error) && !info.isDirectory()) return createReadStream(path);
  host.err(`squall: cannot read ${path}: ${info instanceof Error ? info.code : "it is a folder"}\n`);
  return null;
}
