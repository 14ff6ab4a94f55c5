/**
 * Runs one test of a rule. The event goes through the whole tree, but only what this rule makes of it is looked at. Below an
 * iterator the rule is asked once for each element; all its answers count as one: partial if any is, else matched if any is,
 * with the variables of the first and the actions of all.
 */
import type { Event } from "../event/event.ts";
import { type JsonObject } from "../json.ts";
import type { Expected, RuleStatus } from "../rule/rule-test.ts";
import type { CompiledTree } from "../tree/compiled-tree.ts";
import { differences, type Difference } from "./compare-outcome.ts";
import { evaluator } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { whyNotMatched } from "./explanation-text.ts";
import type { RuleMatch } from "./matcher.ts";

export interface TestVerdict {
  readonly status: RuleStatus;
  /** Why it did not match in full. */
  readonly reason?: string;
  /** Empty: passed. */
  readonly differences: readonly Difference[];
}

export function judgeTest(tree: CompiledTree, rulePath: string, event: Event, expected: Expected): TestVerdict {
  const matches = evaluator(tree)
    .match(event)
    .filter(({ path }) => path === rulePath);
  const { status, reason } = outcomeOf(matches) ?? {
    status: "not_matched",
    reason: whyNotMatched(explain(tree, event), rulePath),
  };
  const extracted = matches[0]?.extracted;
  const actions = matches.flatMap((match) => match.actions.map(({ id, payload }): JsonObject => ({ id, payload })));
  return {
    status,
    ...(reason !== undefined && { reason }),
    differences: [
      ...(expected.status === undefined ? [] : differences(expected.status, status, "status")),
      ...(expected.extracted === undefined ? [] : differences(expected.extracted, extracted, "extracted")),
      ...(expected.actions === undefined ? [] : differences(expected.actions, actions, "actions")),
    ],
  };
}

function outcomeOf(matches: readonly RuleMatch[]): Pick<TestVerdict, "status" | "reason"> | null {
  const partial = matches.find(({ status }) => status === "partially_matched");
  if (partial) {
    const { iteration, message = "" } = partial;
    return { status: "partially_matched", reason: iteration === null ? message : `element ${iteration}: ${message}` };
  }
  return matches.length > 0 ? { status: "matched" } : null;
}
