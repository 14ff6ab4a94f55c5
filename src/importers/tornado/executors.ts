/** The executors' TOML files, and what the rules need → entries of `executors:`. Passwords become references. */
import { isObject, member, type Json, type JsonObject, type MutableJsonObject } from "../../core/json.ts";
import type { Needs } from "./inspect-rules.ts";
import type { ReportSink } from "./report.ts";
import { below, type SourceFiles } from "./source-files.ts";
import { readToml, type TomlFile } from "./toml-file.ts";

const TARGET = "config/squall.yaml";

export interface ExecutorSources {
  readonly files: SourceFiles;
  /** The folder of the TOML files. */
  readonly folder: string;
  readonly needs: Needs;
  /** Tornado's is global. */
  readonly retry: JsonObject | undefined;
}

export function importExecutors({ files, folder, needs, retry }: ExecutorSources, report: ReportSink): JsonObject {
  const entries: MutableJsonObject = {};
  const add = (id: string, source: string, entry: JsonObject): void => {
    entries[id] = { ...entry, ...(retry && { retry }) };
    report.mapped(source, `${TARGET}#executors.${id}`);
  };
  const toml = (name: string): TomlFile | null => readToml(files, below(folder, `${name}.toml`), report);

  const icinga2 = toml("icinga2_client_executor");
  const director = toml("director_client_executor");
  const logins = {
    icinga2: icinga2 && readLogin(icinga2, "ICINGA2_PASSWORD", report),
    director: director && readLogin(director, "DIRECTOR_PASSWORD", report),
  };
  if (icinga2 && logins.icinga2) add("icinga2", icinga2.source, logins.icinga2);
  if (director && logins.director) add("director", director.source, logins.director);
  if (icinga2 && director && logins.icinga2 && logins.director)
    add("smart_monitoring_check_result", `${icinga2.source}, ${director.source}`, {
      options: { icinga2: logins.icinga2.options, director: logins.director.options },
      ...(logins.icinga2["timeout"] === undefined ? {} : { timeout: logins.icinga2["timeout"] }),
    });
  const elasticsearch = toml("elasticsearch_executor");
  if (elasticsearch)
    add("elasticsearch", elasticsearch.source, { options: elasticsearchOptions(elasticsearch, report) });
  const archive = toml("archive_executor");
  if (archive) add("archive", archive.source, { options: archiveOptions(archive, report) });
  const directories = [...needs.scriptDirectories.keys()].sort();
  if (directories.length > 0) {
    const sources = [...needs.scriptDirectories.values()].flat();
    for (const source of new Set(sources))
      report.changed(source, `scripts run only below options.directories: ${directories.join(", ")}`, 10);
    add("script", sources[0]!, { options: { directories } });
  }
  return entries;
}

interface LoginEntry extends JsonObject {
  readonly options: JsonObject;
}

/** Null after it was refused. */
function readLogin(toml: TomlFile, variable: string, report: ReportSink): LoginEntry | null {
  const url = toml.text("server_api_url");
  const username = toml.text("username");
  if (url === undefined || username === undefined || !toml.has("password")) {
    report.refused(toml.source, "one of server_api_url, username, password is missing");
    return null;
  }
  if (!URL.canParse(url) || new URL(url).password !== "") {
    report.refused(toml.source, "server_api_url is no URL, or holds a password");
    return null;
  }
  report.variable({ name: variable, source: toml.source, key: "password" });
  const timeout = toml.number("timeout_secs");
  return {
    options: {
      url,
      username,
      password: `\${env:${variable}}`,
      disable_ssl_verification: toml.boolean("disable_ssl_verification") ?? false,
    },
    ...(timeout === undefined ? {} : { timeout: `${timeout}s` }),
  };
}

function elasticsearchOptions(toml: TomlFile, report: ReportSink): JsonObject {
  const auth = toml.table("default_auth");
  if (auth === undefined) return {};
  for (const [key, path] of Object.entries(auth))
    if (key.endsWith("_path") && typeof path === "string" && !path.startsWith("/"))
      report.changed(toml.source, `${key} is relative: now to the configuration folder, not to the working directory`);
  return { default_auth: auth };
}

function archiveOptions(toml: TomlFile, report: ReportSink): JsonObject {
  const given = (key: string, value: Json | undefined): JsonObject => (value === undefined ? {} : { [key]: value });
  const base = toml.text("base_path");
  if (base !== undefined && !base.startsWith("/"))
    report.changed(toml.source, "base_path is relative: now to the configuration folder, not to the working directory");
  const size = toml.number("file_cache_size");
  const ttl = toml.number("file_cache_ttl_secs");
  return {
    ...given("base_path", base),
    ...given("default_path", toml.text("default_path")),
    ...given("paths", toml.table("paths")),
    ...given("file_cache_size", size === undefined ? undefined : Math.max(1, size)),
    ...given("file_cache_ttl", ttl === undefined ? undefined : `${Math.max(1, ttl)}s`),
  };
}

/** The same entries with an option of one executor. */
export function withOption(executors: JsonObject, id: string, key: string, value: Json): JsonObject {
  const entry = member(executors, id);
  if (!isObject(entry)) return executors;
  const options = member(entry, "options");
  return { ...executors, [id]: { ...entry, options: { ...(isObject(options) ? options : {}), [key]: value } } };
}
