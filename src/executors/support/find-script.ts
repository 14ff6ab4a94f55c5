/**
 * Which file a script's name means, and whether it may be run: its real path, after all symbolic links, must lie below
 * the real path of one of the directories. A relative name is looked for from the working directory, as Tornado does,
 * then in each directory.
 */
import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { err, ok, type Result } from "../../core/result.ts";

export interface NoScript {
  /** `outside`: it will never be allowed; `absent`: the file is not there (yet). */
  readonly kind: "outside" | "absent";
  readonly message: string;
}

export async function findScript(program: string, directories: readonly string[]): Promise<Result<string, NoScript>> {
  const name = JSON.stringify(program);
  if (program.includes("\0")) return err({ kind: "outside", message: `${name} is no file name` });
  const candidates = isAbsolute(program)
    ? [program]
    : [resolve(program), ...directories.map((directory) => join(directory, program))];
  const roots = directories.map((directory) => resolve(directory));
  const realRoots = (await Promise.all(roots.map(realPath))).filter((root) => root !== undefined);
  let absent = false;
  for (const candidate of candidates) {
    const real = await realPath(candidate);
    if (real !== undefined && realRoots.some((root) => isBelow(root, real))) return ok(real);
    if (real === undefined && [...roots, ...realRoots].some((root) => isBelow(root, resolve(candidate)))) absent = true;
  }
  const allowed = roots.map((root) => JSON.stringify(root)).join(", ");
  if (absent) return err({ kind: "absent", message: `the script ${name} is not there; directories: ${allowed}` });
  return err({
    kind: "outside",
    message: `the script ${name} is not below a directory for scripts; accepted: ${allowed}`,
  });
}

/** Undefined when there is no such file, or the way to it is closed. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // fs throws nothing else
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "ELOOP" || code === "ENAMETOOLONG")
      return undefined;
    throw error;
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
