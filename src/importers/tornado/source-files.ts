/** Reading a Tornado installation: paths are relative to the folder it is imported from, with `/`. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../component/app-error.ts";
import { isArray, isObject, parseJson, type JsonObject } from "../../core/json.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { ReportSink } from "./report.ts";

export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly links: readonly string[];
}

export interface JsonSource {
  readonly text: string;
  readonly document: JsonObject;
}

export interface SourceFiles {
  /** Null: there is no such folder. Names in byte order; links are neither file nor folder, as in Tornado. */
  list(folder: string): Listing | null;
  isFile(path: string): boolean;
  isFolder(path: string): boolean;
  read(path: string): Result<string, string>;
  /** The object in a JSON file; null after it was refused. */
  readObject(path: string, report: ReportSink): JsonSource | null;
}

export function sourceFiles(root: string): SourceFiles {
  const info = (path: string) => readable(path, () => statSync(join(root, path), { throwIfNoEntry: false }));
  const read = (path: string): Result<string, string> => {
    try {
      return ok(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(join(root, path))));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // fs errors have one; those of the decoder too
      return err(code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "is no UTF-8" : `cannot be read: ${code}`);
    }
  };
  return {
    list(folder) {
      if (!info(folder)?.isDirectory()) return null;
      const entries = readable(folder, () => readdirSync(join(root, folder), { withFileTypes: true }));
      const names = (wanted: "isFile" | "isDirectory" | "isSymbolicLink"): readonly string[] =>
        entries
          .filter((entry) => entry[wanted]())
          .map(({ name }) => name)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return { files: names("isFile"), folders: names("isDirectory"), links: names("isSymbolicLink") };
    },
    isFile: (path) => info(path)?.isFile() ?? false,
    isFolder: (path) => info(path)?.isDirectory() ?? false,
    read,
    readObject(path, report) {
      const text = read(path);
      const parsed = text.ok ? parseJson(text.value.trim()) : text;
      if (!parsed.ok) {
        const { error } = parsed;
        // What JSON.parse says quotes the text, which may hold a token.
        report.refused(
          path,
          typeof error === "string" ? error : error.kind === "syntax" ? "no valid JSON" : error.message,
        );
        return null;
      }
      if (isObject(parsed.value) && text.ok) return { text: text.value, document: parsed.value };
      const isList = isArray(parsed.value);
      report.refused(path, isList ? "an array in place of an object" : "no JSON object", isList ? 11 : undefined);
      return null;
    },
  };
}

export function noteLinks({ links }: Listing, folder: string, report: ReportSink): void {
  for (const name of links) report.note(below(folder, name), "a symbolic link, which Tornado does not follow in rules");
}

/** A folder that cannot be looked into may hold anything: then there is no import. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AppError("configuration", `${path || "the source"} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export const below = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);
