import { isArray, type Json } from "../../core/json.ts";
import { textOf } from "../../core/template/text.ts";

/** What starts in the middle of a payload and ends on a command line, one argument each. */
export interface ScriptCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Nulls among `args`, which have no text. */
  readonly ignored: number;
}

/**
 * Tornado's reading of `script` and `args`. `script` is split on white space, without quoting: the program, then fixed
 * arguments. `args` follow: a scalar is one argument; an array gives the arguments of its elements; an object gives
 * `--key`, then the arguments of its value, keys in byte order; null gives none. Undefined when `script` is blank.
 */
export function readScriptCommand(script: string, args: Json | undefined): ScriptCommand | undefined {
  const [program, ...fixed] = script.split(/\p{White_Space}+/u).filter((word) => word !== "");
  if (program === undefined) return undefined;
  const all = [...fixed];
  let ignored = 0;
  const append = (value: Json): void => {
    if (value === null) ignored++;
    else if (isArray(value)) value.forEach(append);
    else if (typeof value === "object") {
      const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const [key, inner] of entries) {
        all.push(`--${key}`);
        append(inner);
      }
    } else all.push(textOf(value)!); // every other value is a scalar and has a text
  };
  if (args !== undefined) append(args);
  return { program, args: all, ignored };
}
