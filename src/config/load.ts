/**
 * A configuration folder → a plan, or all that is wrong with it: every mistake of every file at once, and never half a
 * plan. A file that cannot be used takes nothing else with it: the rest is checked as far as it can be without it.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { collectorList } from "../collectors/list.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { executorList } from "../executors/list.ts";
import { normalizerList } from "../normalizers/list.ts";
import { actionTargets } from "./action-targets.ts";
import { readCollectors } from "./collectors.ts";
import { configHash } from "./config-hash.ts";
import { configDocument, type ConfigDocument } from "./document/config-document.ts";
import { readFolder } from "./document/read-folder.ts";
import { reasonOf } from "./document/reason-of.ts";
import { readExecutors } from "./executors.ts";
import { COLLECTORS, TREES, watchList } from "./folders.ts";
import { listFiles } from "./list-files.ts";
import { loadSettingsFile } from "./load-settings.ts";
import type { Plan } from "./plan.ts";
import { compileRuleFiles, readRuleFiles } from "./rules.ts";

export interface LoadOptions {
  /** The configuration folder, absolute. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `path=value`, over the settings file. */
  readonly set?: readonly string[];
  /** Collectors beside those of the folder, as YAML; `file` stands for them in messages. */
  readonly collectors?: readonly { readonly file: string; readonly text: string }[];
  /** Whether to warn of rules that are expensive to match. */
  readonly cost?: boolean;
  /** Called whenever a value was too long for a regular expression of the plan. */
  readonly onRegexOverLimit?: () => void;
}

export interface Loaded {
  /** Null: there are errors among the diagnostics. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

export async function loadConfiguration({
  dir,
  env,
  set = [],
  collectors: given = [],
  cost = false,
  onRegexOverLimit,
}: LoadOptions): Promise<Loaded> {
  const unusable = await whyUnusable(dir);
  if (unusable) return { plan: null, diagnostics: [unusable] };
  const empty = await whyEmpty(dir);

  const file = await loadSettingsFile({ dir, env, set });
  const { settings } = file;
  const regex = { ...settings.limits.regex, ...(onRegexOverLimit && { onOverLimit: onRegexOverLimit }) };
  const executors = await readExecutors({ ...file.executors, outbound: file.outbound, dir, types: executorList });
  const collectorFolder = await readFolder(dir, COLLECTORS);
  const collectorFiles = [...collectorFolder.files, ...given.map(({ file: name, text }) => configDocument(name, text))];
  const collectors = await readCollectors({
    files: collectorFiles,
    references: { dir, env },
    settings,
    types: collectorList,
    normalizers: normalizerList,
    regex,
  });
  const actions = actionTargets(executors.targets);
  const ruleFiles = await readRuleFiles(dir);
  const lists = listFiles(dir);
  const tree = await compileRuleFiles(ruleFiles, { actions, regex, readList: lists.read });
  if (cost && tree !== null) (await import("./cost-warnings.ts")).warnOfCost(tree, ruleFiles);

  const rules = [...ruleFiles.trees, ...[...ruleFiles.rulesets.values()].flat()];
  const others: readonly ConfigDocument[] = [
    ...collectorFiles,
    ...collectorFolder.ignored,
    ...rules,
    ...ruleFiles.others,
  ];
  const diagnostics = withoutEchoes([
    ...empty,
    ...file.diagnostics(),
    ...others.flatMap((document) => document.diagnostics()),
  ]);
  const failed = diagnostics.some(({ severity }) => severity === "error");
  if (failed || tree === null) return { plan: null, diagnostics };
  const hash = configHash(
    file.hash,
    ...executors.plans.map((plan) => plan.hash),
    ...collectors.map((plan) => plan.hash),
    ...lists.texts(),
    ...rules.flatMap((document) => [document.file, document.text]),
  );
  return { plan: { settings, tree, collectors, executors: executors.plans, actions, hash }, diagnostics };
}

/** A tree with errors may use the ruleset that none seems to use. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const broken = diagnostics.some(({ severity, file }) => severity === "error" && file.startsWith(`${TREES}/`));
  return broken ? diagnostics.filter(({ code }) => code !== "unused-ruleset") : diagnostics;
}

/** The folder itself must be there; what it may hold need not be. */
async function whyUnusable(dir: string): Promise<Diagnostic | null> {
  const info = await stat(dir).catch((error: NodeJS.ErrnoException) => error);
  if (!(info instanceof Error) && info.isDirectory()) return null;
  const reason = info instanceof Error ? reasonOf(info) : "it is no folder";
  return {
    severity: "error",
    code: "no-configuration",
    path: [],
    message: `the configuration folder cannot be read: ${reason.replace("file", "folder")}`,
    accepted: "a folder that holds config/ collectors/ processing-trees/ rules/",
    file: dir,
    line: 1,
    column: 1,
  };
}

/** Right for a first look, but more often the wrong folder. */
async function whyEmpty(dir: string): Promise<readonly Diagnostic[]> {
  const found = await Promise.all(watchList().map((folder) => stat(join(dir, folder)).catch(() => null)));
  if (found.some((info) => info !== null)) return [];
  return [
    {
      severity: "warning",
      code: "empty-configuration",
      path: [],
      message: "the configuration folder has nothing to configure",
      accepted: `a folder that holds ${watchList().join("/ ")}/`,
      file: dir,
      line: 1,
      column: 1,
    },
  ];
}
