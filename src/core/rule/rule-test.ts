/**
 * `tests:` of a rule, which `squall test` runs: an event, and what the rule makes of it. Everything is read strictly, since a
 * misspelt key would be a test that checks nothing.
 */
import type { IssueSink } from "../diagnostic.ts";
import { isObject, member, type Json, type JsonObject } from "../json.ts";
import { suggest } from "../suggest.ts";
import { readTestEvent, type TestEvent } from "./test-event.ts";
import { arrayMember, found, list, strictObject, stringMember } from "./strict-object.ts";

export interface RuleTest {
  readonly name: string;
  readonly event: TestEvent | { readonly file: string };
  readonly expected: Expected;
}

/** Absent: not checked. */
export interface Expected {
  readonly status?: RuleStatus;
  /** By the keys given. */
  readonly extracted?: JsonObject;
  /** All of them, in order, each by the keys given. */
  readonly actions?: readonly JsonObject[];
}

export type RuleStatus = (typeof RULE_STATUSES)[number];

export const RULE_STATUSES = ["matched", "not_matched", "partially_matched"] as const;

const EXPECTED = ["status", "extracted", "actions"];
const STATEFUL = "stateful rules are not supported by this version";

/** Those without mistakes; mistakes were reported. */
export function readRuleTests(rule: JsonObject, issues: IssueSink): readonly RuleTest[] {
  const value = member(rule, "tests");
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    issues.at("tests").error("wrong-type", `${found(value)} where a list of tests is expected`);
    return [];
  }
  const names = new Set<string>();
  return (value as readonly Json[]).flatMap((document, at) => {
    const test = readTest(document, at, issues.at("tests", at));
    if (test === null) return [];
    if (names.has(test.name))
      issues
        .at("tests", at, "name")
        .error("duplicate-name", `the name ${JSON.stringify(test.name)} is used by an earlier test of this rule`);
    names.add(test.name);
    return [test];
  });
}

function readTest(value: Json, at: number, issues: IssueSink): RuleTest | null {
  if (!isObject(value)) {
    issues.error("wrong-type", `${found(value)} where a test is expected`, { accepted: "{name, event, expect}" });
    return null;
  }
  // `events` is known, so that it is refused for what it is.
  const stateful = Object.hasOwn(value, "events");
  if (stateful) issues.at("events").error("stateful-rule", STATEFUL, { accepted: "event: one event" });
  strictObject(
    value,
    { required: ["expect"], optional: ["name", "event", "event_file", ...(stateful ? ["events"] : [])] },
    issues,
  );
  const name = stringMember(value, "name", issues, `test ${at + 1}`);
  const event = readSource(value, stateful, issues);
  const expected = readExpected(member(value, "expect"), issues.at("expect"));
  return name === undefined || event === null || expected === null ? null : { name, event, expected };
}

function readSource(test: JsonObject, stateful: boolean, issues: IssueSink): RuleTest["event"] | null {
  const event = member(test, "event");
  const file = stringMember(test, "event_file", issues);
  const [hasEvent, hasFile] = [event !== undefined, Object.hasOwn(test, "event_file")];
  if (hasEvent && hasFile)
    issues.error("too-many-keys", "event and event_file exclude each other", { accepted: "one of them" });
  else if (!hasEvent && !hasFile && !stateful)
    issues.error("missing-key", "the event is missing", {
      accepted: "event: {type, payload}, or event_file: a file below the configuration folder",
    });
  if (event === undefined) return file === undefined ? null : { file };
  const read = readTestEvent(event, issues.at("event"));
  return hasFile ? null : read;
}

function readExpected(value: Json | undefined, issues: IssueSink): Expected | null {
  if (value === undefined) return null;
  const stateful = isObject(value) && Object.hasOwn(value, "alerts");
  if (stateful) issues.at("alerts").error("stateful-rule", STATEFUL, { accepted: list(EXPECTED) });
  const expected = strictObject(
    value,
    { required: [], optional: stateful ? [...EXPECTED, "alerts"] : EXPECTED },
    issues,
  );
  if (expected === null) return null;
  if (Object.keys(expected).length === 0)
    issues.warning("empty-test", "nothing is expected, so the test cannot fail", { accepted: list(EXPECTED) });
  const status = readStatus(expected, issues);
  const extracted = readExtracted(expected, issues);
  const actions = readActions(expected, issues);
  if (stateful || status === null || extracted === null || actions === null) return null;
  return { ...(status && { status }), ...(extracted && { extracted }), ...(actions && { actions }) };
}

/** Undefined: not checked; null: reported. So do the others. */
function readStatus(expected: JsonObject, issues: IssueSink): RuleStatus | undefined | null {
  const value = member(expected, "status");
  if (value === undefined) return undefined;
  const status = RULE_STATUSES.find((each) => each === value);
  if (status !== undefined) return status;
  const suggestion = typeof value === "string" ? suggest(value, RULE_STATUSES) : undefined;
  const what = typeof value === "string" ? `unknown status ${JSON.stringify(value)}` : `${found(value)} as a status`;
  issues.at("status").error("unknown-status", what, {
    accepted: list(RULE_STATUSES),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return null;
}

function readExtracted(expected: JsonObject, issues: IssueSink): JsonObject | undefined | null {
  const value = member(expected, "extracted");
  if (value === undefined || isObject(value)) return value;
  issues.at("extracted").error("wrong-type", `${found(value)} where variables are expected`, {
    accepted: "{name: value}",
  });
  return null;
}

function readActions(expected: JsonObject, issues: IssueSink): readonly JsonObject[] | undefined | null {
  if (!Object.hasOwn(expected, "actions")) return undefined;
  const values = arrayMember(expected, "actions", issues);
  if (values === null) return null;
  const actions = values.map((value, at) => readAction(value, issues.at("actions", at)));
  return actions.every((action) => action !== null) ? actions : null;
}

function readAction(value: Json, issues: IssueSink): JsonObject | null {
  const action = strictObject(value, { required: [], optional: ["id", "payload"] }, issues);
  if (action === null) return null;
  const id = stringMember(action, "id", issues);
  const payload = member(action, "payload");
  if (payload !== undefined && !isObject(payload))
    issues.at("payload").error("wrong-type", `${found(payload)} where the payload of an action is expected`, {
      accepted: "an object",
    });
  const right = (id !== undefined || !Object.hasOwn(action, "id")) && (payload === undefined || isObject(payload));
  return right ? action : null;
}
