/**
 * Diagnostics for people:
 *
 *     rules/hosts/010_down.yaml:4:11 error unknown-operator: unknown operator "equls"
 *       4 |     type: equls
 *         |           ^
 *       accepted: AND, OR, NOT, equals …
 *       did you mean "equals"?
 *
 * Secrets in the line are masked. The line is read from the file as it is now.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../core/diagnostic.ts";
import { masked, secretRanges, type Range } from "./mask-source.ts";

export interface PrintOptions {
  /** The configuration folder, for the lines of its files. */
  readonly dir: string;
  readonly colour: boolean;
}

/** One block for each, an empty line between; ends in a line break, and is empty for none. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], { dir, colour }: PrintOptions): string {
  const paint = colour ? coloured : plain;
  const sources = new Map<string, Source | null>();
  const sourceOf = (file: string): Source | null => {
    const known = sources.get(file);
    if (known !== undefined) return known;
    const source = readSource(dir, file);
    sources.set(file, source);
    return source;
  };
  return diagnostics.map((each) => printOne(each, sourceOf(each.file), paint)).join("\n");
}

/** `2 errors, 1 warning`; empty for none. */
export function printCounts(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic["severity"]): string[] => {
    const n = diagnostics.filter((each) => each.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? "" : "s"}`];
  };
  return [...count("error"), ...count("warning")].join(", ");
}

/** For programs: `{errors, warnings, diagnostics: […]}` as JSON, without source lines. */
export function printDiagnosticsJson(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return `${JSON.stringify({ errors, warnings: diagnostics.length - errors, diagnostics }, null, 2)}\n`;
}

interface Source {
  readonly text: string;
  readonly secrets: readonly Range[];
}

/** Null: what a diagnostic names is no file (`--set`), or it cannot be read, which is then what it says. */
function readSource(dir: string, file: string): Source | null {
  try {
    const text = readFileSync(join(dir, file), "utf8").replace(/^\uFEFF/, "");
    return { text, secrets: secretRanges(file, text) };
  } catch {
    return null;
  }
}

type Style = "error" | "warning" | "place" | "dim";
type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, string>> = { error: "31;1", warning: "33;1", place: "1", dim: "2" };
const plain: Paint = (_, text) => text;
const coloured: Paint = (style, text) => `\u001B[${CODES[style]}m${text}\u001B[0m`;

function printOne(diagnostic: Diagnostic, source: Source | null, paint: Paint): string {
  const { file, line, column, severity, code, message, accepted, suggestion } = diagnostic;
  const lines = [
    `${paint("place", `${file}:${line}:${column}`)} ${paint(severity, `${severity} ${code}`)}: ${printable(message)}`,
  ];
  const excerpt = source && excerptOf(source, diagnostic);
  if (excerpt) {
    const number = String(line);
    lines.push(`  ${paint("dim", `${number} |`)} ${excerpt.line}`);
    lines.push(
      `  ${paint("dim", `${" ".repeat(number.length)} |`)} ${" ".repeat(excerpt.caret)}${paint(severity, "^")}`,
    );
  }
  if (accepted !== undefined) lines.push(`  accepted: ${printable(accepted)}`);
  if (suggestion !== undefined) lines.push(`  did you mean ${JSON.stringify(suggestion)}?`);
  return `${lines.join("\n")}\n`;
}

const WIDTH = 120;
const BEFORE_CARET = 60;

/** The line, cut around the caret, without secrets and control characters. Null for an empty one. */
function excerptOf(
  { text, secrets }: Source,
  { line, column }: Diagnostic,
): { readonly line: string; readonly caret: number } | null {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return null;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  const stop = end < 0 ? text.length : end;
  const shown = printable(masked(text, start, stop, secrets).trimEnd());
  if (shown.trim() === "") return null;
  const caret = printable(masked(text, start, Math.min(start + column - 1, stop), secrets)).length;
  const from = caret > WIDTH - 10 ? caret - BEFORE_CARET : 0;
  const cut = shown.slice(from, from + WIDTH);
  const left = from > 0 ? "…" : "";
  return { line: left + cut + (from + WIDTH < shown.length ? "…" : ""), caret: caret - from + left.length };
}

/** What a terminal would act upon, and tabs, whose width nobody knows. */
const printable = (text: string): string => text.replace(/\t/g, " ").replace(/[\u0000-\u001F\u007F-\u009F]/g, "\uFFFD");
