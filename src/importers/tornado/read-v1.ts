/**
 * Tornado's first layout, in which directories have no marker files:
 *
 *     sub-directories, at most one .json    a filter; without a .json one that lets all pass
 *     no sub-directory                      a ruleset; with a single .json that is no rule, a filter
 *
 * Nodes are named after their directory (the root is `root`), rules after their file, behind its first `_`.
 * Tornado's own upgrade loses the condition of the root filter; here it is kept as a filter node `root`.
 */
import { isObject, member, type JsonObject } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import { below, noteLinks, type SourceFiles } from "./source-files.ts";
import { letsAllPass, type TornadoNode, type TornadoRule } from "./tornado-node.ts";

/** The nodes below the root. */
export function readV1(files: SourceFiles, folder: string, report: ReportSink): readonly TornadoNode[] {
  const root = readNode(folder, "root");
  if (root === null) return [];
  if (root.type === "ruleset") return root.rules.length === 0 ? [] : [root];
  if (letsAllPass({ ...root, nodes: [] })) return root.nodes;
  report.changed(
    root.source,
    "the root filter is a filter node named root, so that paths of rules begin with root.root",
  );
  return [root];

  function readNode(at: string, name: string): TornadoNode | null {
    const listing = files.list(at)!; // listed by its parent
    const { files: all, folders } = listing;
    noteLinks(listing, at, report);
    const documents = all.filter((file) => file.endsWith(".json"));
    for (const file of all)
      if (!file.endsWith(".json")) report.note(below(at, file), "not looked at by Tornado: it does not end in .json");
    if (folders.length > 0 && documents.length > 1) {
      report.refused(at, `${documents.length} JSON files beside ${folders.length} folders: neither filter nor ruleset`);
      return null;
    }
    const [first] = documents;
    if (folders.length > 0 || (documents.length === 1 && !isRule(below(at, first!))))
      return readFilter(at, name, first, folders);
    const rules = documents.flatMap((file) => readRule(below(at, file), file) ?? []);
    return { type: "ruleset", source: at === "" ? "." : at, name, rules };
  }

  function readFilter(at: string, name: string, file: string | undefined, folders: readonly string[]) {
    const source = file === undefined ? at || "." : below(at, file);
    const found = file === undefined ? { document: {} as JsonObject } : files.readObject(source, report);
    if (found === null) return null;
    if (file === undefined) report.changed(source, `the filter ${name} has no file: it lets all pass`);
    const { name: _, filter, ...settings } = found.document;
    const nodes = folders.flatMap((child) => readNode(below(at, child), child) ?? []);
    const kept = { ...(settings as JsonObject), filter: filter ?? {} }; // rest of a JsonObject
    return { type: "filter" as const, source, name, settings: kept, nodes };
  }

  /** Tornado tries it as a rule, and takes it for a filter when that fails. */
  function isRule(path: string): boolean {
    const text = files.read(path);
    if (!text.ok) return false;
    try {
      const value: unknown = JSON.parse(text.value);
      return isObject(value as JsonObject) && Object.hasOwn(value as JsonObject, "actions"); // checked by isObject
    } catch {
      return true; // no JSON: refused where it is read
    }
  }

  function readRule(source: string, file: string): TornadoRule | null {
    const at = file.indexOf("_");
    if (at < 0) {
      report.refused(source, "a rule file without _ in its name, which therefore has no name");
      return null;
    }
    const name = file.slice(at + 1, -".json".length);
    const read = files.readObject(source, report);
    if (read === null) return null;
    const own = member(read.document, "name");
    if (own === undefined || own === name) return { source, name, ...read };
    report.changed(source, `the rule is named ${name} after its file, as Tornado does, not ${JSON.stringify(own)}`);
    return { source, name, document: { ...read.document, name }, text: null };
  }
}
