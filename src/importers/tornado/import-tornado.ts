/**
 * A Tornado installation → a configuration folder and a report.
 *
 *     find-installation ─► read-v2 | read-v1 | read-export ─► inspect-rules ─► write-tree ─┐
 *              └─────────► tornado-toml, executors, collectors ────────────────────────────┴─► written, loaded, reported
 *
 * All of the source is read before anything is written. The result is loaded at the end: what does not load is refused,
 * with the file that it was made of.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../component/app-error.ts";
import type { Diagnostic, DocumentPath } from "../../core/diagnostic.ts";
import type { JsonObject } from "../../core/json.ts";
import { importWebhooks, refuseCollectors } from "./collectors.ts";
import { importExecutors, withOption } from "./executors.ts";
import { findInstallation, isExportFile, type Installation } from "./find-installation.ts";
import { inspectRules } from "./inspect-rules.ts";
import { outFiles, type OutFiles } from "./out-files.ts";
import { readExport } from "./read-export.ts";
import { readV1 } from "./read-v1.ts";
import { readV2 } from "./read-v2.ts";
import { createReport, type ImportReport, type ReportSink } from "./report.ts";
import { SETTINGS, settingsText } from "./settings-text.ts";
import { below, sourceFiles, type SourceFiles } from "./source-files.ts";
import type { TornadoNode } from "./tornado-node.ts";
import { importDaemon } from "./tornado-toml.ts";
import { writeTree } from "./write-tree.ts";

export interface ImportOptions {
  /** A folder, or the file of an exported tree; absolute. */
  readonly source: string;
  /** New or empty; absolute. */
  readonly out: string;
}

export interface ImportDeps {
  /** What loading the folder says, with a value for each of the variables. */
  load(dir: string, variables: readonly string[]): Promise<readonly Diagnostic[]>;
}

/** Throws AppError `configuration` (the source cannot be read) and `bad_request` (`out` is not empty). */
export async function importTornado({ source, out }: ImportOptions, { load }: ImportDeps): Promise<ImportReport> {
  const { files, installation } = openSource(source);
  checkOut(out);
  const report = createReport();
  const written = outFiles();
  const nodes = readNodes(files, installation, report);
  const needs = inspectRules(nodes, report);
  writeTree(nodes, written, report);
  const engine = installation.engine;
  const retry = engine === null ? undefined : importDaemon(files, engine, report);
  let executors = importExecutors({ files, folder: engine ?? "", needs, retry }, report);
  const ingest = installation.webhook === null ? {} : importWebhooks(files, installation.webhook, written, report);
  for (const folder of installation.folders) refuseCollectors(files, folder, report);
  if (engine !== null) noteFolders(files, engine, report);
  generalChanges(nodes, executors, report);

  const variables = report.done([]).environment.map(({ name }) => name);
  const loaded = async (): Promise<readonly Diagnostic[]> => {
    written.set(SETTINGS, settingsText({ ingest, executors }));
    writeAll(out, written);
    return load(out, variables);
  };
  let diagnostics = await loaded();
  const dynamic = diagnostics.filter(({ code }) => code === "dynamic-code");
  if (dynamic.length > 0) {
    executors = withOption(executors, "icinga2", "allow_dynamic_code", true);
    diagnostics = await loaded();
    const left = new Set(diagnostics.filter(({ code }) => code === "dynamic-code").map(({ file }) => file));
    for (const { file } of dynamic.filter(({ file }) => !left.has(file)))
      report.changed(
        sourceOf(file, written, [], report),
        "a filter has placeholders outside string literals: allow_dynamic_code is set for icinga2",
        10,
      );
  }
  for (const { file, severity, code, message, path } of diagnostics)
    if (severity === "error")
      report.refused(
        sourceOf(file, written, path, report),
        `${code}: ${message}${path.length > 0 ? ` at ${path.join(".")}` : ""}`,
        DEVIATION_OF[code],
      );
  return report.done(diagnostics);
}

/** Deviations that show as errors of the load. */
const DEVIATION_OF: Readonly<Record<string, number>> = {
  "unknown-action": 5,
  "bad-payload": 5,
  "bad-regex": 8,
  "dynamic-code": 10,
};

function openSource(source: string): { readonly files: SourceFiles; readonly installation: Installation } {
  const info = statSync(source, { throwIfNoEntry: false });
  if (info?.isFile()) {
    const files = sourceFiles(dirname(source));
    const file = basename(source);
    if (!isExportFile(files, file)) throw new AppError("configuration", `${source} is no exported tree`);
    return { files, installation: { engine: null, rules: null, exports: [file], folders: [], webhook: null } };
  }
  if (!info?.isDirectory())
    throw new AppError(
      "configuration",
      `${source} cannot be read; accepted: a folder, or the file of an exported tree`,
    );
  const files = sourceFiles(source);
  return { files, installation: findInstallation(files) };
}

function readNodes(files: SourceFiles, { rules, exports }: Installation, report: ReportSink): readonly TornadoNode[] {
  if (rules === null) return exports.flatMap((file) => readExport(files, file, report));
  return rules.layout === "v2" ? readV2(files, rules.folder, report) : readV1(files, rules.folder, report);
}

/** What holds for all rules, and shows in nothing that is written. */
function generalChanges(nodes: readonly TornadoNode[], executors: JsonObject, report: ReportSink): void {
  if (nodes.length > 0) {
    report.changed("every rule", "objects that are passed on keep the sender's order of keys", 2);
    report.changed("every rule", "traces list the rules after a stop, as not_processed", 7);
  }
  if (Object.keys(executors).length > 0)
    report.changed("every executor", "deliveries are kept on disk until done, and outcomes follow the reference", 12);
}

function noteFolders(files: SourceFiles, engine: string, report: ReportSink): void {
  const [rules, drafts] = [below(engine, "rules.d"), below(engine, "drafts")];
  if (!files.isFolder(rules)) report.note(rules, "the folder is missing: there are no rules");
  if (files.isFolder(drafts)) report.note(drafts, "drafts are not in service and not imported");
}

function checkOut(out: string): void {
  const info = statSync(out, { throwIfNoEntry: false });
  if (info !== undefined && (!info.isDirectory() || readdirSync(out).length > 0))
    throw new AppError("bad_request", `${out} is not empty; accepted: a new or an empty folder`);
}

function writeAll(out: string, { all }: OutFiles): void {
  try {
    mkdirSync(out, { recursive: true });
    for (const [target, { text, isSecret }] of all) {
      mkdirSync(dirname(join(out, target)), { recursive: true });
      writeFileSync(join(out, target), text, isSecret ? { mode: 0o600 } : {});
    }
  } catch (error) {
    throw new AppError("configuration", `${out} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

/** What the part at `path` of a written file was made of. */
function sourceOf(file: string, written: OutFiles, path: DocumentPath, report: ReportSink): string {
  if (file !== SETTINGS) return written.originOf(file, path) ?? file;
  const targets = [path.slice(0, 2), path.slice(0, 1)].map((part) => `${SETTINGS}#${part.join(".")}`);
  return report.done([]).mapped.find(({ target }) => targets.includes(target))?.source ?? file;
}
