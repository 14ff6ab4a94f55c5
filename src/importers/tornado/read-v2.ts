/**
 * Tornado's layout 2.0:
 *
 *     version.json                      {"version": "2.0"}
 *     <dir>/filter.json                 sub-directories are children
 *     <dir>/iterator.json               sub-directories are children
 *     <dir>/ruleset.json  <dir>/rules/* one rule per file, whatever its extension
 *
 * Names are those in the JSON; directory and file names give the order. The root has no file and lets all pass.
 */
import { member, type JsonObject } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import { below, noteLinks, type SourceFiles } from "./source-files.ts";
import { textOr, type TornadoNode, type TornadoRule } from "./tornado-node.ts";

const KINDS = ["filter", "iterator", "ruleset"] as const;

/** The nodes below the root. */
export function readV2(files: SourceFiles, folder: string, report: ReportSink): readonly TornadoNode[] {
  const found = files.list(folder)!; // the caller has seen version.json in it
  refuseOthers(found.files, "version.json", folder, report);
  noteLinks(found, folder, report);
  return children(found.folders);

  function children(folders: readonly string[], parent = folder): readonly TornadoNode[] {
    return folders.flatMap((name) => readNode(below(parent, name)) ?? []);
  }

  function readNode(at: string): TornadoNode | null {
    const listing = files.list(at)!; // listed by its parent
    noteLinks(listing, at, report);
    const kind = KINDS.find((candidate) => listing.files.includes(`${candidate}.json`));
    if (kind === undefined) {
      report.refused(at, "a folder without filter.json, iterator.json or ruleset.json");
      return null;
    }
    const source = below(at, `${kind}.json`);
    const file = files.readObject(source, report);
    if (file === null) return null;
    const { type, name, ...settings } = file.document;
    if (type !== kind) {
      report.refused(source, `type is not "${kind}"`);
      return null;
    }
    const named = { source, name: textOr(name, at.slice(at.lastIndexOf("/") + 1)) };
    if (kind === "ruleset") return { type: kind, ...named, rules: readRules(below(at, "rules")) };
    refuseOthers(listing.files, `${kind}.json`, at, report);
    if (kind === "filter" && (member(file.document, "filter") ?? null) === null) {
      report.refused(source, "the key filter is missing");
      return null;
    }
    return { type: kind, ...named, settings: settings as JsonObject, nodes: children(listing.folders, at) }; // rest of a JsonObject
  }

  function readRules(at: string): readonly TornadoRule[] {
    const listing = files.list(at);
    if (listing === null) {
      report.refused(at, "the folder rules/ of a ruleset is missing");
      return [];
    }
    noteLinks(listing, at, report);
    return listing.files.flatMap((name) => {
      const source = below(at, name);
      const file = files.readObject(source, report);
      return file === null ? [] : [{ source, name: textOr(member(file.document, "name"), ""), ...file }];
    });
  }
}

function refuseOthers(names: readonly string[], expected: string, folder: string, report: ReportSink): void {
  for (const name of names)
    if (name.endsWith(".json") && name !== expected)
      report.refused(below(folder, name), "a file that Tornado does not expect here");
}
