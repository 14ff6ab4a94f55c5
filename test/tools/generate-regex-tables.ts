/**
 * Writes the Unicode tables of `src/core/regex/`.
 *
 * Squall promises the classes of Rust's regex 1.10, so the tables are read from the source of the crate that defines them,
 * `regex-syntax` 0.8.2 (Unicode 15.0), not from the JavaScript engine, whose Unicode version moves with Node:
 *
 *     cargo init /tmp/t && cd /tmp/t && cargo add regex-syntax@=0.8.2 && cargo fetch
 *     node test/tools/generate-regex-tables.ts ~/.cargo/registry/src/*\/regex-syntax-0.8.2/src/unicode_tables
 *
 * The numbers are facts of the Unicode Character Database (Unicode License v3). The form is our own: the distances between
 * ascending code points, in base 32 with a continuation bit (`decode-table.ts`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const number = (value: number): string => {
  let text = "";
  let rest = value;
  do {
    const low = rest % 32;
    rest = (rest - low) / 32;
    text += DIGITS[low + (rest > 0 ? 32 : 0)];
  } while (rest > 0);
  return text;
};

/** Distances of an ascending list. */
const ascending = (values: readonly number[]): string => {
  let previous = 0;
  return values
    .map((value) => {
      const text = number(value - previous);
      previous = value;
      return text;
    })
    .join("");
};

const CHAR = String.raw`'(\\u\{[0-9a-f]+\}|\\.|[^\\])'`;

const codePoint = (literal: string): number => {
  if (literal.startsWith("\\u{")) return Number.parseInt(literal.slice(3, -1), 16);
  if (literal.startsWith("\\")) {
    const known: Record<string, number> = { "0": 0, n: 10, r: 13, t: 9, "'": 39, '"': 34, "\\": 92 };
    const value = known[literal[1] ?? ""];
    if (value === undefined) throw new Error(`unknown character literal ${literal}`);
    return value;
  }
  return literal.codePointAt(0) ?? 0;
};

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: generate-regex-tables.ts <regex-syntax-0.8.2/src/unicode_tables>");
const source = (file: string): string => readFileSync(join(folder, file), "utf8");

/** Range tables of a file: constant name → flat ranges. */
const rangesOf = (file: string): Map<string, number[]> => {
  const tables = new Map<string, number[]>();
  for (const [, name, body] of source(file).matchAll(
    /pub const (\w+): &'static \[\(char, char\)\] =\s*&\[(.*?)\];/gsu,
  )) {
    const flat: number[] = [];
    for (const pair of (body ?? "").matchAll(new RegExp(`\\(${CHAR}, ${CHAR}\\)`, "gsu"))) {
      flat.push(codePoint(pair[1] ?? ""), codePoint(pair[2] ?? ""));
    }
    tables.set(name ?? "", flat);
  }
  return tables;
};

/** Canonical property value → flat ranges. */
const byName = (file: string): Map<string, number[]> => {
  const tables = rangesOf(file);
  const list = /pub const BY_NAME[^=]*=\s*&\[(.*?)\];/su.exec(source(file))?.[1] ?? "";
  const found = new Map<string, number[]>();
  for (const [, name, constant] of list.matchAll(/\("(\w+)",\s*(\w+)\)/gu)) {
    const table = tables.get(constant ?? "");
    if (table === undefined) throw new Error(`${file}: no table ${constant}`);
    found.set(name ?? "", table);
  }
  return found;
};

const pairsOf = (text: string): [string, string][] =>
  [...text.matchAll(/\("([^"]+)",\s*"([^"]+)"\)/gu)].map((m) => [m[1] ?? "", m[2] ?? ""]);

/** Loose names of the values of one property. */
const valueNames = (property: string): [string, string][] => {
  const at = source("property_values.rs");
  const start = at.indexOf(`"${property}",\n        &[`);
  return pairsOf(at.slice(start, at.indexOf("],", start)));
};

/** `Canonical=loose,loose;…` */
const aliases = (pairs: readonly (readonly [string, string])[]): string => {
  const grouped = new Map<string, string[]>();
  for (const [loose, canonical] of pairs) grouped.set(canonical, [...(grouped.get(canonical) ?? []), loose]);
  return [...grouped].map(([canonical, loose]) => `${canonical}=${loose.join(",")}`).join(";");
};

const table = (entries: Iterable<[string, number[]]>): string =>
  [...entries].map(([name, ranges]) => `  ${name}: "${ascending(ranges)}",`).join("\n");

const only = (file: string): number[] => {
  const [first] = rangesOf(file).values();
  if (first === undefined) throw new Error(`${file}: no table`);
  return first;
};

/** Orbits of simple case folding: sets of code points equal to each other. */
const orbits = (): string => {
  const seen = new Set<number>();
  let previous = 0;
  let text = "";
  for (const [, from, to] of source("case_folding_simple.rs").matchAll(
    new RegExp(`\\(${CHAR}, &\\[(.*?)\\]\\)`, "gsu"),
  )) {
    const orbit = [
      codePoint(from ?? ""),
      ...[...(to ?? "").matchAll(new RegExp(CHAR, "gsu"))].map((m) => codePoint(m[1] ?? "")),
    ];
    orbit.sort((a, b) => a - b);
    if (orbit.some((c) => seen.has(c))) {
      if (!orbit.every((c) => seen.has(c))) throw new Error("orbits overlap");
      continue;
    }
    for (const c of orbit) seen.add(c);
    const [first = 0, ...others] = orbit;
    text += number(orbit.length) + number(first - previous);
    let last = first;
    for (const c of others) {
      text += number(c - last);
      last = c;
    }
    previous = first;
  }
  return text;
};

const HEADER = `// Generated by test/tools/generate-regex-tables.ts from regex-syntax 0.8.2; do not edit.
// Unicode 15.0 data, Unicode License v3 (https://www.unicode.org/license.txt). Encoding: decode-table.ts.
`;

writeFileSync(
  "src/core/regex/unicode-tables.ts",
  `${HEADER}
/** \`\\d\`: Decimal_Number. */
export const DIGIT = "${ascending(only("perl_decimal.rs"))}";
/** \`\\s\`: White_Space. */
export const SPACE = "${ascending(only("perl_space.rs"))}";
/** \`\\w\`. */
export const WORD = "${ascending(only("perl_word.rs"))}";
/** Simple case folding: for each orbit its size, the distance of its first member from the one before, and the distances within. */
export const FOLD_ORBITS = "${orbits()}";
`,
);

const GROUPS: Record<string, string[]> = {
  Cased_Letter: ["Lowercase_Letter", "Titlecase_Letter", "Uppercase_Letter"],
  Letter: ["Lowercase_Letter", "Modifier_Letter", "Other_Letter", "Titlecase_Letter", "Uppercase_Letter"],
  Mark: ["Enclosing_Mark", "Nonspacing_Mark", "Spacing_Mark"],
  Number: ["Decimal_Number", "Letter_Number", "Other_Number"],
  Other: ["Control", "Format", "Private_Use", "Unassigned"],
  Punctuation: [
    "Close_Punctuation",
    "Connector_Punctuation",
    "Dash_Punctuation",
    "Final_Punctuation",
    "Initial_Punctuation",
    "Open_Punctuation",
    "Other_Punctuation",
  ],
  Separator: ["Line_Separator", "Paragraph_Separator", "Space_Separator"],
  Symbol: ["Currency_Symbol", "Math_Symbol", "Modifier_Symbol", "Other_Symbol"],
};

const categories = byName("general_category.rs");
for (const [group, members] of Object.entries(GROUPS)) {
  const points = (name: string): number => {
    const flat = categories.get(name);
    if (flat === undefined) throw new Error(`no category ${name}`);
    let count = 0;
    for (let i = 0; i < flat.length; i += 2) {
      const [low = 0, high = 0] = flat.slice(i, i + 2);
      // A range may span the surrogates, which are not characters in Rust.
      count += high - low + 1 - (low < 0xd800 && high > 0xdfff ? 0x800 : 0);
    }
    return count;
  };
  if (points(group) !== members.reduce((sum, name) => sum + points(name), 0))
    throw new Error(`members of ${group} differ`);
  categories.delete(group);
}

const scripts = byName("script.rs");
const extensions = [...byName("script_extension.rs")].filter(
  ([name, flat]) => ascending(flat) !== ascending(scripts.get(name) ?? []),
);
const booleans = byName("property_bool.rs");
booleans.delete("White_Space");
const booleanNames = pairsOf(source("property_names.rs")).filter(
  ([, canonical]) => booleans.has(canonical) || canonical === "White_Space",
);
const otherNames = new Set(pairsOf(source("property_names.rs")).map(([loose]) => loose));
for (const [loose] of booleanNames) otherNames.delete(loose);
const values = [...valueNames("General_Category"), ...valueNames("Script")].map(([loose]) => loose);
const clash = values.filter((loose) => otherNames.has(loose) && !["cf", "sc", "lc"].includes(loose));
if (clash.length > 0) throw new Error(`names of a property and of a value: ${clash.join(", ")}`);

writeFileSync(
  "src/core/regex/unicode-properties.ts",
  `${HEADER}
/** Canonical name=loose names. */
export const CATEGORY_NAMES = "${aliases(valueNames("General_Category"))}";
export const SCRIPT_NAMES = "${aliases(valueNames("Script"))}";
export const BOOLEAN_NAMES = "${aliases(booleanNames)}";

/** Categories that are unions of others. */
export const CATEGORY_GROUPS: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(GROUPS, null, 2)};

export const CATEGORIES: Readonly<Record<string, string>> = {
${table(categories)}
};

export const SCRIPTS: Readonly<Record<string, string>> = {
${table(scripts)}
};

/** Script_Extensions where they differ from Script. */
export const SCRIPT_EXTENSIONS: Readonly<Record<string, string>> = {
${table(extensions)}
};

/** White_Space is SPACE of unicode-tables.ts. */
export const BOOLEANS: Readonly<Record<string, string>> = {
${table(booleans)}
};
`,
);
