import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Host } from "../app/host.ts";
import type { Event } from "../core/event/event.ts";
import { type JsonObject, parseJson, printJson } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Command } from "commander";
import type { AddCommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface ExplainOptions {
  readonly configDir: string;
  readonly plan: boolean;
  readonly json: boolean;
}

export const addExplain: AddCommand = (program, { host, end }) => {
  program
    .command("explain")
    .summary("show why rules match an event, or do not")
    .description(
      "Draws the tree as one event goes through it: what every operator compared and why it was true or false, what was extracted, which actions are asked for. Nothing is delivered.",
    )
    .argument("[event]", "a JSON file with one event (type, payload, …); - is standard input")
    .option("--config-dir <dir>", "the folder that holds config/ collectors/ processing-trees/ rules/", ".")
    .option("--plan", "instead of an event: how each rule is found, and which are tested for every event", false)
    .option("--json", "print the explanation as JSON, with every value whole", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (file: string | undefined, options: ExplainOptions, command: Command) => {
      if (options.plan && file === undefined) return end(await explainPlan(options, host));
      if (options.plan) command.error("error: --plan needs no event");
      if (file === undefined) command.error("error: missing required argument 'event'");
      end(await explainEvent(file, options, host));
    });
};

async function explainPlan({ configDir }: ExplainOptions, host: Host): Promise<number> {
  const [{ loadPlan }, { planOf }, { printPlan }] = await Promise.all([
    import("./load-plan.ts"),
    import("../core/match/plan.ts"),
    import("../core/match/print.ts"),
  ]);
  const plan = await loadPlan({ configDir, set: [] }, host);
  if (!plan) return EXIT.cannotRun;
  host.out(printPlan(planOf(plan.tree)));
  return EXIT.ok;
}

async function explainEvent(file: string, { configDir, json }: ExplainOptions, host: Host): Promise<number> {
  const [{ loadPlan }, { explain }] = await Promise.all([import("./load-plan.ts"), import("../core/match/explain.ts")]);
  const plan = await loadPlan({ configDir, set: [] }, host);
  if (!plan) return EXIT.cannotRun;
  const read = await readEvent(file, host);
  if (!read.ok) {
    host.err(`squall: ${read.error}\n`);
    return EXIT.cannotRun;
  }
  const event = read.value;
  const tree = explain(plan.tree, event);
  if (json) {
    const { id, type, created_ms } = event;
    // An explanation is JSON by its own declaration; an interface has no index signature.
    host.out(`${printJson({ event: { id, type, created_ms }, tree: tree as unknown as JsonObject })}\n`);
    return EXIT.ok;
  }
  const [{ drawExplanation }, { painter }] = await Promise.all([import("./draw-explanation.ts"), import("./paint.ts")]);
  host.out(drawExplanation(tree, painter(host)));
  return EXIT.ok;
}

/** The error says which file, and why. */
async function readEvent(file: string, host: Host): Promise<Result<Event, string>> {
  const name = file === "-" ? "standard input" : resolve(host.cwd, file);
  const source = await (file === "-" ? text(host.stdin) : readFile(name, "utf8")).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  if (source instanceof Error) return err(`cannot read ${name}: ${source.code ?? source.message}`);
  const parsed = parseJson(source.replace(/^\uFEFF/, ""));
  if (!parsed.ok) return err(`${name}: ${parsed.error.message}`);
  const { eventOf } = await import("./replay-lines.ts");
  const found = eventOf(parsed.value, 1, 0);
  return found.ok ? ok(found.value.event) : err(`${name}: ${found.error}`);
}
