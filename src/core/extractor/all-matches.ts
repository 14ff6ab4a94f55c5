import type { IssueSink } from "../diagnostic.ts";
import { member, type Json, type JsonObject } from "../json.ts";
import type { Regex, RegexMatch } from "../regex/regex.ts";
import { err, ok, type Result } from "../result.ts";
import { found } from "../rule/strict-object.ts";
import type { Extract } from "./regex-form.ts";

/** `all_matches`: absent and null are false. */
export function allMatchesMember(document: JsonObject, issues: IssueSink): boolean {
  const value = member(document, "all_matches") ?? false;
  if (typeof value === "boolean") return value;
  issues.at("all_matches").error("wrong-type", `${found(value)} where true or false is expected`);
  return false;
}

/** Takes what `pick` makes of the first match, or an array of that for all of them; one failure fails all. */
export function extractMatches(regex: Regex, all: boolean, pick: (match: RegexMatch) => Result<Json, string>): Extract {
  return (source) => {
    if (typeof source !== "string") return err(`a pattern searches strings only, found ${found(source)}`);
    if (!all) {
      const match = regex.first(source);
      return match === null ? noMatch(regex, source) : pick(match);
    }
    const values: Json[] = [];
    for (const match of regex.all(source)) {
      const value = pick(match);
      if (!value.ok) return value;
      values.push(value.value);
    }
    return values.length === 0 ? noMatch(regex, source) : ok(values);
  };
}

const noMatch = (regex: Regex, source: string): { readonly ok: false; readonly error: string } =>
  err(`the pattern ${regex.source} does not match ${found(source)}`);
