import { setMember, type Json, type MutableJsonObject } from "../json.ts";
import type { RegexMatch } from "../regex/regex.ts";
import { err, ok, type Result } from "../result.ts";
import { allMatchesMember, extractMatches } from "./all-matches.ts";
import type { RegexForm } from "./regex-form.ts";

export const namedMatch: RegexForm = {
  key: "named_match",
  optional: ["all_matches"],
  summary: "The named groups of the match as an object.",
  example: { named_match: "^(?P<user>\\w+)@(?P<host>\\S+)$" },
  compile(document, regex, issues) {
    const all = allMatchesMember(document, issues);
    const names = regex.groupNames;
    if (!names.some((name) => name !== null)) {
      issues.at("named_match").error("no-named-group", "the pattern has no named group", { accepted: "(?P<name>…)" });
      return null;
    }
    return extractMatches(regex, all, (match) => namedGroups(names, match));
  },
};

function namedGroups(names: readonly (string | null)[], match: RegexMatch): Result<Json, string> {
  const groups: MutableJsonObject = {};
  for (const [index, name] of names.entries()) {
    if (name === null) continue;
    const text = match.groups[index];
    if (text === undefined) return err(`the group ${name} took no part in the match`);
    setMember(groups, name, text);
  }
  return ok(groups);
}
