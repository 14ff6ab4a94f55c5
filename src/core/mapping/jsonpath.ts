/**
 * JSONPath by jsonpath-plus, always with `eval: false`: filter and script expressions are refused at load. One definite
 * path gives its value, a path with several results an array; no result is null.
 */
import { JSONPath } from "jsonpath-plus";
import type { Json } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { Query } from "./jmespath.ts";
import { accessor, type Step } from "./steps.ts";

export function compileJsonpath(expression: string): Result<Query, string> {
  const malformed = check(expression);
  if (malformed) return err(malformed);
  const steps = purePath(expression);
  if (steps) return ok(accessor(steps));
  return ok((document) => {
    // The library's typings are looser than ours; with resultType "value" it returns what the document holds.
    const found: unknown = JSONPath({
      path: expression,
      json: document as never,
      eval: false,
      wrap: true,
      resultType: "value",
    });
    return Array.isArray(found) && found.length > 0 ? (found as Json[]) : null;
  });
}

function check(expression: string): string | null {
  if (/[?(]\s*\(|\(@|\[\s*\(|`/.test(expression))
    return "filter, script and type expressions are not available in JSONPath";
  let depth = 0;
  for (const bare of expression.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "_")) {
    if (bare === "[") depth++;
    if (bare === "]") depth--;
    if (bare === "'" || bare === '"') return "a quote is not closed";
    if (depth < 0 || depth > 1) return "brackets do not pair";
  }
  if (depth !== 0) return "brackets do not pair";
  if (!/^\$(\.\.?[^.[\]\s]|\.?\[|$)/.test(expression) || /[^.]\.$|\.{3,}/.test(expression))
    return "a path such as $.a.b[0], $..name or $.items[*] is expected";
  return null;
}

const STEP = /^(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\[(?:'([^'\\]*)'|"([^"\\]*)"|(\d+))\])/;

function purePath(expression: string): Step[] | null {
  const steps: Step[] = [];
  let rest = expression.slice(1);
  while (rest !== "") {
    const found = STEP.exec(rest);
    if (!found) return null;
    steps.push(found[4] === undefined ? (found[1] ?? found[2] ?? found[3])! : Number(found[4]));
    rest = rest.slice(found[0].length);
  }
  return steps;
}
