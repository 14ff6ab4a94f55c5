import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Made, Refused } from "./made.ts";

/** Null: written. Otherwise why not: a file that is there is never lost, nor what was put into it meanwhile. */
export async function writeNew(dir: string, { file, text, before }: Exclude<Made, Refused>): Promise<string | null> {
  const path = join(dir, file);
  await mkdir(dirname(path), { recursive: true });
  if (before === null) {
    try {
      await writeFile(path, text, { flag: "wx" });
      return null;
    } catch (error) {
      // An error of node:fs.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return `${file} is there already; nothing was written`;
      throw error;
    }
  }
  if ((await readFile(path, "utf8")) !== before) return `${file} was changed meanwhile; nothing was written`;
  const beside = `${path}.new`;
  try {
    await writeFile(beside, text, { flag: "wx" });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return null;
}
