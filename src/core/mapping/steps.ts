import { isArray, isObject, member, type Json } from "../json.ts";

/** An object key or an array index. */
export type Step = string | number;

/** Follows the steps; where one leads nowhere the result is null. */
export const accessor =
  (steps: readonly Step[]) =>
  (document: Json): Json => {
    let value: Json | undefined = document;
    for (const step of steps) {
      if (typeof step === "number") value = isArray(value) ? value[step] : undefined;
      else value = isObject(value) ? member(value, step) : undefined;
      if (value === undefined) return null;
    }
    return value ?? null;
  };
