/** The files to write, and where each comes from. Nothing is written before all of the source was read. */
import type { DocumentPath } from "../../core/diagnostic.ts";

export interface OutFile {
  readonly text: string;
  /** Only for its owner: it holds tokens. */
  readonly isSecret: boolean;
}

export interface OutFiles {
  set(target: string, text: string, isSecret?: boolean): void;
  /** What stands at `path` of a file was made of `source`, which is relative to the source folder. */
  origin(target: string, path: DocumentPath, source: string): void;
  /** Of the innermost part around `path`. */
  originOf(target: string, path: DocumentPath): string | undefined;
  readonly all: ReadonlyMap<string, OutFile>;
}

export function outFiles(): OutFiles {
  const all = new Map<string, OutFile>();
  const origins = new Map<string, string>();
  const keyOf = (target: string, path: DocumentPath): string => JSON.stringify([target, ...path]);
  return {
    all,
    set: (target, text, isSecret = false) => void all.set(target, { text, isSecret }),
    origin: (target, path, source) => void origins.set(keyOf(target, path), source),
    originOf(target, path) {
      for (let length = path.length; length >= 0; length--) {
        const found = origins.get(keyOf(target, path.slice(0, length)));
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
