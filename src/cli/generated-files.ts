import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface GeneratedFile {
  /** With `/`, from the folder that everything is below. */
  readonly file: string;
  /** Null: it is there and should not be. */
  readonly text: string | null;
}

/** What differs from the files on disk. The folders generated into hold nothing else. */
export async function changedFiles(
  dir: string,
  generated: ReadonlyMap<string, string>,
): Promise<readonly GeneratedFile[]> {
  const folders = new Set([...generated.keys()].map((file) => dirname(file)));
  const there = (await Promise.all([...folders].map((folder) => namesIn(dir, folder)))).flat();
  const stray = there.filter((file) => !generated.has(file)).map((file) => ({ file, text: null }));
  const texts = await Promise.all(
    [...generated].map(async ([file, text]) => ({ file, text, found: await textOf(join(dir, file)) })),
  );
  return [...texts.filter(({ text, found }) => text !== found).map(({ file, text }) => ({ file, text })), ...stray];
}

export async function writeFiles(dir: string, files: readonly GeneratedFile[]): Promise<void> {
  for (const { file, text } of files) {
    const path = join(dir, file);
    if (text === null) await rm(path);
    else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }
}

const namesIn = async (dir: string, folder: string): Promise<readonly string[]> =>
  (await readdir(join(dir, folder), { withFileTypes: true }).catch(ifMissing([])))
    .filter((entry) => entry.isFile())
    .map((entry) => `${folder}/${entry.name}`);

const textOf = (path: string): Promise<string | null> => readFile(path, "utf8").catch(ifMissing(null));

const ifMissing =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
