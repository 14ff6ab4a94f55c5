/**
 * The ways a pattern takes a value out of another. Each form is named by the key that holds its pattern; one file each,
 * registered in list.ts.
 */
import type { IssueSink } from "../diagnostic.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Regex } from "../regex/regex.ts";
import type { Result } from "../result.ts";

export interface RegexForm {
  /** `match`, `named_match`, `single_key_match`. */
  readonly key: string;
  /** Keys besides. */
  readonly optional: readonly string[];
  readonly summary: string;
  readonly example: JsonObject;
  /** Null after the mistakes were reported. The error of `Extract` is the reason of a partial match. */
  compile(document: JsonObject, regex: Regex, issues: IssueSink): Extract | null;
}

export type Extract = (source: Json) => Result<Json, string>;
