import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plan } from "../config/plan.ts";
import { Secret } from "../component/secret.ts";
import type { ExampleToken, StartupFacts } from "./startup-lines.ts";

/** What the plan says about the start; the rest of the facts the start itself knows. */
export async function planFacts(
  plan: Plan,
  dir: string,
): Promise<Pick<StartupFacts, "collectors" | "executors" | "rules" | "dryRun" | "example" | "tokenFile">> {
  return {
    collectors: plan.collectors.length,
    executors: plan.executors.length,
    rules: plan.tree.rulePaths.length,
    dryRun: plan.executors.filter((executor) => executor.dispatch.dryRun).map((executor) => executor.id),
    example: await exampleOf(plan, join(dir, "collectors")),
    tokenFile: plan.settings.admin.tokenHashFile,
  };
}

async function exampleOf(plan: Plan, folder: string): Promise<StartupFacts["example"]> {
  for (const collector of plan.collectors) {
    if (collector.type.type !== "webhook") continue;
    const { token, tokens, auth } = collector.options as { token?: unknown; tokens?: unknown[]; auth?: unknown };
    if (auth !== undefined && auth !== "none" && auth !== "token") continue; // no curl of one line
    return { collector: collector.id, token: await tokenOf(token ?? tokens?.[0], folder) };
  }
  return null;
}

async function tokenOf(token: unknown, folder: string): Promise<ExampleToken> {
  if (!(token instanceof Secret)) return { kind: "none" };
  const text = token.reveal();
  for (const name of await readdir(folder))
    if (/\.(ya?ml|json)$/.test(name) && (await readFile(join(folder, name), "utf8")).includes(text))
      return { kind: "literal", token: text };
  return { kind: "hidden" };
}
