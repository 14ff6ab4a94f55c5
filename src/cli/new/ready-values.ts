/** Values of an example made fit for a file: what must be kept secret comes from a variable. */
import { isArray, isObject, type Json, type JsonObject } from "../../core/json.ts";

const PLACEHOLDER = "change-me";

/** `change-me` becomes `${env:ID_KEY:-change-me}`, so that it is changed without a secret in the file. */
export function withVariables(value: Json, names: readonly string[]): Json {
  if (typeof value === "string") return value === PLACEHOLDER ? `\${env:${variable(names)}:-${PLACEHOLDER}}` : value;
  if (isArray(value))
    return value.map((item, at) => withVariables(item, at === 0 ? names : [...names, String(at + 1)]));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withVariables(item, [...names, key])]));
}

const variable = (names: readonly string[]): string => {
  const name = names
    .join("_")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  return /^[0-9]/.test(name) ? `_${name}` : name;
};

/** Of the examples the first that names no file, since none is there yet. */
export const exampleWithoutFiles = <T>(examples: readonly T[], settings: (example: T) => unknown): T | undefined =>
  examples.find((example) => !/"[a-z_]*_files?":/.test(JSON.stringify(settings(example)))) ?? examples[0];

/** Without the keys that name files. */
export function withoutFiles(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/_files?$/.test(key))
      .map(([key, item]) => [key, isObject(item) ? withoutFiles(item) : item]),
  );
}
