/** Reads the files of a configuration folder, in file-name order. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { reasonOf } from "./reason-of.ts";
import { configDocument, fileWithIssue, type ConfigDocument } from "./config-document.ts";

const EXTENSIONS = [".yaml", ".yml", ".json"];
const MAX_FILE_BYTES = 16_777_216;
const FILES_AT_ONCE = 32;

export interface Folder {
  readonly files: readonly ConfigDocument[];
  /** Names of folders inside, in order. */
  readonly folders: readonly string[];
  /** Files that are not looked at, each with its warning. */
  readonly ignored: readonly ConfigDocument[];
}

/** A folder that is missing is empty. */
export async function readFolder(dir: string, folder: string): Promise<Folder> {
  const files: string[] = [];
  const folders: string[] = [];
  const ignored: ConfigDocument[] = [];
  for (const name of await namesIn(join(dir, folder))) {
    if (name.startsWith(".") || name.endsWith("~")) continue;
    const file = `${folder}/${name}`;
    const info = await stat(join(dir, file)).catch((error: NodeJS.ErrnoException) => error);
    if (info instanceof Error)
      ignored.push(fileWithIssue(file, "error", { code: "unreadable", message: `cannot be read: ${reasonOf(info)}` }));
    else if (info.isDirectory()) folders.push(name);
    else if (EXTENSIONS.some((extension) => name.endsWith(extension))) files.push(file);
    else if (!isNote(name))
      ignored.push(
        fileWithIssue(file, "warning", {
          code: "ignored-file",
          message: "this file is not looked at",
          accepted: `files that end in ${EXTENSIONS.join(", ")}`,
        }),
      );
  }
  return { files: await readAll(dir, files), folders, ignored };
}

/** Notes for people may lie beside. */
const isNote = (name: string): boolean => /^readme|\.md$/i.test(name);

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

async function readAll(dir: string, files: readonly string[]): Promise<readonly ConfigDocument[]> {
  const documents: ConfigDocument[] = [];
  for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
    documents.push(...(await Promise.all(files.slice(at, at + FILES_AT_ONCE).map((file) => readDocument(dir, file)))));
    await setImmediate(); // a reload with many rules must not stall the events meanwhile
  }
  return documents;
}

/** A file that cannot be read is a document without a value. */
export async function readDocument(dir: string, file: string): Promise<ConfigDocument> {
  try {
    const { size } = await stat(join(dir, file));
    if (size > MAX_FILE_BYTES)
      return fileWithIssue(file, "error", {
        code: "unreadable",
        message: `${size} bytes`,
        accepted: `up to ${MAX_FILE_BYTES} bytes`,
      });
    return configDocument(file, decode(await readFile(join(dir, file))));
  } catch (error) {
    return fileWithIssue(file, "error", { code: "unreadable", message: `cannot be read: ${reasonOf(error as Error)}` });
  }
}

/** Throws where the bytes are no UTF-8. */
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
