import { RULES } from "../../config/folders.ts";
import { readFolder } from "../../config/document/read-folder.ts";
import { isObject, type Json } from "../../core/json.ts";
import { nameOfStem } from "../../core/rule/ruleset.ts";
import { badName, refused, wrongUsage, type Made } from "./made.ts";
import { readMatch, type Match } from "./read-match.ts";
import { ruleText } from "./rule-text.ts";

export interface NewRule {
  readonly ruleset: string;
  readonly name: string;
  /** `--match` as given. */
  readonly match: readonly string[];
}

const EVENT_TYPE = "example";

export async function newRule({ ruleset, name, match }: NewRule, dir: string): Promise<Made> {
  const bad = badName("a ruleset", ruleset) ?? badName("a rule", name);
  if (bad) return bad;
  const matches: Match[] = [];
  for (const one of match.length > 0 ? match : [EVENT_TYPE]) {
    const read = readMatch(one);
    if (!read.ok) return wrongUsage(read.error);
    const path = read.value.path.join(".");
    const clash = matches.find((other) => clashes(other.path.join("."), path));
    if (clash) return wrongUsage(`--match names ${path} beside ${clash.path.join(".")}; accepted: each field once`);
    matches.push(read.value);
  }
  const { files } = await readFolder(dir, `${RULES}/${ruleset}`);
  const namesake = files.find(({ stem, value }) => (nameIn(value) ?? nameOfStem(stem)) === name);
  if (namesake) return refused(`the rule ${JSON.stringify(name)} is in ${namesake.file} already; nothing was written`);
  const file = `${RULES}/${ruleset}/${nextNumber(files.map(({ stem }) => stem))}_${name}.yaml`;
  return { file, text: ruleText(name, matches), before: null, hint: "" };
}

const clashes = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

const nameIn = (value: Json | undefined): Json | undefined =>
  isObject(value) && Object.hasOwn(value, "name") ? value["name"] : undefined;

/** The next ten after the greatest there, as wide as the widest, so that the order of the names stays that of the numbers. */
function nextNumber(stems: readonly string[]): string {
  const numbers = stems.flatMap((stem) => /^\d+(?=_)/.exec(stem)?.[0] ?? []);
  const greatest = numbers.reduce((most, text) => (BigInt(text) > most ? BigInt(text) : most), 0n);
  const width = numbers.reduce((most, text) => Math.max(most, text.length), 3);
  return String((greatest / 10n + 1n) * 10n).padStart(width, "0");
}
