/**
 * The file of an archived event: `base_path`, then the path of its `archive_type` (without one: `default_path`), in
 * which `${name}` is the payload's own text under that name. A value may hold `/`, but no path may climb out of the base.
 */
import { join, relative, resolve, sep } from "node:path";
import { member, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { suggest } from "../../core/suggest.ts";

export interface ArchivePaths {
  readonly base_path: string;
  readonly default_path: string;
  readonly paths: Readonly<Record<string, string>>;
}

/** Absolute and normalized, so that one file has one path. The error says why the payload has none. */
export function archivePath(payload: JsonObject, options: ArchivePaths): Result<string, string> {
  const template = templateOf(member(payload, "archive_type"), options);
  if (!template.ok) return template;
  const missing: string[] = [];
  const below = template.value.replace(PLACEHOLDER, (_, name: string) => {
    const value = member(payload, name);
    if (typeof value === "string") return value;
    missing.push(name);
    return "";
  });
  const [first] = missing;
  if (first !== undefined)
    return err(
      `payload: the path ${JSON.stringify(template.value)} needs a text under the key ${JSON.stringify(first)}`,
    );
  if (climbs(below) || below.includes("\0")) return err(`payload: the path ${JSON.stringify(below)} is not allowed`);
  const base = resolve(options.base_path);
  const path = join(base, below);
  const way = relative(base, path);
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || path.endsWith(sep))
    return err(`payload: the path ${JSON.stringify(below)} names no file below the base path`);
  return ok(path);
}

/** Tornado's test: a step upwards, with either slash. Hidden files whose names begin with two dots go with it. */
export const climbs = (below: string): boolean => /[/\\]\.\./.test(`/${below}`);

const PLACEHOLDER = /\$\{([^}]*)\}/g;

function templateOf(type: unknown, { default_path, paths }: ArchivePaths): Result<string, string> {
  if (typeof type !== "string") return ok(default_path);
  if (Object.hasOwn(paths, type)) return ok(paths[type]!);
  const near = suggest(type, Object.keys(paths));
  const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}`;
  return err(`payload.archive_type: ${JSON.stringify(type)} has no entry in the option paths${hint}`);
}
