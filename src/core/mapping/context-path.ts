/** `${^…}`: the input as it came (`^document`) and what came with it (`^headers.x-github-event`, `^query.site` …). */
import { suggest } from "../suggest.ts";
import { err, ok, type Result } from "../result.ts";
import type { Json, JsonObject } from "../json.ts";
import { accessor, type Step } from "./steps.ts";

/** The roots under `^`; `context` builds the object, so that a mapping that uses none pays nothing. */
export type MappingContext = () => JsonObject;

export const CONTEXT_ROOTS = [
  "document",
  "headers",
  "query",
  "method",
  "remote_address",
  "collector",
  "topic",
  "partition",
  "offset",
  "key",
  "timestamp",
] as const;

const STEP = /^(?:\.?"([^"]*)"|\[(\d+)\]|\.?([^.[\]"\s]+))/;

/** Header names hold dashes, so this is a plain dotted path, not JMESPath. */
export function compileContextPath(
  expression: string,
): Result<(context: JsonObject) => Json, { message: string; suggestion?: string }> {
  const steps: Step[] = [];
  let rest = expression;
  while (rest !== "") {
    const found = STEP.exec(rest);
    if (!found)
      return err({ message: `"^${expression}" is no path; found "${rest}" where a key or [index] is expected` });
    steps.push(found[2] === undefined ? (found[1] ?? found[3])! : Number(found[2]));
    rest = rest.slice(found[0].length);
  }
  const root = String(steps[0] ?? "");
  if (!(CONTEXT_ROOTS as readonly string[]).includes(root)) {
    const near = suggest(root, CONTEXT_ROOTS);
    return err({ message: `"^${root}" is not known`, ...(near === undefined ? {} : { suggestion: `^${near}` }) });
  }
  return ok(accessor(steps));
}
