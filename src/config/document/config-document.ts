/** One file of the configuration with the issues found in it. */
import type { Diagnostic, DocumentPath, Issue, IssueSink } from "../../core/diagnostic.ts";
import { issueSink } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import { parseDocument, type Position } from "./parse-document.ts";

export interface ConfigDocument {
  /** Relative to the configuration folder, with `/`. */
  readonly file: string;
  /** File name without folder and extension. */
  readonly stem: string;
  readonly text: string;
  /** Undefined: it could not be read or parsed, and that was reported. */
  readonly value: Json | undefined;
  readonly issues: IssueSink;
  diagnostics(elsewhere?: Elsewhere): readonly Diagnostic[];
}

/** Where something stands that is not in the file, such as what `--set` gave; undefined: in the file. */
export type Elsewhere = (
  path: DocumentPath,
  what: "value" | "key",
) => (Position & { readonly file: string }) | undefined;

export function configDocument(file: string, text: string): ConfigDocument {
  const parsed = parseDocument(text, file.endsWith(".json") ? "json" : "yaml");
  const issues: Issue[] = [];
  return {
    file,
    stem: stemOf(file),
    text,
    value: parsed.value,
    issues: issueSink(issues),
    diagnostics: (elsewhere = () => undefined) =>
      sorted([
        ...parsed.problems.map(({ code, message, accepted, line, column }): Diagnostic => {
          const more = accepted === undefined ? {} : { accepted };
          return { severity: "error", code, path: [], message, ...more, file, line, column };
        }),
        ...issues.map((issue): Diagnostic => {
          const what = isAboutKey(issue) ? "key" : "value";
          return { ...issue, file, ...(elsewhere(issue.path, what) ?? parsed.locate(issue.path, what)) };
        }),
      ]),
  };
}

/** For what concerns a file as a whole: that it cannot be read, or is not looked at. */
export function fileWithIssue(
  file: string,
  severity: Issue["severity"],
  issue: Omit<Issue, "severity" | "path">,
): ConfigDocument {
  const issues: Issue[] = [{ severity, path: [], ...issue }];
  return {
    file,
    stem: stemOf(file),
    text: "",
    value: undefined,
    issues: issueSink(issues),
    diagnostics: () => issues.map((each) => ({ ...each, file, line: 1, column: 1 })),
  };
}

/** Names under `name` and `id` are values, others are keys. */
function isAboutKey({ code, path }: Issue): boolean {
  const last = path.at(-1);
  return code === "unknown-key" || code === "no-type" || (code === "bad-name" && last !== "name" && last !== "id");
}

const stemOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");

const sorted = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
