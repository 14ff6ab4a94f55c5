/**
 * `foreach`: an action that asks its inner actions for every element of an array.
 *
 *     {id: foreach, payload: {target: "${event.payload.alerts}", actions: [{id: icinga2, payload: {host: "${item.host}"}}]}}
 *
 * It is Tornado's (its executor of the same name), expanded when the rule matches, into ordinary actions:
 *
 * - First what reads no `item` must have a value, else the rule matches only partially and asks for nothing. A part of an
 *   inner action with a `when` is asked for only where the `when` holds for an element.
 * - Then come the first inner action for every element, the second for every element, and so on. `item` is the element;
 *   expressions with it see all other roots too. A string with one that has no value stays as text, placeholders of
 *   `item` as they are written.
 * - A target that is no array is a dead letter; the other actions of the rule go their way.
 * - foreach may stand in foreach: its target reads the outer element, its actions the inner one.
 *
 * Unlike there, a value put in by either step is never read as a template again.
 */
import type { IssueSink } from "../diagnostic.ts";
import { isArray, isObject, member, type Json, type JsonObject } from "../json.ts";
import type { Foreach, RuleAction } from "./compiled-action.ts";
import { compilePayload, type PayloadNode } from "./payload.ts";
import { found, list, unknownKey } from "./strict-object.ts";

export const FOREACH = "foreach";

const KEYS = ["target", "actions"];

/** Null after the mistakes were reported. */
export function compileForeach(
  payload: Json | undefined,
  roots: readonly string[],
  compileInner: (
    documents: readonly Json[],
    roots: readonly string[],
    issues: IssueSink,
  ) => readonly RuleAction[] | null,
  issues: IssueSink,
): Pick<Foreach, "target" | "actions"> | null {
  if (payload === undefined) return null;
  if (!isObject(payload)) {
    issues.error("wrong-type", `${found(payload)} where the payload of foreach is expected`, {
      accepted: `an object with ${list(KEYS)}`,
    });
    return null;
  }
  for (const key of Object.keys(payload)) if (!KEYS.includes(key)) unknownKey(key, KEYS, issues, "warning");
  const target = compileTarget(payload, roots, issues);
  const documents = member(payload, "actions");
  if (documents === undefined) issues.error("missing-key", 'the key "actions" is missing');
  else if (!isArray(documents))
    issues.at("actions").error("wrong-type", `${found(documents)} where the actions of foreach are expected`, {
      accepted: "a list of {id, payload}",
    });
  const inner = isArray(documents) ? compileInner(documents, [...roots, "item"], issues.at("actions")) : null;
  return target === null || inner === null ? null : { target, actions: inner };
}

function compileTarget(payload: JsonObject, roots: readonly string[], issues: IssueSink): PayloadNode | null {
  const value = member(payload, "target");
  if (value === undefined) {
    issues.error("missing-key", 'the key "target" is missing');
    return null;
  }
  const target = compilePayload(value, { roots, target: null }, issues.at("target"));
  if (target === null) return null;
  if (target.kind === "array" || (target.kind === "template" && target.template.kind === "value")) return target;
  issues.at("target").error("wrong-type", `${found(value)} where the target of foreach is expected`, {
    accepted: 'an array, "${event.path}"' + (roots.includes("item") ? ', "${item.path}"' : ""),
  });
  return null;
}
