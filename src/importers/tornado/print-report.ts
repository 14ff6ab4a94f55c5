import type { Entry, ImportReport } from "./report.ts";

/** For people: counts, then what needs a look, refusals first. */
export function printReport({ mapped, changed, refused, notes, environment, diagnostics }: ImportReport): string {
  const counts = `${mapped.length} mapped, ${changed.length} changed, ${refused.length} refused\n`;
  const told = diagnostics.map(
    ({ file, line, column, severity, code, message }) => `${file}:${line}:${column} ${severity} ${code}: ${message}`,
  );
  return [
    counts,
    section("refused", refused.map(lineOf)),
    section("changed", changed.map(lineOf)),
    section("notes", notes.map(lineOf)),
    section(
      "variables to set",
      environment.map(({ name, source, key }) => `${name}: ${key} of ${source}`),
    ),
    section("problems of the configuration written", told),
    section(
      "mapped",
      mapped.map(({ source, target }) => `${source} -> ${target}`),
    ),
  ].join("");
}

export const printReportJson = (report: ImportReport): string => `${JSON.stringify(report, null, 2)}\n`;

const lineOf = ({ source, message, deviation }: Entry): string =>
  `${source}: ${message}${deviation === undefined ? "" : ` (deviation ${deviation})`}`;

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : `\n${title}:\n${lines.map((line) => `  ${visible(line)}\n`).join("")}`;

/** Names come from files: none may act upon the terminal. */
const visible = (line: string): string => line.replace(/[\u0000-\u001F\u007F-\u009F]/g, "\uFFFD");
