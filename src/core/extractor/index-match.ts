import { member, type Json } from "../json.ts";
import type { RegexMatch } from "../regex/regex.ts";
import { err, ok, type Result } from "../result.ts";
import { found } from "../rule/strict-object.ts";
import { allMatchesMember, extractMatches } from "./all-matches.ts";
import type { RegexForm } from "./regex-form.ts";

export const indexMatch: RegexForm = {
  key: "match",
  optional: ["group_match_idx", "all_matches"],
  summary: "One group of the match by number (0 is the whole match), or all of them as an array.",
  example: { match: "The (.+) service entered", group_match_idx: 1 },
  compile(document, regex, issues) {
    const all = allMatchesMember(document, issues);
    const index = member(document, "group_match_idx") ?? null;
    if (regex.groupNames.some((name) => name !== null))
      issues.at("match").warning("named-groups", "the names of the groups are not used", {
        accepted: "named_match takes groups by name",
      });
    if (index === null) return extractMatches(regex, all, everyGroup);
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0) {
      issues.at("group_match_idx").error("wrong-type", `${found(index)} where the number of a group is expected`);
      return null;
    }
    if (index > regex.groupCount)
      issues
        .at("group_match_idx")
        .warning("no-such-group", `the pattern has no group ${index}, so this never succeeds`, {
          accepted: `0 to ${regex.groupCount}`,
        });
    return extractMatches(regex, all, (match) => group(match, index));
  },
};

function group(match: RegexMatch, index: number): Result<Json, string> {
  const text = match.groups[index];
  return text === undefined ? err(`group ${index} took no part in the match`) : ok(text);
}

function everyGroup(match: RegexMatch): Result<Json, string> {
  const missing = match.groups.findIndex((text) => text === undefined);
  return missing < 0 ? ok(match.groups as readonly string[]) : err(`group ${missing} took no part in the match`); // none is undefined
}
