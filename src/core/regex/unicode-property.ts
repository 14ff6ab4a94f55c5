/**
 * `\p{…}` by Rust's loose names: case, blanks, `_` and `-` are ignored, and so is a leading `is`. A lone name is looked for
 * among binary properties, then general categories, then scripts; `gc=`, `sc=` and `scx=` choose.
 */
import { ANY, type CodePointSet, negate, setOf } from "./code-point-set.ts";
import { decodeRanges } from "./decode-table.ts";
import { UNICODE_SPACE } from "./unicode-classes.ts";
import {
  BOOLEAN_NAMES,
  BOOLEANS,
  CATEGORIES,
  CATEGORY_GROUPS,
  CATEGORY_NAMES,
  SCRIPT_EXTENSIONS,
  SCRIPT_NAMES,
  SCRIPTS,
} from "./unicode-properties.ts";

/** The members, or the reason why there are none. */
export function unicodeProperty(text: string): CodePointSet | string {
  if (text.includes("!=")) return `\\p{${text}}: != is not supported, use \\P{…}`;
  const split = text.indexOf(":") >= 0 ? text.indexOf(":") : text.indexOf("=");
  if (split < 0) return lone(loose(text)) ?? `unknown Unicode property ${JSON.stringify(text)}`;
  const value = loose(text.slice(split + 1));
  const unknown = `unknown value of a Unicode property ${JSON.stringify(text)}`;
  switch (loose(text.slice(0, split))) {
    case "gc":
    case "generalcategory":
      return category(value) ?? unknown;
    case "sc":
    case "script":
      return script(value) ?? unknown;
    case "scx":
    case "scriptextensions":
      return scriptExtensions(value) ?? unknown;
    case "age":
    case "gcb":
    case "graphemeclusterbreak":
    case "wb":
    case "wordbreak":
    case "sb":
    case "sentencebreak":
      return `Unicode property ${JSON.stringify(text)} is not supported, only categories, scripts and binary properties`;
    default:
      return `unknown Unicode property ${JSON.stringify(text)}`;
  }
}

function lone(name: string): CodePointSet | undefined {
  // These three are also short names of properties that are not sets; the categories are meant.
  const binary = ["cf", "sc", "lc"].includes(name) ? undefined : canonical(BOOLEAN_NAMES, name);
  if (binary === "White_Space") return UNICODE_SPACE;
  if (binary !== undefined) return decoded(BOOLEANS[binary]);
  return category(name) ?? script(name);
}

function category(name: string): CodePointSet | undefined {
  switch (name) {
    case "any":
      return ANY;
    case "ascii":
      return [0, 127];
    case "assigned":
      return negate(decodeRanges(CATEGORIES["Unassigned"] ?? ""));
  }
  const found = canonical(CATEGORY_NAMES, name);
  if (found === undefined) return undefined;
  const members = CATEGORY_GROUPS[found];
  return members === undefined
    ? decoded(CATEGORIES[found])
    : setOf(members.flatMap((member) => decodeRanges(CATEGORIES[member] ?? "")));
}

function script(name: string): CodePointSet | undefined {
  const found = canonical(SCRIPT_NAMES, name);
  return found === undefined ? undefined : decoded(SCRIPTS[found]);
}

function scriptExtensions(name: string): CodePointSet | undefined {
  const found = canonical(SCRIPT_NAMES, name);
  return found === undefined ? undefined : decoded(SCRIPT_EXTENSIONS[found] ?? SCRIPTS[found]);
}

const decoded = (table: string | undefined): CodePointSet | undefined =>
  table === undefined ? undefined : decodeRanges(table);

function canonical(names: string, looseName: string): string | undefined {
  for (const entry of names.split(";")) {
    const split = entry.indexOf("=");
    if (
      entry
        .slice(split + 1)
        .split(",")
        .includes(looseName)
    )
      return entry.slice(0, split);
  }
  return undefined;
}

function loose(name: string): string {
  const prefixed = /^is/iu.test(name);
  const text = name
    .slice(prefixed ? 2 : 0)
    .replace(/[ _-]|[^\0-\x7f]/gu, "")
    .replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
  return prefixed && text === "c" ? "isc" : text;
}
