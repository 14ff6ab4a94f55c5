import { resolve } from "node:path";
import type { Host } from "../app/host.ts";
import { type LoadOptions, loadConfiguration } from "../config/load.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { Plan } from "../config/plan.ts";
import type { Settings } from "../config/settings.ts";
import { printFindings } from "./print-findings.ts";

export interface ConfigOptions {
  readonly configDir: string;
  readonly set: readonly string[];
}

/** Null: the configuration has errors. They, and warnings, are on standard error. */
export async function loadPlan(options: ConfigOptions, host: Host): Promise<Plan | null> {
  const sources = sourcesOf(options, host);
  const { plan, diagnostics } = await loadConfiguration(sources);
  printFindings(diagnostics, sources.dir, host);
  return plan;
}

/** The same for commands that need nothing but the settings. */
export async function loadSettingsOnly(options: ConfigOptions, host: Host): Promise<Settings | null> {
  const sources = sourcesOf(options, host);
  const { settings, diagnostics } = await loadSettings(sources);
  printFindings(diagnostics, sources.dir, host);
  return settings;
}

const sourcesOf = (
  { configDir, set }: ConfigOptions,
  host: Host,
): Required<Pick<LoadOptions, "dir" | "env" | "set">> => ({
  dir: resolve(host.cwd, configDir),
  env: host.env,
  set,
});
