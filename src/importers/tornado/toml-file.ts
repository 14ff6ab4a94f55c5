/** One TOML file of Tornado, read key by key. Values of the wrong type are refused. */
import { parse, TomlError } from "smol-toml";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import type { ReportSink } from "./report.ts";
import type { SourceFiles } from "./source-files.ts";

export interface TomlFile {
  readonly source: string;
  /** Dots lead into tables. */
  text(key: string): string | undefined;
  number(key: string): number | undefined;
  boolean(key: string): boolean | undefined;
  table(key: string): JsonObject | undefined;
  has(key: string): boolean;
}

/** Null: there is no such file, or it was refused. */
export function readToml(files: SourceFiles, source: string, report: ReportSink): TomlFile | null {
  if (!files.isFile(source)) return null;
  const text = files.read(source);
  if (!text.ok) {
    report.refused(source, text.error);
    return null;
  }
  let root: Json;
  try {
    // Dates do not occur in these files; as JSON they are texts.
    root = JSON.parse(JSON.stringify(parse(text.value))) as Json;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Its message shows the line, which may hold a password.
    report.refused(source, `no valid TOML in line ${error.line}, column ${error.column}`);
    return null;
  }
  const at = (key: string): Json | undefined =>
    key
      .split(".")
      .reduce<Json | undefined>(
        (value, part) => (isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined),
        root,
      );
  function typed<T extends Json>(key: string, expected: string, isRight: (value: Json) => value is T): T | undefined {
    const value = at(key);
    if (value === undefined || isRight(value)) return value;
    report.refused(source, `${key} is not ${expected}`);
    return undefined;
  }
  return {
    source,
    text: (key) => typed(key, "a text", (value): value is string => typeof value === "string"),
    number: (key) => typed(key, "a number", (value): value is number => typeof value === "number"),
    boolean: (key) => typed(key, "true or false", (value): value is boolean => typeof value === "boolean"),
    table: (key) => typed(key, "a table", (value): value is JsonObject => isObject(value)),
    has: (key) => at(key) !== undefined,
  };
}
