/**
 * What a JsonLogic expression reads: each `var` that is written out, once, in the order of the text. Those that start neither
 * at the event nor at the variables or the element are of elements that the expression itself goes through.
 */
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import { OWN_VARIABLES, type Scope } from "../path.ts";
import type { ExplainedOperator } from "./explanation.ts";

type ExplainedOperand = ExplainedOperator["operands"][number];

export function explainLogic(logic: JsonObject, scope: Scope): readonly ExplainedOperand[] {
  const paths = new Set(pathsOf(logic).filter((path) => ROOTS.has(path.split(".")[0]!)));
  const read = [...paths].map((path): ExplainedOperand => {
    const value = valueAt(path, scope);
    const base = { key: "var", source: path };
    return value === undefined ? { ...base, missing: true } : { ...base, value, missing: false };
  });
  return [{ key: "logic", source: null, value: logic, missing: false }, ...read];
}

const ROOTS: ReadonlySet<string> = new Set(["event", "variables", "element"]);

function pathsOf(logic: Json): readonly string[] {
  if (isArray(logic)) return logic.flatMap(pathsOf);
  if (!isObject(logic)) return [];
  return Object.keys(logic).flatMap((key) => {
    const argument = member(logic, key)!;
    const path = isArray(argument) ? argument[0] : argument;
    return key === "var" && typeof path === "string" ? [path, ...pathsOf(argument)] : pathsOf(argument);
  });
}

function valueAt(path: string, scope: Scope): Json | undefined {
  const [root, ...steps] = path.split(".");
  if (root !== "variables") return walk(scope[root!], steps);
  // Variables of the rule itself stand before those of the rules before it.
  return walk(scope[OWN_VARIABLES], steps) ?? walk(scope["_variables"], steps);
}

function walk(from: Json | undefined, steps: readonly string[]): Json | undefined {
  let value = from;
  for (const step of steps) {
    if (isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined;
    else value = isObject(value) ? member(value, step) : undefined;
  }
  return value;
}
