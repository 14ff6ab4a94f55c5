/** Reads the files of a configuration folder, in file-name order. */
import { readFileSync, statSync, type Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { reasonOf } from "./reason-of.ts";
import { configDocument, fileWithIssue, type ConfigDocument } from "./config-document.ts";

const EXTENSIONS = [".yaml", ".yml", ".json"];
const MAX_FILE_BYTES = 16_777_216;
const FILES_AT_ONCE = 8;

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
  for (const entry of await entriesOf(join(dir, folder))) {
    const { name } = entry;
    if (name.startsWith(".") || name.endsWith("~")) continue;
    const file = `${folder}/${name}`;
    const kind = kindOf(entry, join(dir, file));
    if (kind === "folder") folders.push(name);
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

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Links count as what they lead to; one that leads nowhere is a file that cannot be read. */
function kindOf(entry: Dirent, path: string): "folder" | "file" {
  const isFolder = entry.isSymbolicLink()
    ? statSync(path, { throwIfNoEntry: false })?.isDirectory()
    : entry.isDirectory();
  return isFolder === true ? "folder" : "file";
}

/** Few at once, so that a reload with many rules does not stall the events meanwhile. */
async function readAll(dir: string, files: readonly string[]): Promise<readonly ConfigDocument[]> {
  const documents: ConfigDocument[] = [];
  for (const file of files) {
    documents.push(readDocument(dir, file));
    if (documents.length % FILES_AT_ONCE === 0) await setImmediate();
  }
  return documents;
}

/** A file that cannot be read is a document without a value. Waiting for small files one by one costs more than reading. */
export function readDocument(dir: string, file: string): ConfigDocument {
  const unreadable = (message: string, accepted?: string): ConfigDocument =>
    fileWithIssue(file, "error", { code: "unreadable", message, ...(accepted === undefined ? {} : { accepted }) });
  try {
    const info = statSync(join(dir, file));
    if (!info.isFile()) return unreadable("this is no file");
    if (info.size > MAX_FILE_BYTES) return unreadable(`${info.size} bytes`, `up to ${MAX_FILE_BYTES} bytes`);
    return configDocument(file, decode(readFileSync(join(dir, file))));
  } catch (error) {
    return unreadable(`cannot be read: ${reasonOf(error as Error)}`);
  }
}

/** Throws where the bytes are no UTF-8. */
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
