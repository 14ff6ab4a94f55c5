/** `config/squall.yaml` with one more executor; what people wrote there stays, to the letter. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isNode, isSeq, parseDocument, type Document, type Pair, type Scalar, type YAMLMap } from "yaml";
import { SETTINGS_FILE } from "../../config/folders.ts";
import { refused, type Made } from "./made.ts";
import { commented, indented, yamlText } from "./yaml-text.ts";

export interface NewExecutor {
  readonly id: string;
  /** As it stands below `executors:`. */
  readonly entry: unknown;
  /** Lines above it. */
  readonly comments: readonly string[];
  readonly dir: string;
  readonly hint: string;
}

const HEAD =
  "# yaml-language-server: $schema=../docs/schemas/settings.schema.json\n#\n# Settings of Squall; every key is optional.\n\n";
const DRY_RUN = "# Logs each request instead of sending it. Take it out when the options below are yours.\n";

export function addExecutor({ id, entry, comments, dir, hint }: NewExecutor): Made {
  const before = textOf(join(dir, SETTINGS_FILE));
  const block = commented(comments) + withDryRun(yamlText({ [id]: entry }));
  const file = SETTINGS_FILE;
  if (before === null) return { file, text: `${HEAD}executors:\n${indented(block, "  ")}`, before, hint };

  const document = parseDocument(before);
  if (document.errors.length > 0) return refused(`${file} has mistakes that squall check shows; nothing was written`);
  if (document.contents !== null && !isMap(document.contents))
    return refused(`${file} holds no settings; nothing was written`);
  if (document.hasIn(["executors", id]))
    return refused(`the executor ${JSON.stringify(id)} is in ${file} already; nothing was written`);
  const text = insert(before, document, block) ?? rewritten(document, id, entry);
  return { file, text, before, hint };
}

/** Null: there is none. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // An error of node:fs.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

const withDryRun = (text: string): string =>
  text.replace(/^( +)(?=dry_run: true$)/m, (_, by: string) => `${by}${DRY_RUN}${by}`);

/** Null where `executors` is written on one line, so that nothing can be put below it. */
function insert(text: string, document: Document.Parsed, block: string): string | null {
  const pair = isMap(document.contents) ? executorsOf(document.contents) : undefined;
  if (!pair) return `${endingInBreak(text)}\nexecutors:\n${indented(block, "  ")}`;
  const { key, value } = pair;
  const map = isMap(value) ? value : null;
  if (map?.flow === true) return null;
  // Parsed nodes have their place; the first key of a map that is written in lines starts one.
  const first = map?.items[0]?.key as Scalar | undefined;
  const column = first?.range ? first.range[0] - (text.lastIndexOf("\n", first.range[0] - 1) + 1) : 2;
  const end = map === null ? undefined : endOfContent(map);
  const at = endOfComments(text, end === undefined ? (key as Scalar).range![1] : end - 1);
  return `${endingInBreak(text.slice(0, at))}${indented(block, " ".repeat(column))}${text.slice(at)}`;
}

const executorsOf = (map: YAMLMap): Pair | undefined =>
  map.items.find(({ key }) => (key as Scalar | null)?.value === "executors");

/** Where what was written ends, comments not counted. Undefined: nothing was. */
function endOfContent(node: unknown): number | undefined {
  if (isMap(node) && !node.flow) {
    const last = node.items.at(-1);
    return endOfContent(last?.value) ?? endOfContent(last?.key);
  }
  if (isSeq(node) && !node.flow) return endOfContent(node.items.at(-1));
  return isNode(node) && node.range && node.range[1] > node.range[0] ? node.range[1] : undefined;
}

const endingInBreak = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** Behind the line that `at` is in, and behind comments below it that are indented: they belong to what is above them. */
function endOfComments(text: string, at: number): number {
  const endOfLine = text.indexOf("\n", at);
  let end = endOfLine < 0 ? text.length : endOfLine + 1;
  for (;;) {
    const comment = /^[ \t]+#[^\n]*(\n|$)/.exec(text.slice(end))?.[0];
    if (comment === undefined) return end;
    end += comment.length;
  }
}

/** Comments stay, spacing may change. */
function rewritten(document: Document.Parsed, id: string, entry: unknown): string {
  document.setIn(["executors", id], document.createNode(entry));
  return document.toString({ lineWidth: 0 });
}
