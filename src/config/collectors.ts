/** Files of `collectors/` → plans: the keys that every collector has, and those of its type. */
import { collectorOptions } from "../component/collector-options.ts";
import type { CollectorType } from "../component/define-collector.ts";
import type { NormalizerType } from "../component/define-normalizer.ts";
import { transportSource, type IntakeOptions } from "../component/intake.ts";
import type { TypeList } from "../component/type-list.ts";
import type { IssueSink } from "../core/diagnostic.ts";
import { isObject, member, printJson, setMember, type JsonObject, type MutableJsonObject } from "../core/json.ts";
import { compileRegex } from "../core/regex/compile-regex.ts";
import type { Regex, RegexLimits } from "../core/regex/regex.ts";
import { found } from "../core/rule/strict-object.ts";
import { suggest } from "../core/suggest.ts";
import { AUTO, findNormalizer } from "../normalizers/find-normalizer.ts";
import { checkAccess } from "./collector-access.ts";
import { configHash } from "./config-hash.ts";
import type { ConfigDocument } from "./document/config-document.ts";
import { guardedIssues } from "./document/guarded-issues.ts";
import { resolveReferences, type ReferenceSources, type Resolved } from "./document/references.ts";
import { resolveOptionFiles } from "./option-files.ts";
import type { CollectorPlan } from "./plan.ts";
import { readSchema } from "./schema/read-schema.ts";
import { keysAt } from "./schema/walk-schema.ts";
import type { Settings } from "./settings.ts";

export interface CollectorSources {
  readonly files: readonly ConfigDocument[];
  readonly references: ReferenceSources;
  readonly settings: Settings;
  readonly types: TypeList<CollectorType>;
  readonly normalizers: TypeList<NormalizerType>;
  readonly regex: RegexLimits;
}

/** Those without mistakes; the mistakes are in their documents. */
export async function readCollectors(sources: CollectorSources): Promise<readonly CollectorPlan[]> {
  const ids = new Map<string, string>();
  const paths = new Map<string, string>();
  const plans: CollectorPlan[] = [];
  for (const document of sources.files) {
    if (document.value === undefined) continue;
    const plan = await readCollector(document, sources);
    const id = isObject(document.value) ? member(document.value, "id") : undefined;
    if (typeof id !== "string") continue;
    const other = ids.get(id);
    if (other !== undefined)
      document.issues.at("id").error("duplicate-id", `the id ${JSON.stringify(id)} is that of ${other}`);
    ids.set(id, other ?? document.file);
    const path = plan?.type.mountsAt?.(plan.options, plan.id);
    if (path !== undefined) {
      const taken = paths.get(path);
      const issue = `the path ${path} of the ingest listener is that of ${taken}`;
      if (taken !== undefined)
        document.issues.at("path").error("duplicate-path", issue, { accepted: "another path, or a port of its own" });
      paths.set(path, taken ?? document.file);
    }
    if (plan) plans.push(plan);
  }
  return plans;
}

async function readCollector(document: ConfigDocument, sources: CollectorSources): Promise<CollectorPlan | null> {
  const { value } = document;
  if (value === undefined || !isObject(value)) {
    document.issues.error("wrong-type", `${found(value ?? null)} where a collector is expected`, {
      accepted: "an object with id, type, format and the keys of its type",
    });
    return null;
  }
  const resolved = resolveReferences(value, sources.references, document.issues);
  const issues = guardedIssues(document.issues, resolved.references);
  const [common, own] = split(resolved.value as JsonObject); // resolving keeps the shape
  const shared = readSchema(collectorOptions, { value: common, references: resolved.references }, issues);
  const type = await typeOf(common, sources.types, issues);
  const normalizer = await normalizerOf(common, type, sources.normalizers, issues);
  const mapping = await compileMappingOf(common, issues);
  const metadataFrom =
    shared && readMetadataFrom(shared.metadata_from ?? {}, sources.regex, issues.at("metadata_from"));
  const files =
    type &&
    resolveOptionFiles({ value: own, references: resolved.references }, type.options, sources.references.dir, issues);
  const options = type && files && readOptions(type, { value: files.value, references: resolved.references }, issues);
  if (type && files && isObject(files.value)) checkAccess(type, files.value, sources.settings, issues);
  if (!shared || !type || !normalizer || mapping === undefined || !metadataFrom || !files || options === undefined)
    return null;
  const { id, trust_metadata: trustMetadata, lateness: latenessMs } = shared;
  return {
    id,
    type,
    options,
    intake: { collectorId: id, normalizer, mapping, trustMetadata, metadataFrom },
    latenessMs,
    hash: configHash(printJson(resolved.value), printJson(files.value), JSON.stringify(sources.regex), ...files.texts),
  };
}

function split(value: JsonObject): readonly [JsonObject, JsonObject] {
  const common: MutableJsonObject = {};
  const own: MutableJsonObject = {};
  for (const key of Object.keys(value))
    setMember(Object.hasOwn(collectorOptions.shape, key) ? common : own, key, value[key]!);
  return [common, own];
}

async function typeOf(
  common: JsonObject,
  types: TypeList<CollectorType>,
  issues: IssueSink,
): Promise<CollectorType | undefined> {
  const name = member(common, "type") ?? collectorOptions.shape.type.parse(undefined);
  if (typeof name !== "string") return undefined; // told by the schema of the common keys
  const type = await types.load(name);
  if (!type)
    unknownName("unknown-type", `unknown collector type ${JSON.stringify(name)}`, name, types.names, issues.at("type"));
  return type;
}

async function normalizerOf(
  common: JsonObject,
  type: CollectorType | undefined,
  normalizers: TypeList<NormalizerType>,
  issues: IssueSink,
) {
  const name = member(common, "format") ?? type?.defaultFormat ?? "json";
  if (typeof name !== "string") return undefined; // as above
  const normalizer = name === AUTO ? findNormalizer(AUTO, await normalizers.loadAll()) : await normalizers.load(name);
  if (!normalizer)
    unknownName(
      "unknown-format",
      `unknown format ${JSON.stringify(name)}`,
      name,
      [...normalizers.names, AUTO],
      issues.at("format"),
    );
  return normalizer;
}

function unknownName(code: string, message: string, name: string, names: readonly string[], issues: IssueSink): void {
  const suggestion = suggest(name, names);
  issues.error(code, message, { accepted: names.join(", "), ...(suggestion === undefined ? {} : { suggestion }) });
}

/** Null: there is none; undefined: mistakes were reported. */
async function compileMappingOf(common: JsonObject, issues: IssueSink): Promise<IntakeOptions["mapping"] | undefined> {
  const mapping = member(common, "collector_config");
  if (mapping === undefined || mapping === null) return null;
  const { compileMapping } = await import("../core/mapping/compile-mapping.ts");
  return compileMapping(mapping, issues.at("collector_config")) ?? undefined;
}

/** The type's own keys; what is misspelt may have been meant as one of the common ones. */
function readOptions(type: CollectorType, own: Resolved, issues: IssueSink): unknown {
  return readSchema(type.options, own, issues, { otherKeys: keysAt(collectorOptions, []) });
}

function readMetadataFrom(
  entries: Readonly<Record<string, { readonly from: string; readonly regex?: string | undefined }>>,
  limits: RegexLimits,
  issues: IssueSink,
): IntakeOptions["metadataFrom"] | null {
  const result: Record<string, { readonly from: string; readonly regex: Regex | null }> = {};
  let sound = true;
  for (const [key, { from, regex }] of Object.entries(entries)) {
    const source = transportSource(from);
    const [message, accepted] = source.ok ? [] : source.error.split("; accepted: ");
    if (message !== undefined)
      issues.at(key, "from").error("bad-source", message, accepted === undefined ? {} : { accepted });
    const compiled = regex === undefined ? null : compileRegex(regex, limits);
    if (compiled && !compiled.ok)
      issues.at(key, "regex").error("bad-regex", `${compiled.error.message} at character ${compiled.error.offset + 1}`);
    if (!source.ok || (compiled && !compiled.ok)) sound = false;
    else result[key] = { from, regex: compiled ? compiled.value : null };
  }
  return sound ? result : null;
}
