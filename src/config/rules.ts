/** `processing-trees/` and `rules/` → the compiled tree. */
import { setImmediate } from "node:timers/promises";
import { compileTreeInSlices } from "../core/tree/compile-tree.ts";
import type { CompiledTree } from "../core/tree/compiled-tree.ts";
import type { SourceDocument } from "../core/tree/sources.ts";
import type { ActionCatalog } from "../core/rule/action-catalog.ts";
import type { RegexLimits } from "../core/regex/regex.ts";
import type { ConfigDocument } from "./document/config-document.ts";
import { fileWithIssue } from "./document/config-document.ts";
import { readFolder } from "./document/read-folder.ts";
import { RULES, TREES } from "./folders.ts";
import type { ListFiles } from "./list-files.ts";

export interface RuleFiles {
  readonly trees: readonly ConfigDocument[];
  /** By folder. */
  readonly rulesets: ReadonlyMap<string, readonly ConfigDocument[]>;
  /** Whatever was found beside them. */
  readonly others: readonly ConfigDocument[];
}

export async function readRuleFiles(dir: string): Promise<RuleFiles> {
  const trees = await readFolder(dir, TREES);
  const top = await readFolder(dir, RULES);
  const others = [
    ...trees.ignored,
    ...trees.folders.map((name) => notLookedAt(`${TREES}/${name}`, `files in ${TREES}/`)),
  ];
  const outside = top.files.map(({ file }) => notLookedAt(file, `files in a folder of ${RULES}/`));
  const rulesets = new Map<string, readonly ConfigDocument[]>();
  for (const folder of top.folders) {
    const inside = await readFolder(dir, `${RULES}/${folder}`);
    rulesets.set(folder, inside.files);
    others.push(
      ...inside.ignored,
      ...inside.folders.map((name) => notLookedAt(`${RULES}/${folder}/${name}`, `files in a folder of ${RULES}/`)),
    );
  }
  return { trees: trees.files, rulesets, others: [...others, ...top.ignored, ...outside] };
}

const notLookedAt = (file: string, accepted: string): ConfigDocument =>
  fileWithIssue(file, "warning", { code: "ignored-file", message: "this is not looked at", accepted });

export interface CompileRulesOptions {
  readonly actions: ActionCatalog;
  readonly regex: RegexLimits;
  readonly readList: ListFiles["read"];
}

/** Null: there are mistakes, which the documents have. In slices: events go on being served while a reload compiles. */
export function compileRuleFiles(
  { trees, rulesets }: RuleFiles,
  options: CompileRulesOptions,
): Promise<CompiledTree | null> {
  return compileTreeInSlices(
    {
      trees: sourcesOf(trees, "a node of a processing tree"),
      rulesets: Object.fromEntries([...rulesets].map(([folder, files]) => [folder, sourcesOf(files, "a rule")])),
    },
    options,
    () => setImmediate(),
  );
}

function sourcesOf(documents: readonly ConfigDocument[], what: string): readonly SourceDocument[] {
  return documents.flatMap(({ file, stem, value, issues }) => {
    if (value === undefined) return [];
    if (value !== null) return [{ file, stem, value, issues }];
    issues.error("empty-file", `nothing in the file where ${what} is expected`);
    return [];
  });
}
