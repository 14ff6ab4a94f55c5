/**
 * A tree that was exported through Tornado's API:
 *
 *     {"version": "1.1", "Filter":   {"name", "filter":   {"description", "active", "filter"}, "nodes": [node]}}
 *                        "Iterator": {"name", "iterator": {"description", "active", "target"}, "nodes": [node]}
 *                        "Ruleset":  {"name", "rules": [rule]}
 *
 * Version 1.0 has no iterators. Nodes inside are the same without `version`.
 */
import { isArray, isObject, member, type Json, type JsonObject } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import type { SourceFiles } from "./source-files.ts";
import { letsAllPass, textOr, type TornadoNode, type TornadoRule } from "./tornado-node.ts";

const TAGS = ["Filter", "Iterator", "Ruleset"] as const;

const tagOf = (document: JsonObject) => TAGS.find((tag) => isObject(member(document, tag)));

export const isExport = (document: JsonObject): boolean =>
  Object.hasOwn(document, "version") && tagOf(document) !== undefined;

/** The nodes below the root. */
export function readExport(files: SourceFiles, source: string, report: ReportSink): readonly TornadoNode[] {
  const file = files.readObject(source, report);
  if (file === null) return [];
  const version = member(file.document, "version") ?? null;
  if (version !== "1.0" && version !== "1.1") {
    report.refused(source, `the version of the export is ${JSON.stringify(version)}; accepted: 1.0, 1.1`);
    return [];
  }
  const root = readNode(file.document, "");
  if (root === null) return [];
  return root.name === "root" && root.type === "filter" && letsAllPass(root) ? root.nodes : [root];

  function readNode(document: Json, parent: string): TornadoNode | null {
    const tag = isObject(document) ? tagOf(document) : undefined;
    const node = isObject(document) && tag !== undefined ? member(document, tag) : undefined;
    if (tag === undefined || !isObject(node)) {
      refuse(parent, `something else where a node is expected; accepted: ${TAGS.join(", ")}`, document);
      return null;
    }
    const name = textOr(member(node, "name"), "");
    const at = { source: `${source}#${parent}${name}`, name };
    if (tag === "Ruleset") return { type: "ruleset", ...at, rules: readRules(member(node, "rules"), at.source) };
    const type = tag === "Filter" ? "filter" : "iterator";
    const settings = member(node, type);
    const nodes = member(node, "nodes") ?? [];
    if (!isObject(settings) || !isArray(nodes)) {
      refuse(`${parent}${name}`, `the node has no ${type} or no list of nodes`, settings);
      return null;
    }
    return { type, ...at, settings, nodes: nodes.flatMap((child) => readNode(child, `${parent}${name}.`) ?? []) };
  }

  function readRules(rules: Json | undefined, at: string): readonly TornadoRule[] {
    return (isArray(rules) ? rules : []).flatMap((document, index) => {
      if (isObject(document)) {
        const name = textOr(member(document, "name"), "");
        return [{ source: `${at}.${name || index}`, name, document, text: null }];
      }
      report.refused(`${at}.${index}`, "something else where a rule is expected", isArray(document) ? 11 : undefined);
      return [];
    });
  }

  function refuse(at: string, message: string, found: Json | undefined): void {
    report.refused(`${source}#${at}`, message, isArray(found) ? 11 : undefined);
  }
}
