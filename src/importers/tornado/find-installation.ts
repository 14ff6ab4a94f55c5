/**
 * Where in the source folder the parts of an installation are. The engine and each collector have a folder of their
 * own, known by its files; the folder given may be one of them, or one above them (`/etc`).
 */
import { AppError } from "../../component/app-error.ts";
import { isObject, parseJson, type JsonObject } from "../../core/json.ts";
import { isExport } from "./read-export.ts";
import { below, type SourceFiles } from "./source-files.ts";

export interface Installation {
  /** Of `tornado.toml` and the executors' files. */
  readonly engine: string | null;
  readonly rules: { readonly layout: "v1" | "v2"; readonly folder: string } | null;
  /** Files of exported trees. */
  readonly exports: readonly string[];
  /** Folders that may hold collectors. */
  readonly folders: readonly string[];
  readonly webhook: string | null;
}

const MAX_DEPTH = 3;
const MAX_RULE_DEPTH = 5;
const INSIDE = /tornado|collector|^(conf|config|engine)$/i;
const ENGINE_FILES = [
  "tornado.toml",
  "icinga2_client_executor.toml",
  "director_client_executor.toml",
  "elasticsearch_executor.toml",
  "archive_executor.toml",
];

/** Throws AppError `configuration` where there is nothing that could be read. */
export function findInstallation(files: SourceFiles): Installation {
  const folders = candidates(files, "", 0);
  const engine = only(
    folders.filter(
      (folder) =>
        files.isFolder(below(folder, "rules.d")) || ENGINE_FILES.some((file) => files.isFile(below(folder, file))),
    ),
    "the engine",
  );
  const webhook = only(
    folders.filter(
      (folder) => files.isFile(below(folder, "webhook_collector.toml")) || files.isFolder(below(folder, "webhooks")),
    ),
    "the webhook collector",
  );
  const isInstallation = engine !== null || webhook !== null || folders.some((folder) => holdsCollector(files, folder));
  const exports = isInstallation ? [] : exportFiles(files);
  const rules =
    exports.length > 0 ? null : rulesOf(files, isInstallation ? below(engine ?? "", "rules.d") : "", isInstallation);
  if (!isInstallation && rules === null && exports.length === 0)
    throw new AppError(
      "configuration",
      "the source holds nothing of Tornado; accepted: a folder with tornado.toml, rules.d/ or webhooks/, a folder of rules, or exported trees",
    );
  return { engine, rules, exports, folders, webhook };
}

function candidates(files: SourceFiles, folder: string, depth: number): readonly string[] {
  const inside = depth === MAX_DEPTH ? [] : (files.list(folder)?.folders ?? []);
  return [
    folder,
    ...inside.filter((name) => INSIDE.test(name)).flatMap((name) => candidates(files, below(folder, name), depth + 1)),
  ];
}

function only(folders: readonly string[], what: string): string | null {
  if (folders.length > 1)
    throw new AppError(
      "configuration",
      `several folders are those of ${what}: ${folders.map((one) => one || ".").join(", ")}; accepted: one of them`,
    );
  return folders[0] ?? null;
}

const holdsCollector = (files: SourceFiles, folder: string): boolean =>
  files.list(folder)?.files.some((name) => name.endsWith("_collector.toml")) ?? false;

/** A folder of the first layout has no mark: `isKnown` says that it is one of rules. */
function rulesOf(files: SourceFiles, folder: string, isKnown: boolean): Installation["rules"] {
  const listing = files.list(folder);
  if (listing === null || listing.files.length + listing.folders.length === 0) return null;
  const file = below(folder, "version.json");
  if (!files.isFile(file)) {
    return isKnown || holdsRules(files, folder, MAX_RULE_DEPTH) ? { layout: "v1", folder } : null;
  }
  const version = documentIn(files, file)?.["version"];
  if (version === "2.0") return { layout: "v2", folder };
  throw new AppError("configuration", `${file} has the version ${JSON.stringify(version ?? null)}; accepted: 2.0`);
}

function holdsRules(files: SourceFiles, folder: string, depth: number): boolean {
  const listing = files.list(folder);
  if (listing === null || depth === 0) return false;
  const looksRight = (name: string): boolean => {
    const document = documentIn(files, below(folder, name));
    return document !== null && (Object.hasOwn(document, "constraint") || Object.hasOwn(document, "filter"));
  };
  if (listing.files.some((name) => name.endsWith(".json") && looksRight(name))) return true;
  return listing.folders.some((name) => holdsRules(files, below(folder, name), depth - 1));
}

/** All files of the folder, if each is an exported tree. */
function exportFiles(files: SourceFiles): readonly string[] {
  const listing = files.list("");
  const names = listing?.files.filter((name) => name.endsWith(".json")) ?? [];
  if (listing === null || listing.folders.length > 0) return [];
  return names.every((name) => isExportFile(files, name)) ? names : [];
}

export function isExportFile(files: SourceFiles, path: string): boolean {
  const document = documentIn(files, path);
  return document !== null && isExport(document);
}

function documentIn(files: SourceFiles, path: string): JsonObject | null {
  const text = files.read(path);
  const parsed = text.ok ? parseJson(text.value) : text;
  return parsed.ok && isObject(parsed.value) ? parsed.value : null;
}
