/** The event of a test: what rules can read of it, as it is written in `event:` or in a file of its own. */
import type { IssueSink } from "../diagnostic.ts";
import type { Event } from "../event/event.ts";
import { isObject, member, type Json, type JsonObject } from "../json.ts";
import { found, strictObject, stringMember } from "./strict-object.ts";

export type TestEvent = Omit<Event, "iterator">;

const OPTIONAL = ["id", "created_ms", "metadata", "trace_id"];

/** Null after the mistakes were reported. */
export function readTestEvent(value: Json | undefined, issues: IssueSink): TestEvent | null {
  const event = strictObject(value, { required: ["type", "payload"], optional: OPTIONAL }, issues);
  if (event === null) return null;
  const type = stringMember(event, "type", issues);
  const payload = objectMember(event, "payload", issues);
  const metadata = Object.hasOwn(event, "metadata") ? objectMember(event, "metadata", issues) : {};
  const id = stringMember(event, "id", issues, "test");
  const createdMs = timeMember(event, issues);
  const traceId = member(event, "trace_id") === null ? null : stringMember(event, "trace_id", issues);
  const traceGiven = Object.hasOwn(event, "trace_id");
  if (type === undefined || payload === null || metadata === null || id === undefined || createdMs === null)
    return null;
  if (traceGiven && traceId === undefined) return null;
  return { id, type, created_ms: createdMs, payload, metadata, trace_id: traceId ?? null };
}

/** Null: absent, which strictObject reports, or reported here. */
function objectMember(event: JsonObject, key: string, issues: IssueSink): JsonObject | null {
  const value = member(event, key);
  if (value === undefined) return null;
  if (isObject(value)) return value;
  issues.at(key).error("wrong-type", `${found(value)} where an object is expected`);
  return null;
}

function timeMember(event: JsonObject, issues: IssueSink): number | null {
  const value = member(event, "created_ms") ?? 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && member(event, "created_ms") !== null)
    return value;
  issues
    .at("created_ms")
    .error("wrong-type", `${found(member(event, "created_ms"))} where epoch milliseconds are expected`);
  return null;
}
