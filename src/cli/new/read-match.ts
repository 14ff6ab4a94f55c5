/**
 * `--match`: an event type, or `field=value`. A field is a path from the event (`type`, `payload.host`, `metadata.x`) or,
 * where its first key is none of the event's, from its payload. A value that is a JSON scalar keeps its type: `5`, `true`,
 * `"5"`; anything else is text.
 */
import { parseJson, type Json } from "../../core/json.ts";
import { parsePath, type Step } from "../../core/path.ts";
import { err, ok, type Result } from "../../core/result.ts";

export interface Match {
  /** From the event. */
  readonly path: readonly string[];
  readonly value: Json;
}

const ROOT_KEYS = ["type", "payload", "metadata"];

export function readMatch(text: string): Result<Match, string> {
  const at = text.indexOf("=");
  if (at < 0)
    return text === "" ? err("--match is empty; accepted: type, field=value") : ok({ path: ["type"], value: text });
  const field = parsePath(text.slice(0, at));
  const wrong = (message: string): Result<Match, string> =>
    err(`--match ${JSON.stringify(text)}: ${message}; accepted: type, field=value with a field such as payload.host`);
  if (!field.ok) return wrong(field.error);
  const steps = [field.value.root, ...field.value.steps];
  if (!steps.every(isKey)) return wrong("the field goes through an array");
  const fromEvent = steps[0] === "event" ? steps.slice(1) : steps;
  const path = ROOT_KEYS.includes(fromEvent[0]!) ? fromEvent : ["payload", ...fromEvent];
  const isWhole = path.length === 1 && path[0] !== "type";
  if (isWhole || (path[0] === "type" && path.length > 1)) return wrong("the field is no value of an event");
  const value = path[0] === "type" ? text.slice(at + 1) : scalarOf(text.slice(at + 1));
  return ok({ path, value });
}

const isKey = (step: Step): step is string => typeof step === "string";

function scalarOf(text: string): Json {
  const read = parseJson(text);
  return read.ok && (typeof read.value !== "object" || read.value === null) ? read.value : text;
}
