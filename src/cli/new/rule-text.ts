/** A rule as a beginner finds it useful: every part commented, and tests of an event that matches and one that does not. */
import { isObject, setMember, type Json, type MutableJsonObject } from "../../core/json.ts";
import { printPath } from "../../core/path.ts";
import type { Match } from "./read-match.ts";
import { indented, yamlText } from "./yaml-text.ts";

export function ruleText(name: string, matches: readonly Match[]): string {
  const matching = eventOf(matches);
  const operators = matches.map(({ path, value }) => ({
    type: "equals",
    first: accessor(path),
    second: operand(value),
  }));
  const actions = [{ id: "logger", payload: { message: `${name} matched`, type: "${event.type}" } }];
  const expected = [{ id: "logger", payload: { message: `${name} matched`, type: matching["type"]! } }];
  return `# yaml-language-server: $schema=../../docs/schemas/rule.schema.json
#
# What this rule is for, in a sentence. \`squall check\` finds mistakes, \`squall test\` runs the tests below.
${yamlText({ description: `what ${name} watches for` })}
constraint:
  # When the rule matches; all operators: docs/reference/operators.md.
  WHERE:
    type: AND
    operators:
${indented(yamlText(operators), "      ")}
  # Parts of texts taken out under a name, for actions to use as \${_variables.user}. Without them the rule matches in part.
  # WITH:
  #   user: { from: "\${event.payload.message}", regex: { match: "user=(\\\\w+)", group_match_idx: 1 } }
  WITH: {}

# What to do; \`id\` is an entry of executors: in config/squall.yaml, and logger needs none.
${yamlText({ actions })}
${yamlText({
  tests: [
    { name: "an event that matches", event: matching, expect: { status: "matched", actions: expected } },
    { name: "another event", event: otherThan(matches), expect: { status: "not_matched" } },
  ],
})}`;
}

const accessor = (path: readonly string[]): string => `\${${printPath({ root: "event", steps: path })}}`;

/** A text in a rule is a template: what begins an expression there is written as one. */
const operand = (value: Json): Json => (typeof value === "string" ? value.replaceAll("${", "${'${'}") : value);

function eventOf(matches: readonly Match[]): MutableJsonObject {
  const event: MutableJsonObject = { type: "example", payload: {} };
  for (const { path, value } of matches) {
    let object = event;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(object, key)) setMember(object, key, {});
      const inner = object[key];
      if (!isObject(inner)) throw new Error(`${key} of ${path.join(".")} is taken`); // matches do not clash
      object = inner as MutableJsonObject; // made here
    }
    setMember(object, path.at(-1)!, value);
  }
  return event;
}

/** The first field is another one's. */
function otherThan([first, ...rest]: readonly Match[]): MutableJsonObject {
  const { path, value } = first!;
  return eventOf([{ path, value: value === "other" ? "another" : "other" }, ...rest]);
}
