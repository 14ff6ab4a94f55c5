/**
 * Paths of the rule language: `event.payload."key.with.dots"[0]`.
 *
 * The grammar is Tornado's, quirks included, because configurations depend on it. A path is read as a sequence of
 *
 *     "quoted"    any characters but `"`, at least one
 *     run         any characters but `.`, `^`, `[`; stripped of `"` at both ends, so `""` is the empty key
 *     [inside]    an index
 *
 * and characters between them (`.`, `^`, a `[` that never closes) only separate: repeated, leading and trailing dots are
 * ignored, `o[]` reads the key `]`, `o[0` the key `0`. A quoted key that itself looks like `"[1]"` is an index. A `"` left
 * inside a key is refused. On top of that, unquoted keys may not hold `|`, `?`, parentheses or white space, which belong
 * to expressions (expression.ts).
 *
 * A key on an array, an index on an object and any step into a scalar are missing, never an error.
 */
import { isArray, isObject, member, setMember, type Json, type JsonObject, type MutableJsonObject } from "./json.ts";
import { err, ok, type Result } from "./result.ts";

export type Step = string | number;

export interface Path {
  /** `event`, `_variables`, `item` …; an index only where text was written that can never be found. */
  readonly root: Step;
  readonly steps: readonly Step[];
}

/** What a template may read, by root name. A rule's own variables are under `OWN_VARIABLES`. */
export type Scope = Readonly<Record<string, Json | undefined>>;

/** Root under which the evaluator keeps the variables of the rule being worked on; no path can name it. */
export const OWN_VARIABLES = "_variables of the rule";

const INDEX = /^\+?\d+$/;
const LARGEST_INDEX = 18_446_744_073_709_551_615n;
const RESERVED = /[|?()\s]/;

export function parsePath(text: string): Result<Path, string> {
  const steps: Step[] = [];
  for (const token of tokensOf(text)) {
    const step = parseStep(token);
    if (!step.ok) return step;
    steps.push(step.value);
  }
  const [root, ...rest] = steps;
  return root === undefined ? err(`the path ${JSON.stringify(text)} has no key`) : ok({ root, steps: rest });
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const lastBracket = text.lastIndexOf("]");
  for (let at = 0; at < text.length;) {
    const c = text[at]!;
    const closer = c === '"' ? '"' : c === "[" && at < lastBracket ? "]" : undefined;
    let end = closer === undefined ? -1 : text.indexOf(closer, at + 1) + 1;
    if (end <= at + 2) end = c === "[" ? at : endOfRun(text, at);
    if (end > at) tokens.push(text.slice(at, end));
    at = Math.max(end, at + 1);
  }
  return tokens;
}

function endOfRun(text: string, from: number): number {
  let at = from;
  while (at < text.length && !".^[".includes(text[at]!)) at++;
  return at;
}

function parseStep(token: string): Result<Step, string> {
  const quoted = token.length >= 2 && token.startsWith('"') && token.endsWith('"');
  const text = quoted ? token.slice(1, -1) : token;
  if (text.includes('"')) return err(`unbalanced quote in ${JSON.stringify(token)}`);
  if (text.startsWith("[") && text.endsWith("]")) {
    const inside = text.slice(1, -1);
    if (INDEX.test(inside) && BigInt(inside.replace("+", "")) <= LARGEST_INDEX) return ok(Number(inside));
    return err(`${JSON.stringify(inside)} between brackets is no index; accepted: a number from 0`);
  }
  if (!quoted && RESERVED.test(text)) {
    const found = RESERVED.exec(text)![0];
    const name = /\s/.test(found) ? "white space" : `"${found}"`;
    return err(`${name} in the unquoted key ${JSON.stringify(text)}; quote the key`);
  }
  return ok(text);
}

export const printPath = ({ root, steps }: Path): string =>
  [root, ...steps]
    .map((step, at) =>
      typeof step === "number" ? `[${step}]` : (at === 0 ? "" : ".") + (/^[\w$@-]+$/.test(step) ? step : `"${step}"`),
    )
    .join("");

/** The value at a path, or `undefined`: missing. */
export function readPath(path: Path, scope: Scope): Json | undefined {
  const { root, steps } = path;
  if (typeof root === "number" || !Object.hasOwn(scope, root)) return undefined;
  const value = scope[root];
  if (root === "_variables") return variable(steps, scope);
  if (root === "event" && steps.length === 0 && isObject(value)) return wholeEvent(value);
  return walk(value, steps);
}

/** `${_variables.a.b}`: the rule's own `a` with its `b`; where that is missing, variable `b` of rule `a`. */
function variable(steps: readonly Step[], scope: Scope): Json | undefined {
  const own = Object.hasOwn(scope, OWN_VARIABLES) ? walk(scope[OWN_VARIABLES], steps) : undefined;
  return own === undefined ? walk(scope["_variables"], steps) : own;
}

function walk(from: Json | undefined, steps: readonly Step[]): Json | undefined {
  let value = from;
  for (const step of steps) {
    if (value === undefined) return undefined;
    if (typeof step === "number") value = isArray(value) ? value[step] : undefined;
    else value = isObject(value) ? member(value, step) : undefined;
  }
  return value;
}

const WHOLE_EVENT = ["type", "created_ms", "payload", "metadata", "trace_id", "iterator"];

/** `${event}` is Tornado's five keys (and `iterator` below one); the id is reachable as `${event.id}` only. */
function wholeEvent(event: JsonObject): JsonObject {
  const whole: MutableJsonObject = {};
  for (const key of WHOLE_EVENT) {
    const value = member(event, key);
    if (value !== undefined) setMember(whole, key, value);
  }
  return whole;
}
