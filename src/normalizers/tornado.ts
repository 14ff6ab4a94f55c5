/**
 * An Event of Tornado as it is, what Tornado's own collectors write line by line: `type`, `created_ms` and `payload` are
 * there; `metadata` and `trace_id` may be; other keys are dropped, as Tornado does. A key `id` is ours: the event's own id.
 */
import { defineNormalizer } from "../component/define-normalizer.ts";
import { traceIdOf } from "../core/event/traceparent.ts";
import { isObject, member, printJson, type Json, type JsonObject } from "../core/json.ts";
import { err, ok, type Result } from "../core/result.ts";
import { at, kindOf, objectAt, textAt } from "./support.ts";

export const tornado = defineNormalizer({
  format: "tornado",
  summary: "Events of Tornado and its collectors, taken as they are.",
  recognizes: (document) =>
    typeof at(document, "type") === "string" &&
    readTime(at(document, "created_ms")).ok &&
    objectAt(document, "payload") !== undefined,
  normalize(document) {
    if (!isObject(document)) return err(`an event is an object, this is ${kindOf(document)}`);
    const { type, payload } = { type: member(document, "type"), payload: member(document, "payload") };
    if (typeof type !== "string") return err(`an event has a text \`type\`; ${found(type)}`);
    const createdMs = readTime(member(document, "created_ms"));
    if (!createdMs.ok) return createdMs;
    if (!isObject(payload)) return err(`an event has an object \`payload\`; ${found(payload)}`);
    const metadata = member(document, "metadata");
    if (metadata !== undefined && !isObject(metadata))
      return err(`\`metadata\` of an event is an object; ${found(metadata)}`);
    const traceId = traceOf(document, metadata);
    if (!traceId.ok) return traceId;
    const id = textAt(document, "id");
    return ok([
      {
        ...(id === undefined ? {} : { id }),
        type,
        created_ms: createdMs.value,
        payload,
        ...(metadata === undefined ? {} : { metadata }),
        ...(traceId.value === null ? {} : { trace_id: traceId.value }),
      },
    ]);
  },
  examples: [
    {
      title: "a trap of snmptrapd",
      document: {
        type: "snmptrapd",
        created_ms: 1714641247123,
        payload: { src_ip: "192.0.2.7", oids: {} },
        metadata: { trace_context: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
      },
      events: [
        {
          type: "snmptrapd",
          created_ms: 1714641247123,
          payload: { src_ip: "192.0.2.7", oids: {} },
          metadata: { trace_context: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
          trace_id: "0af7651916cd43dd8448eb211c80319c",
        },
      ],
    },
  ],
});

/** An unsigned integer; beyond 2^53 it is no time that a clock of milliseconds shows. */
function readTime(value: Json | undefined): Result<number, string> {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return ok(value);
  const is =
    value === undefined ? "it is missing" : `this is ${typeof value === "object" ? kindOf(value) : printJson(value)}`;
  return err(`an event has \`created_ms\`, a whole number of milliseconds since 1970; ${is}`);
}

/** The event's own, as old collectors send it, else that of the sender's span. */
function traceOf(document: JsonObject, metadata: JsonObject | undefined): Result<string | null, string> {
  const own = member(document, "trace_id");
  if (own !== undefined && own !== null && typeof own !== "string")
    return err(`\`trace_id\` of an event is a text or null; ${found(own)}`);
  return ok(own ?? traceIdOf(textAt(metadata, "trace_context", "traceparent")));
}

const found = (value: Json | undefined): string => (value === undefined ? "it is missing" : `this is ${kindOf(value)}`);
