/**
 * Nodes → `processing-trees/NNN_name.json`, one file for each node below the root, and `rules/<ruleset>/NNNNNN_name.json`,
 * one folder for each ruleset. Rules that were files are copied as they are.
 */
import type { DocumentPath } from "../../core/diagnostic.ts";
import type { JsonObject, MutableJsonObject } from "../../core/json.ts";
import type { OutFiles } from "./out-files.ts";
import { prettyJson } from "./pretty-json.ts";
import type { ReportSink } from "./report.ts";
import type { TornadoNode, TornadoRule, TornadoRuleset } from "./tornado-node.ts";

interface Place {
  readonly target: string;
  readonly path: DocumentPath;
  /** Names of the nodes around. */
  readonly parents: readonly string[];
}

export function writeTree(nodes: readonly TornadoNode[], out: OutFiles, report: ReportSink): void {
  const folders = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    const target = `processing-trees/${orderOf(index, 3)}_${fileName(node.name)}.json`;
    out.set(target, prettyJson(documentOf(node, { target, path: [], parents: [] })));
    report.mapped(node.source, target);
  }

  function documentOf(node: TornadoNode, { target, path, parents }: Place): JsonObject {
    out.origin(target, path, node.source);
    if (node.type === "ruleset") return rulesetOf(node, parents);
    const nodes = node.nodes.map((child, index) => {
      report.mapped(child.source, target);
      return documentOf(child, { target, path: [...path, "nodes", index], parents: [...parents, node.name] });
    });
    return { type: node.type, name: node.name, ...node.settings, nodes };
  }

  function rulesetOf({ name, rules }: TornadoRuleset, parents: readonly string[]): JsonObject {
    const document: MutableJsonObject = { type: "ruleset", name };
    // Without a rule there is no folder: version control would lose it.
    if (rules.length === 0) return { ...document, rules: [] };
    const folder = freeFolder(name, parents);
    for (const [index, rule] of rules.entries()) writeRule(`rules/${folder}/${orderOf(index, 6)}_`, rule);
    return { ...document, ruleset: folder };
  }

  /** A name that two branches use is told apart by the nodes around it. */
  function freeFolder(name: string, parents: readonly string[]): string {
    const plain = fileName(name);
    const long = [...parents, name].map(fileName).join("_");
    let folder = [plain, long].find((candidate) => !folders.has(candidate.toLowerCase()));
    for (let n = 2; folder === undefined; n++) if (!folders.has(`${long}_${n}`.toLowerCase())) folder = `${long}_${n}`;
    folders.add(folder.toLowerCase());
    return folder;
  }

  function writeRule(prefix: string, { source, name, document, text }: TornadoRule): void {
    const target = `${prefix}${fileName(name)}.json`;
    out.set(target, text ?? prettyJson(document));
    out.origin(target, [], source);
    report.mapped(source, target);
  }
}

const orderOf = (index: number, width: number): string => String((index + 1) * 10).padStart(width, "0");

/** Names of Tornado are fit for files, but for those in files that are refused anyway. */
const fileName = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 200) || "unnamed";
