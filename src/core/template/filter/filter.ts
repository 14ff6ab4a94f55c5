/**
 * A filter of template expressions, `${path | name(arguments)}`. One file each, registered in list.ts.
 * A value of the wrong type yields `undefined` (missing), which a later `??` catches; wrong arguments are load errors.
 */
import type { Json } from "../../json.ts";
import { err, ok, type Result } from "../../result.ts";

export type ApplyFilter = (value: Json) => Json | undefined;

export interface Filter {
  readonly name: string;
  /** How it is written, `truncate(n)`. */
  readonly usage: string;
  readonly summary: string;
  /** Checks the arguments; the error ends the sentence "the filter NAME …". */
  prepare(args: readonly Json[]): Result<ApplyFilter, string>;
}

/** A filter without arguments. */
export const plainFilter = (name: string, summary: string, apply: ApplyFilter): Filter => ({
  name,
  usage: name,
  summary,
  prepare: (args) => (args.length === 0 ? ok(apply) : err(`takes no arguments, found ${args.length}`)),
});

/** The one argument of a filter as a whole number of at least `least`. */
export function countArgument(args: readonly Json[], least: number, most: number): Result<number, string> {
  const [value] = args;
  if (args.length !== 1) return err(`takes one argument, found ${args.length}`);
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    return err(`takes a whole number from ${least} to ${most}`);
  return ok(value);
}

/** Exactly `count` texts. */
export function textArguments(args: readonly Json[], count: number): Result<readonly string[], string> {
  const texts = args.filter((value) => typeof value === "string");
  if (args.length !== count) return err(`takes ${count} argument${count === 1 ? "" : "s"}, found ${args.length}`);
  return texts.length === count ? ok(texts) : err("takes quoted texts only");
}
