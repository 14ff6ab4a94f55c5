import { type Command, Option } from "commander";
import type { DeadSelection } from "../http/contract/deliveries.ts";
import type { DeliveryState } from "../component/store.ts";
import type { Admin } from "./admin.ts";
import { adminOptions, type AdminOptions, withAdmin } from "./with-admin.ts";
import { wholeNumber } from "./arguments.ts";
import type { AddCommand, CommandContext } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";

interface ListOptions extends AdminOptions {
  readonly state?: DeliveryState;
  readonly executor?: string;
  readonly rule?: string;
  readonly code?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json: boolean;
}

interface TakeOptions extends AdminOptions {
  readonly executor?: string;
  readonly rule?: string;
  readonly code?: string;
  readonly all: boolean;
  readonly json: boolean;
}

const STATES: readonly DeliveryState[] = ["pending", "waiting", "delivered", "superseded", "dead"];
const deliveryId = wholeNumber(1, Number.MAX_SAFE_INTEGER);

export const addDeliveries: AddCommand = (program, context) => {
  const deliveries = program
    .command("deliveries")
    .description("Lists, shows, retries and drops deliveries and dead letters.");
  adminOptions(filterOptions(deliveries.command("list").summary("list deliveries and dead letters, newest first")))
    .addOption(new Option("--state <state>", "only those in this state").choices(STATES))
    .option("--limit <count>", "at most so many", wholeNumber(1, 10_000), 50)
    .option("--cursor <cursor>", "go on where an earlier list ended")
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (options: ListOptions) =>
      context.end(await withAdmin(options, context.host, (admin) => list(admin, options, context))),
    );
  adminOptions(deliveries.command("show").summary("show one delivery whole").argument("<id>", "its id", deliveryId))
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (id: number, options: AdminOptions & { json: boolean }) =>
      context.end(await withAdmin(options, context.host, (admin) => show(admin, id, options.json, context))),
    );
  take(deliveries, context, "retry", "make dead deliveries pending again", "made pending again");
  take(deliveries, context, "drop", "remove dead letters for good", "dropped");
};

function take(
  parent: Command,
  { host, end }: CommandContext,
  verb: "retry" | "drop",
  summary: string,
  done: string,
): void {
  adminOptions(filterOptions(parent.command(verb).summary(summary).argument("[id]", "of one dead letter", deliveryId)))
    .option("--all", "every dead letter", false)
    .option("--json", "print JSON", false)
    .addHelpText("after", EXIT_HELP)
    .action(async (id: number | undefined, options: TakeOptions) => {
      const selection = selectionOf(id, options);
      if (!selection) {
        host.err("squall: which dead letters? accepted: an id, --executor, --rule, --code, or --all alone\n");
        return end(EXIT.usage);
      }
      const count = await withAdmin(options, host, async (admin) => {
        const taken = await admin[verb](selection);
        host.out(options.json ? `${JSON.stringify({ count: taken })}\n` : `${taken} ${done}\n`);
        return taken === 0 && id !== undefined ? EXIT.failed : EXIT.ok;
      });
      end(count);
    });
}

const filterOptions = (command: Command): Command =>
  command
    .option("--executor <id>", "only of this executor")
    .option("--rule <path>", "only of this rule, such as root.windows.service_stopped")
    .option("--code <code>", "only with this reason code");

/** Null: neither a condition nor `--all`, or both. */
function selectionOf(id: number | undefined, { executor, rule, code, all }: TakeOptions): DeadSelection | null {
  const conditions = {
    ...(id !== undefined && { id }),
    ...(executor !== undefined && { executor }),
    ...(rule !== undefined && { rule_path: rule }),
    ...(code !== undefined && { code }),
  };
  const some = Object.keys(conditions).length > 0;
  if (some === all) return null;
  return all ? { all: true } : conditions;
}

async function list(admin: Admin, options: ListOptions, { host }: CommandContext): Promise<number> {
  const { printTable } = await import("./print-table.ts");
  const items = [];
  let cursor = options.cursor;
  do {
    const page = await admin.list({
      ...(options.state !== undefined && { state: options.state }),
      ...(options.executor !== undefined && { executor: options.executor }),
      ...(options.rule !== undefined && { rulePath: options.rule }),
      ...(options.code !== undefined && { code: options.code }),
      ...(cursor !== undefined && { cursor }),
      limit: Math.min(200, options.limit - items.length),
    });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && items.length < options.limit);
  if (options.json) {
    host.out(`${JSON.stringify({ items, next: cursor ?? null })}\n`);
    return EXIT.ok;
  }
  host.out(
    printTable(
      ["id", "state", "executor", "rule", "committed", "attempts", "reason"],
      items.map((item) => [
        String(item.id),
        item.state,
        item.executor ?? `(${item.kind} of ${item.collector})`,
        item.rule_path ?? "",
        new Date(item.committed_ms).toISOString(),
        String(item.attempts),
        [item.code, item.reason].filter(Boolean).join(": "),
      ]),
    ),
  );
  if (cursor !== undefined) host.out(`more: --cursor ${cursor}\n`);
  return EXIT.ok;
}

async function show(admin: Admin, id: number, json: boolean, { host }: CommandContext): Promise<number> {
  const delivery = await admin.show(id);
  if (json) {
    host.out(`${JSON.stringify(delivery)}\n`);
    return EXIT.ok;
  }
  const width = Math.max(...Object.keys(delivery).map((key) => key.length));
  for (const [key, value] of Object.entries(delivery)) {
    if (value === null) continue;
    const text = key.endsWith("_ms") ? new Date(value as number).toISOString() : String(value);
    host.out(`${key.padEnd(width)}  ${text}\n`);
  }
  return EXIT.ok;
}
