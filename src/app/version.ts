import { readFile } from "node:fs/promises";

/** Of the package; the path is the same from `src` and from `dist`. */
export async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string; // npm does not pack without one
  };
  return version;
}
