/**
 * Documents of Filebeat, Winlogbeat, Metricbeat, Heartbeat and the other Beats, versions 6 to 9, as they come from
 * Kafka, Lumberjack, a file, or through Logstash. `@metadata` is routing data and is kept apart from the payload.
 *
 * Filebeat gives no id and re-reads lines after a crash with a new `@timestamp`; the place in the file names a line,
 * but only until the file is rotated: that identity is known for one hour.
 */
import { createHash } from "node:crypto";
import { defineNormalizer } from "../component/define-normalizer.ts";
import type { EventDraft } from "../core/event/event.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { expandDottedKeys } from "./dotted-keys.ts";
import { at, kindOf, objectAt, textAt, without } from "./support.ts";

const HOUR_MS = 3_600_000;

export const beats = defineNormalizer({
  format: "beats",
  summary: "Documents of Elastic Beats; `@metadata` goes to `metadata.beats`, dotted keys are expanded.",
  recognizes: (document) =>
    textAt(document, "@metadata", "beat") !== undefined ||
    (textAt(document, "agent", "type") ?? "").endsWith("beat") ||
    (objectAt(document, "beat") !== undefined && textAt(document, "beat", "version") !== undefined),
  normalize(document) {
    if (!isObject(document)) return err(`a Beats document is an object, this is ${kindOf(document)}`);
    const payload = expandDottedKeys(Object.hasOwn(document, "@metadata") ? without(document, "@metadata") : document);
    const routing = objectAt(document, "@metadata");
    const type = typeOf(payload, routing);
    const createdMs = timestampMs(at(payload, "@timestamp"));
    return ok([
      {
        ...identityOf(payload, routing),
        ...(type === undefined ? {} : { type }),
        ...(createdMs === undefined ? {} : { created_ms: createdMs }),
        payload,
        ...(routing ? { metadata: { beats: routing } } : {}),
      },
    ]);
  },
  examples: [
    {
      title: "a Filebeat line",
      document: {
        "@timestamp": "2024-05-02T09:14:07.000Z",
        "@metadata": { beat: "filebeat", type: "_doc", version: "8.13.2", _id: "f-1" },
        event: { dataset: "system.auth" },
        "host.name": "lab-a",
      },
      events: [
        {
          id: "f-1",
          type: "system.auth",
          created_ms: 1714641247000,
          payload: {
            "@timestamp": "2024-05-02T09:14:07.000Z",
            event: { dataset: "system.auth" },
            host: { name: "lab-a" },
          },
          metadata: { beats: { beat: "filebeat", type: "_doc", version: "8.13.2", _id: "f-1" } },
        },
      ],
    },
  ],
});

/** Dataset, else module and set names of the older versions, else the Beat. */
function typeOf(payload: JsonObject, routing: JsonObject | undefined): string | undefined {
  const dataset = textAt(payload, "event", "dataset");
  if (dataset !== undefined) return dataset;
  for (const set of ["metricset", "fileset"]) {
    const name = textAt(payload, set, "name");
    if (name === undefined) continue;
    const module = textAt(payload, set, "module") ?? textAt(payload, "event", "module");
    return module === undefined ? name : `${module}.${name}`;
  }
  return textAt(routing, "beat") ?? textAt(payload, "agent", "type");
}

function identityOf(payload: JsonObject, routing: JsonObject | undefined): Pick<EventDraft, "id" | "knownForMs"> {
  const given = textAt(routing, "_id");
  if (given !== undefined) return { id: given };
  return windowsIdentity(payload) ?? lineIdentity(payload) ?? {};
}

/** Winlogbeat 7 and later under `winlog`, version 6 at the top. */
function windowsIdentity(payload: JsonObject): { id: string } | undefined {
  const computer = textAt(payload, "winlog", "computer_name") ?? textAt(payload, "computer_name");
  const channel = textAt(payload, "winlog", "channel") ?? textAt(payload, "log_name");
  const record = textAt(payload, "winlog", "record_id") ?? textAt(payload, "record_number");
  const time = textAt(payload, "@timestamp");
  if (computer === undefined || channel === undefined || record === undefined || time === undefined) return undefined;
  return { id: joined(computer, channel, record, time) };
}

function lineIdentity(payload: JsonObject): { id: string; knownForMs: number } | undefined {
  const agent = textAt(payload, "agent", "id");
  const path = textAt(payload, "log", "file", "path") ?? textAt(payload, "source");
  const offset = textAt(payload, "log", "offset") ?? textAt(payload, "offset");
  if (agent === undefined || path === undefined || offset === undefined) return undefined;
  const message = createHash("sha256")
    .update(textAt(payload, "message") ?? "")
    .digest("hex");
  return { id: joined(agent, path, offset, message), knownForMs: HOUR_MS };
}

/** Length-prefixed, so that no two lists of parts give one id. */
const joined = (...parts: string[]): string => parts.map((part) => `${part.length}:${part}`).join("|");
