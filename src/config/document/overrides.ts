/**
 * `--set path=value`: settings from the command line, over those of the file. The path is of keys joined by dots; the
 * value is a YAML scalar, or a list or object in `[…]` or `{…}`. What is wrong with one is told at the argument itself.
 */
import type { Diagnostic, DocumentPath } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import type { Elsewhere } from "./config-document.ts";
import { parseDocument } from "./parse-document.ts";
import { valueAt, withValueAt } from "./value-at.ts";

export interface Overridden {
  readonly value: Json;
  /** Which argument set what is at a path. */
  readonly elsewhere: Elsewhere;
  /** Of arguments that cannot be understood. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Override {
  readonly path: readonly string[];
  readonly value: Json;
}

export function applyOverrides(file: Json, args: readonly string[]): Overridden {
  const overrides: Override[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const argument of args) {
    const parts = /^([^=.\s]+(?:\.[^=.\s]+)*)=([\s\S]*)$/.exec(argument);
    const path = parts ? parts[1]!.split(".") : [];
    const value = parts ? readValue(parts[2]!) : undefined;
    if (value === undefined) diagnostics.push(malformed(path, argument));
    else overrides.push({ path, value });
  }
  return {
    value: overrides.reduce<Json>((settings, { path, value }) => withValueAt(settings, path, value), file),
    elsewhere(path, what) {
      const inFile = path.length === 0 || valueAt(file, path) !== undefined;
      const by = overrides.findLast((one) => startsWith(path, one.path) || (!inFile && startsWith(one.path, path)));
      if (!by) return undefined;
      const label = labelOf(by.path);
      return {
        file: label,
        line: 1,
        column: what === "value" && startsWith(path, by.path) ? label.length + 2 : PATH_COLUMN,
      };
    },
    diagnostics,
  };
}

/** Behind `--set `. */
const PATH_COLUMN = 7;
const labelOf = (path: readonly string[]): string => `--set ${path.join(".")}`;
const startsWith = (path: DocumentPath, prefix: DocumentPath): boolean =>
  prefix.every((step, at) => String(path[at]) === String(step));

/** Undefined: no YAML. Plain text with a colon is text, not an object. */
function readValue(text: string): Json | undefined {
  const { value } = parseDocument(text);
  const structured = /^\s*[[{]/.test(text);
  if (structured) return value;
  return value === undefined || (typeof value === "object" && value !== null) ? text : value;
}

function malformed(path: readonly string[], argument: string): Diagnostic {
  const [message, accepted] =
    path.length > 0
      ? ["the value is neither a list nor an object", "a YAML scalar, [a, b] or {key: value}"]
      : [`${JSON.stringify(argument.split("=")[0])} sets nothing`, "path=value, such as ingest.port=8090"];
  const file = path.length > 0 ? labelOf(path) : "--set";
  return { severity: "error", code: "bad-override", path, message, accepted, file, line: 1, column: 1 };
}
