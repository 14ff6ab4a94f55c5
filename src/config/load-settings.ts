/** `config/squall.yaml` with `--set` over it, read and checked as far as it does not depend on types of executors. */
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Diagnostic, IssueSink } from "../core/diagnostic.ts";
import { isObject, member, printJson, type Json } from "../core/json.ts";
import { configHash } from "./config-hash.ts";
import { configDocument, fileWithIssue, type ConfigDocument } from "./document/config-document.ts";
import { guardedIssues } from "./document/guarded-issues.ts";
import { applyOverrides } from "./document/overrides.ts";
import { readDocument } from "./document/read-folder.ts";
import { resolveReferences, type ReferenceSources, type Resolved } from "./document/references.ts";
import { valueAt, withoutNulls } from "./document/value-at.ts";
import { SETTINGS_FILE } from "./folders.ts";
import { readNamedFile } from "./option-files.ts";
import { mergeOutbound, outboundOfEnvironment, type Outbound } from "./outbound.ts";
import { readSchema } from "./schema/read-schema.ts";
import { settingsSchema, toSettings, type Settings, type SettingsFile } from "./settings.ts";

export interface LoadedSettings {
  /** With the defaults when the file has errors, for checking what depends on them. */
  readonly settings: Settings;
  readonly executors: { readonly entries: Resolved; readonly issues: IssueSink };
  readonly outbound: Outbound;
  /** Of the settings without the executors, and of the files they name. */
  readonly hash: string;
  /** To be asked when the executors were read too. */
  diagnostics(): readonly Diagnostic[];
}

export interface SettingsSources extends ReferenceSources {
  readonly set: readonly string[];
}

/** For commands that need no more: null where the file has errors. */
export async function loadSettings(
  sources: SettingsSources,
): Promise<{ readonly settings: Settings | null; readonly diagnostics: readonly Diagnostic[] }> {
  const file = await loadSettingsFile(sources);
  const diagnostics = file.diagnostics();
  const failed = diagnostics.some(({ severity }) => severity === "error");
  return { settings: failed ? null : file.settings, diagnostics };
}

export async function loadSettingsFile({ dir, env, set }: SettingsSources): Promise<LoadedSettings> {
  const document = await readSettings(dir);
  const written = document.value ?? {}; // an empty file is one with no settings
  const overrides = applyOverrides(written, set);
  const resolved = resolveReferences(withoutNulls(overrides.value, 2), { dir, env }, document.issues);
  const issues = guardedIssues(document.issues, resolved.references);
  const read = readSchema(settingsSchema, resolved, issues);
  const file = read ?? settingsSchema.parse({});
  const settings = toSettings(file, dir);
  const place = { dir, resolved, issues };
  const tlsTexts = [...readTls(file.ingest.tls, "ingest", place), ...readTls(file.admin.tls, "admin", place)];
  if (read) checkPorts(settings, place);
  const outbound = mergeOutbound(outboundOfEnvironment(env, issues), file.outbound, dir, issues.at("outbound"));
  const strays = await strayFiles(dir);
  return {
    settings,
    executors: {
      entries: { value: executorsOf(resolved.value), references: resolved.references.below("executors") },
      issues: issues.at("executors"),
    },
    outbound,
    hash: configHash(printJson(withoutExecutors(resolved.value)), JSON.stringify(outbound), ...tlsTexts),
    diagnostics: () => [
      ...document.diagnostics(overrides.elsewhere),
      ...overrides.diagnostics,
      ...strays.flatMap((stray) => stray.diagnostics()),
    ],
  };
}

async function readSettings(dir: string): Promise<ConfigDocument> {
  return (await exists(join(dir, SETTINGS_FILE)))
    ? readDocument(dir, SETTINGS_FILE)
    : configDocument(SETTINGS_FILE, "");
}

/** Whatever is there, even if it cannot be looked at: then reading it says why. */
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
  );

/** Files that someone may take for the settings. */
async function strayFiles(dir: string): Promise<readonly ConfigDocument[]> {
  const candidates = ["config/squall.yml", "config/squall.json", "squall.yaml", "squall.yml"];
  const there = await Promise.all(candidates.map((file) => exists(join(dir, file))));
  return candidates
    .filter((_, at) => there[at])
    .map((file) =>
      fileWithIssue(file, "warning", {
        code: "ignored-file",
        message: "this file is not looked at",
        accepted: SETTINGS_FILE,
      }),
    );
}

const executorsOf = (value: Json): Json => (isObject(value) ? (member(value, "executors") ?? {}) : {});

function withoutExecutors(value: Json): Json {
  if (!isObject(value)) return value;
  const { executors: _, ...rest } = value;
  return rest;
}

interface Place {
  readonly dir: string;
  readonly resolved: Resolved;
  readonly issues: IssueSink;
}

/** What the PEM files of a listener hold; one that cannot be read is reported. */
function readTls(
  tls: SettingsFile["ingest"]["tls"],
  listener: string,
  { dir, resolved, issues }: Place,
): readonly string[] {
  if (tls === undefined) return [];
  return Object.entries(tls).flatMap(([key, file]) => {
    const path = [listener, "tls", key];
    if (file === undefined || resolved.references.isBroken(path)) return [];
    return [readNamedFile(resolve(dir, file), resolved.references.at(path) ?? file, issues.at(...path)) ?? ""];
  });
}

function checkPorts({ ingest, admin }: Settings, { resolved, issues }: Place): void {
  const isSameHost = ingest.host === admin.host || isWildcard(ingest.host) || isWildcard(admin.host);
  if (ingest.port === 0 || ingest.port !== admin.port || !isSameHost) return;
  const [given, other] =
    valueAt(resolved.value, ["admin", "port"]) === undefined ? ["ingest", "admin"] : ["admin", "ingest"];
  issues
    .at(given, "port")
    .error("same-port", `port ${admin.port} is that of the ${other} listener`, { accepted: "another port" });
}

const isWildcard = (host: string): boolean => ["0.0.0.0", "::", "[::]"].includes(host);
