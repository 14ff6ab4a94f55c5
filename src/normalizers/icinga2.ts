/**
 * What Icinga 2 tells on its event stream (`POST /v1/events`), one object an event:
 *
 *     {type: "StateChange", host, service?, state, state_type, check_result, timestamp, …}
 *     {type: "AcknowledgementSet", host, service?, author, comment, state, …, timestamp}
 *     {type: "DowntimeAdded", downtime: {host_name, service_name, …}, timestamp}, and the same of a comment
 *
 * `timestamp` is in seconds. State of a host: 0 up, 1 down; of a service: 0 ok, 1 warning, 2 critical, 3 unknown.
 */
import { defineNormalizer } from "../component/define-normalizer.ts";
import type { SeverityLevel } from "../core/event/severity.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { at, kindOf, objectAt, textAt } from "./support.ts";

/** Keys that only some type of these events has, beside `type` and `timestamp`. */
const MARKS = [
  "check_result",
  "acknowledgement_type",
  "comment",
  "downtime",
  "notification_type",
  "is_flapping",
  "object_type",
];

const LEVELS: readonly SeverityLevel[] = ["info", "warning", "critical", "error"];

export const icinga2 = defineNormalizer({
  format: "icinga2",
  summary: "Events of Icinga 2's event stream: check results, state changes, acknowledgements, comments, downtimes.",
  recognizes: (document) =>
    typeof document["type"] === "string" &&
    typeof document["timestamp"] === "number" &&
    MARKS.some((key) => Object.hasOwn(document, key)) &&
    ["host", "comment", "downtime", "object_name"].some((key) => Object.hasOwn(document, key)),
  normalize(document) {
    if (!isObject(document)) return err(`an event of Icinga 2 is an object, this is ${kindOf(document)}`);
    const type = textAt(document, "type");
    const seconds = at(document, "timestamp");
    if (type === undefined || typeof seconds !== "number")
      return err("an event of Icinga 2 has a text `type` and a number `timestamp`; they are missing");
    const about = objectAt(document, "comment") ?? objectAt(document, "downtime");
    const host = textAt(document, "host") ?? textAt(about, "host_name");
    const service = textAt(document, "service") ?? textAt(about, "service_name");
    const level = levelOf(document, service);
    const object = textAt(about, "__name") ?? textAt(document, "object_name") ?? "";
    return ok([
      {
        id: [type, host ?? "", service ?? "", object, seconds].join("|"),
        type: "icinga2",
        created_ms: Math.floor(seconds * 1000),
        payload: {
          ...document,
          ...(host === undefined ? {} : { host }),
          ...(service === undefined ? {} : { service }),
          ...(level === undefined ? {} : { severity_level: level }),
        },
      },
    ]);
  },
  examples: [
    {
      title: "an operator acknowledges a problem",
      document: {
        acknowledgement_type: 1,
        author: "op",
        comment: "on it",
        expiry: 0,
        host: "h1",
        notify: false,
        persistent: false,
        service: "disk",
        state: 2,
        state_type: 1,
        timestamp: 1795275709.747435,
        type: "AcknowledgementSet",
      },
      events: [
        {
          id: "AcknowledgementSet|h1|disk||1795275709.747435",
          type: "icinga2",
          created_ms: 1795275709747,
          payload: {
            acknowledgement_type: 1,
            author: "op",
            comment: "on it",
            expiry: 0,
            host: "h1",
            notify: false,
            persistent: false,
            service: "disk",
            state: 2,
            state_type: 1,
            timestamp: 1795275709.747435,
            type: "AcknowledgementSet",
            severity_level: "critical",
          },
        },
      ],
    },
  ],
});

/** Of a state; a check result has it inside. A host that is down is as bad as a critical service. */
function levelOf(document: JsonObject, service: string | undefined): SeverityLevel | undefined {
  const state = at(document, "state") ?? at(document, "check_result", "state");
  if (typeof state !== "number") return undefined;
  return service === undefined ? (state === 0 ? "info" : "critical") : LEVELS[state];
}
