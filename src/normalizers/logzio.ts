/**
 * Alerts of Logz.io through a custom endpoint. The body is a template of the user's, so only the names of its variables
 * can be relied upon; a body whose keys are those names is read:
 *
 *     {"alert_title": "{{alert_title}}", "alert_severity": "{{alert_severity}}", "alert_event_samples": "{{alert_samples}}", …}
 *
 * Samples are text that holds JSON, and double braces make HTML of it (`&quot;`); they are read as `samples`. The body that
 * Logz.io's article posts to VictorOps is read too, but never guessed, since its keys are those of VictorOps.
 */
import { defineNormalizer } from "../component/define-normalizer.ts";
import type { SeverityLevel } from "../core/event/severity.ts";
import { timestampMs } from "../core/event/timestamp.ts";
import { isArray, isObject, parseJson, type Json, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { levelOfName } from "./level-of-name.ts";
import { at, kindOf, textAt } from "./support.ts";

/** Besides the title: one of them shows that the title is an alert's of Logz.io. */
const NAMES = [
  "alert_severity",
  "alert_description",
  "alert_definition_id",
  "alert_event_id",
  "alert_event_samples",
  "alert_samples",
  "alert_samples_json",
  "alert_timeframe_start",
  "alert_timeframe_end",
  "alert_event_type",
];
const SAMPLES = ["alert_samples_json", "alert_event_samples", "alert_samples"];
const LEVELS: ReadonlyMap<string, SeverityLevel> = new Map([
  ["severe", "critical"],
  ["high", "error"],
  ["medium", "warning"],
  ["low", "notice"],
]);
const SAMPLES_DEPTH = 64;

export const logzio = defineNormalizer({
  format: "logzio",
  summary:
    "Alerts of Logz.io's custom endpoints, by the names of its template variables; with `severity_level`, `status` and parsed `samples`.",
  recognizes: (document) =>
    textAt(document, "alert_title") !== undefined && NAMES.some((name) => at(document, name) !== undefined),
  normalize(document) {
    if (!isObject(document)) return err(`an alert of Logz.io is an object, this is ${kindOf(document)}`);
    const alert = textAt(document, "alert_title") === undefined ? ofVictorOpsBody(document) : document;
    if (!alert)
      return err("an alert of Logz.io has a text `alert_title`, or `entity_id` and `message_type`; both are missing");
    const eventType = textAt(alert, "alert_event_type")?.toLowerCase();
    const message = textAt(alert, "message_type")?.toUpperCase();
    const name = textAt(alert, "alert_event_id");
    const createdMs =
      millis(at(alert, "alert_timeframe_end_epoch_millis")) ?? timestampMs(textAt(alert, "alert_timeframe_end"));
    const severity = (textAt(alert, "alert_severity") ?? message)?.toLowerCase();
    const level = severity === undefined ? undefined : (LEVELS.get(severity) ?? levelOfName(severity));
    const samples = samplesOf(alert);
    return ok([
      {
        ...(name === undefined || name.includes("{{") ? {} : { id: eventType ? `${name}|${eventType}` : name }),
        type: "logzio",
        ...(createdMs === undefined ? {} : { created_ms: createdMs }),
        payload: {
          ...alert,
          ...(samples === undefined ? {} : { samples }),
          status: eventType === "close" || message === "RECOVERY" ? "resolved" : "firing",
          ...(level === undefined ? {} : { severity_level: level }),
        },
      },
    ]);
  },
  examples: [
    {
      title: "an alert on logs",
      document: {
        alert_title: "Too many failed logins",
        alert_description: "more than 5 in 10 minutes",
        alert_severity: "HIGH",
        alert_event_id: "e-77",
        alert_timeframe_end_epoch_millis: "1714641247000",
        alert_event_samples: "[{&quot;user&quot;:&quot;root&quot;}]",
      },
      events: [
        {
          id: "e-77",
          type: "logzio",
          created_ms: 1714641247000,
          payload: {
            alert_title: "Too many failed logins",
            alert_description: "more than 5 in 10 minutes",
            alert_severity: "HIGH",
            alert_event_id: "e-77",
            alert_timeframe_end_epoch_millis: "1714641247000",
            alert_event_samples: "[{&quot;user&quot;:&quot;root&quot;}]",
            samples: [{ user: "root" }],
            status: "firing",
            severity_level: "error",
          },
        },
      ],
    },
  ],
});

/** The article's body for VictorOps: its fields under Logz.io's own names too. */
function ofVictorOpsBody(document: JsonObject): JsonObject | undefined {
  const title = textAt(document, "entity_id");
  if (title === undefined || textAt(document, "message_type") === undefined) return undefined;
  const description = textAt(document, "entity_display_name");
  const samples = textAt(document, "state_message");
  return {
    ...document,
    alert_title: title,
    ...(description === undefined ? {} : { alert_description: description }),
    ...(samples === undefined ? {} : { alert_event_samples: samples }),
  };
}

function millis(value: Json | undefined): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

/** One object, or several in an array; undefined when there is nothing that can be read. */
function samplesOf(alert: JsonObject): readonly Json[] | undefined {
  for (const name of SAMPLES) {
    const value = at(alert, name);
    const read = typeof value === "string" ? (readSamples(value) ?? readSamples(unescaped(value))) : value;
    if (isArray(read)) return read;
    if (isObject(read)) return [read];
  }
  return undefined;
}

function readSamples(text: string): Json | undefined {
  const parsed = parseJson(text, SAMPLES_DEPTH);
  return parsed.ok ? parsed.value : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  "#34": '"',
  "#39": "'",
  "#x27": "'",
  "#x2F": "/",
  "#x60": "`",
  "#x3D": "=",
  lt: "<",
  gt: ">",
  amp: "&",
};

/** Once, as it was escaped once: `&amp;lt;` was `&lt;`. */
const unescaped = (text: string): string =>
  text.replace(/&(#?\w+);/g, (entity, name: string) => (Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : entity));
