/** JMESPath by @jmespath-community/jmespath, compiled once. Pure paths (`a.b[0]."c d"`) become plain accessors. */
import { compile, TreeInterpreter } from "@jmespath-community/jmespath";
import type { Json } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import { accessor, type Step } from "./steps.ts";

/** Reads a value from a document; no result is null. Throws only what a JMESPath function throws at run time. */
export type Query = (document: Json) => Json;

export function compileJmespath(expression: string): Result<Query, string> {
  let node: ReturnType<typeof compile>;
  try {
    node = compile(expression);
  } catch (error) {
    return err((error as Error).message);
  }
  const steps = purePath(expression);
  if (steps) return ok(accessor(steps));
  // The library's JSON types are mutable twins of ours; it does not change what it is given.
  return ok((document) => (TreeInterpreter.search(node, document as never) as Json | undefined) ?? null);
}

const STEP = /^(?:(?:\.?)([A-Za-z_][A-Za-z0-9_]*)|(?:\.?)("(?:[^"\\]|\\.)*")|\[(\d+)\])/;

/** The steps of an expression that is nothing but a path, else null. `@` alone is the empty path. */
function purePath(expression: string): Step[] | null {
  let rest = expression.trim();
  if (rest === "@") return [];
  if (rest.startsWith("@.") || rest.startsWith("@[")) rest = rest.slice(rest[1] === "." ? 2 : 1);
  const steps: Step[] = [];
  while (rest !== "") {
    const found = STEP.exec(rest);
    if (!found) return null;
    if (found[1] !== undefined) steps.push(found[1]);
    else if (found[2] !== undefined) steps.push(JSON.parse(found[2]) as string);
    else steps.push(Number(found[3]));
    rest = rest.slice(found[0].length);
  }
  return steps;
}
