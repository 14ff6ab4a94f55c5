/**
 * The inside of `${…}`:
 *
 *     expression = operand { "??" operand | "|" filter }        from left to right
 *     operand    = path | 'literal'                             and, after "??":  "literal" | number | true | false | null
 *     filter     = name [ "(" argument { "," argument } ")" ]   argument = 'text' | "text" | number
 *
 * `??` puts its operand in place of a value that is missing or null. A double-quoted token followed by `.` or `[` is a path.
 * White space may stand around operators and arguments; a bare path is Tornado's and may have none.
 */
import type { IssueSink } from "../diagnostic.ts";
import { parseJson, type Json } from "../json.ts";
import { parsePath, readPath, type Path, type Scope } from "../path.ts";
import { err, ok, type Result } from "../result.ts";
import { suggest } from "../suggest.ts";
import type { ApplyFilter } from "./filter/filter.ts";
import { filters } from "./filter/list.ts";

export type Operand =
  { readonly kind: "path"; readonly path: Path } | { readonly kind: "literal"; readonly value: Json };

export type Step =
  | { readonly kind: "default"; readonly operand: Operand }
  | { readonly kind: "filter"; readonly name: string; readonly args: readonly Json[]; readonly apply: ApplyFilter };

export interface Expression {
  /** As written, with `${` and `}`. */
  readonly source: string;
  readonly first: Operand;
  readonly steps: readonly Step[];
}

export const operandsOf = ({ first, steps }: Expression): readonly Operand[] => [
  first,
  ...steps.flatMap((step) => (step.kind === "default" ? [step.operand] : [])),
];

/** The path of an expression that is nothing else. */
export const barePath = ({ first, steps }: Expression): Path | undefined =>
  first.kind === "path" && steps.length === 0 ? first.path : undefined;

export function evaluate({ first, steps }: Expression, scope: Scope): Json | undefined {
  let value = read(first, scope);
  for (const step of steps) {
    if (step.kind === "filter") value = value === undefined ? undefined : step.apply(value);
    else if (value === undefined || value === null) value = read(step.operand, scope);
  }
  return value;
}

const read = (operand: Operand, scope: Scope): Json | undefined =>
  operand.kind === "path" ? readPath(operand.path, scope) : operand.value;

/** Parses the inside of `${…}`; null after reporting what is wrong. */
export function parseExpression(inside: string, issues: IssueSink): Expression | null {
  const source = `\${${inside}}`;
  const wrong = (message: string): null => {
    issues.error("bad-template", `${message} in ${source}`, {
      accepted: "${event.path}, ${path ?? 'default'}, ${path | filter}",
    });
    return null;
  };
  if (isBare(inside)) {
    const path = parsePath(inside);
    return path.ok ? { source, first: { kind: "path", path: path.value }, steps: [] } : wrong(path.error);
  }

  let at = 0;
  const skipSpace = (): void => {
    while (at < inside.length && /\s/.test(inside[at]!)) at++;
  };
  const quotedText = (): Result<string, string> => {
    const end = inside.indexOf(inside[at]!, at + 1);
    if (end < 0) return err(`the quote ${inside[at]} does not close`);
    const text = inside.slice(at + 1, end);
    at = end + 1;
    return ok(text);
  };
  const operand = (isFirst: boolean): Result<Operand, string> => {
    skipSpace();
    if (at >= inside.length) return err("an operand is missing");
    if (inside[at] === "'" || (!isFirst && inside[at] === '"' && isQuotedLiteral(inside, at))) {
      const text = quotedText();
      return text.ok ? ok({ kind: "literal", value: text.value }) : text;
    }
    const word = wordAt(inside, at);
    if (word === "") return err(`an operand is missing before ${JSON.stringify(inside.slice(at))}`);
    at += word.length;
    const literal = isFirst ? undefined : literalOf(word);
    if (literal !== undefined) return ok({ kind: "literal", value: literal });
    const path = parsePath(word);
    return path.ok ? ok({ kind: "path", path: path.value }) : path;
  };

  const first = operand(true);
  if (!first.ok) return wrong(first.error);
  const steps: Step[] = [];
  for (;;) {
    skipSpace();
    if (at >= inside.length) return { source, first: first.value, steps };
    if (inside.startsWith("??", at)) {
      at += 2;
      const next = operand(false);
      if (!next.ok) return wrong(next.error);
      steps.push({ kind: "default", operand: next.value });
    } else if (inside[at] === "|") {
      at++;
      skipSpace();
      const name = /^[A-Za-z_]\w*/.exec(inside.slice(at))?.[0];
      if (name === undefined) return wrong("a filter name is missing after |");
      at += name.length;
      skipSpace();
      const args = filterArguments();
      if (!args.ok) return wrong(args.error);
      const step = filterStep(name, args.value, source, issues);
      if (step === null) return null;
      steps.push(step);
    } else {
      return wrong(unexpected(inside, at));
    }
  }

  function filterArguments(): Result<readonly Json[], string> {
    const args: Json[] = [];
    if (inside[at] !== "(") return ok(args);
    at++;
    skipSpace();
    if (inside[at] === ")") {
      at++;
      return ok(args);
    }
    for (;;) {
      skipSpace();
      if (inside[at] === "'" || inside[at] === '"') {
        const text = quotedText();
        if (!text.ok) return text;
        args.push(text.value);
      } else {
        const word = /^[^\s,()'"]*/.exec(inside.slice(at))![0];
        const number = NUMBER.test(word) ? literalOf(word) : undefined;
        if (number === undefined)
          return err(`the filter argument ${JSON.stringify(word)} is neither quoted nor a number`);
        args.push(number);
        at += word.length;
      }
      skipSpace();
      const after = inside[at++];
      if (after === ")") return ok(args);
      if (after !== ",") return err("a filter's arguments do not end with )");
    }
  }
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function literalOf(word: string): Json | undefined {
  if (word === "true" || word === "false" || word === "null") return JSON.parse(word) as Json;
  if (!NUMBER.test(word)) return undefined;
  const parsed = parseJson(word.replace(/^(-?)0+(?=\d)/, "$1"));
  return parsed.ok ? parsed.value : undefined;
}

/** A path and nothing else: no operator outside quotes, no literal. */
function isBare(inside: string): boolean {
  return !inside.trimStart().startsWith("'") && !/\?\?|\|/.test(inside.replace(/"[^"]*"/g, ""));
}

/** After `??`: a double-quoted token is a literal unless a path goes on behind it. */
function isQuotedLiteral(inside: string, at: number): boolean {
  const end = inside.indexOf('"', at + 1);
  return end < 0 || !/[.[^"]/.test(inside[end + 1] ?? " ");
}

/** The characters of a path or bare literal: up to white space, `|`, `?` or a parenthesis outside quotes. */
function wordAt(inside: string, from: number): string {
  let at = from;
  while (at < inside.length && !/[\s|?()]/.test(inside[at]!)) {
    if (inside[at] === '"') {
      const end = inside.indexOf('"', at + 1);
      if (end < 0) break;
      at = end;
    }
    at++;
  }
  return inside.slice(from, at);
}

function unexpected(inside: string, at: number): string {
  const rest = JSON.stringify(inside.slice(at, at + 20));
  return `${rest} is no operator (an unquoted key holds no white space, |, ? or parenthesis; quote the key)`;
}

function filterStep(name: string, args: readonly Json[], source: string, issues: IssueSink): Step | null {
  const filter = filters.find((candidate) => candidate.name === name);
  if (!filter) {
    const names = filters.map((candidate) => candidate.name);
    const suggestion = suggest(name, names);
    issues.error("unknown-filter", `unknown filter ${JSON.stringify(name)} in ${source}`, {
      accepted: names.join(", "),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return null;
  }
  const apply = filter.prepare(args);
  if (apply.ok) return { kind: "filter", name, args, apply: apply.value };
  issues.error("bad-filter", `the filter ${name} ${apply.error} in ${source}`, { accepted: filter.usage });
  return null;
}
