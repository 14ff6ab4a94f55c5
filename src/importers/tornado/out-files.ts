/** The files to write, and where each comes from. Nothing is written before all of the source was read. */
export interface OutFile {
  readonly text: string;
  /** What it was made of, the first first; relative to the source folder. */
  readonly sources: string[];
  /** Only for its owner: it holds tokens. */
  readonly isSecret: boolean;
}

export interface OutFiles {
  set(target: string, source: string, text: string, isSecret?: boolean): void;
  origin(target: string, source: string): void;
  readonly all: ReadonlyMap<string, OutFile>;
}

export function outFiles(): OutFiles {
  const all = new Map<string, OutFile>();
  const origins = new Map<string, string[]>();
  const sourcesOf = (target: string): string[] => {
    const known = origins.get(target) ?? [];
    origins.set(target, known);
    return known;
  };
  const origin = (target: string, source: string): void => {
    const known = sourcesOf(target);
    if (!known.includes(source)) known.push(source);
  };
  return {
    all,
    origin,
    set(target, source, text, isSecret = false) {
      origin(target, source);
      all.set(target, { text, sources: sourcesOf(target), isSecret });
    },
  };
}
