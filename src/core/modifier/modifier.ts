/**
 * Changes of an extracted value (`modifiers_post`), applied in order; the first failure fails the variable. One file each,
 * registered in list.ts. They apply to the value as a whole: arrays and objects fail every modifier of strings.
 */
import type { IssueSink } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Scope } from "../path.ts";
import type { RegexLimits } from "../regex/regex.ts";
import type { Result } from "../result.ts";

export interface Modifier {
  readonly type: string;
  /** The error ends the sentence "… failed: ". */
  apply(value: Json, scope: Scope): Result<Json, string>;
}

export interface ModifierType {
  readonly name: string;
  readonly summary: string;
  readonly example: JsonObject;
  /** Null after the mistakes were reported. */
  compile(document: JsonObject, context: ModifierContext): Modifier | null;
}

export interface ModifierContext {
  readonly issues: IssueSink;
  readonly roots: readonly string[];
  readonly regex: RegexLimits;
}
