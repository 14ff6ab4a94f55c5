/** Files that rules name (`in: {file: PATH}`): one value a line; blank lines and the line ends do not count. */
import { resolve } from "node:path";
import type { IssueSink } from "../core/diagnostic.ts";
import { readNamedFile } from "./option-files.ts";

export interface ListFiles {
  /** Null after a problem was reported. A relative path starts at the configuration folder. */
  readonly read: (path: string, issues: IssueSink) => readonly string[] | null;
  /** All that was read, for the hash. */
  readonly texts: () => readonly string[];
}

export function listFiles(dir: string): ListFiles {
  const texts: string[] = [];
  return {
    read(path, issues) {
      const text = readNamedFile(resolve(dir, path), path, issues);
      if (text === null) return null;
      texts.push(text);
      return text.split(/\r?\n/).filter((line) => line !== "");
    },
    texts: () => texts,
  };
}
