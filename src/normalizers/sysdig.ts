/**
 * Sysdig's webhook, Monitor and Secure: one document with `entities`, one event per entity. A Secure entity carries
 * `policies` or `policyEvents`. `timestamp` is in microseconds and stays so in the payload.
 */
import { defineNormalizer } from "../component/define-normalizer.ts";
import type { EventDraft } from "../core/event/event.ts";
import { levelOfSyslog } from "../core/event/severity.ts";
import { isObject, printJson, type Json, type JsonObject } from "../core/json.ts";
import { err, ok } from "../core/result.ts";
import { arrayAt, at, kindOf, objectAt, textAt, without } from "./support.ts";

export const sysdig = defineNormalizer({
  format: "sysdig",
  summary: "Sysdig Monitor and Secure notifications; one event per entity with `status` and `severity_level`.",
  recognizes: (document) =>
    objectAt(document, "alert") !== undefined &&
    arrayAt(document, "entities") !== undefined &&
    textAt(document, "state") !== undefined,
  normalize(document) {
    if (!isObject(document)) return err(`a Sysdig notification is an object, this is ${kindOf(document)}`);
    if (!objectAt(document, "alert")) return err("a Sysdig notification has an object `alert`; it is missing");
    const entities = arrayAt(document, "entities") ?? [];
    const common = without(document, "entities");
    return ok((entities.length > 0 ? entities : [null]).map((entity) => draftOf(common, entity)));
  },
  examples: [
    {
      title: "a Monitor alert that ended",
      document: {
        timestamp: 1714641850000000,
        alert: { id: 7012, severity: 4 },
        state: "OK",
        resolved: false,
        entities: [{ entity: "host.mac = 'a'" }],
      },
      events: [
        {
          id: '[7012,"host.mac = \'a\'","OK",false,1714641850000000]',
          type: "sysdig.monitor",
          created_ms: 1714641850000,
          payload: {
            timestamp: 1714641850000000,
            alert: { id: 7012, severity: 4 },
            state: "OK",
            resolved: false,
            entity: { entity: "host.mac = 'a'" },
            status: "resolved",
            severity_level: "warning",
          },
        },
      ],
    },
  ],
});

function draftOf(common: JsonObject, entity: Json): EventDraft {
  const secure = arrayAt(entity, "policies") !== undefined || arrayAt(entity, "policyEvents") !== undefined;
  const id = secure ? secureId(entity) : monitorId(common, entity);
  const micros = at(common, "timestamp");
  const level = levelOfSyslog(at(common, "alert", "severity"));
  return {
    ...(id === undefined ? {} : { id }),
    type: secure ? "sysdig.secure" : "sysdig.monitor",
    ...(typeof micros === "number" ? { created_ms: Math.floor(micros / 1000) } : {}),
    payload: {
      ...common,
      entity,
      status: at(common, "resolved") === true || at(common, "state") === "OK" ? "resolved" : "firing",
      ...(level === undefined ? {} : { severity_level: level }),
    },
  };
}

/** The occurrence, not the alert: ACTIVE and OK of one alert are two events. */
function monitorId(common: JsonObject, entity: Json): string {
  const parts = [
    at(common, "alert", "id"),
    at(entity, "entity"),
    at(common, "state"),
    at(common, "resolved"),
    at(common, "timestamp"),
  ];
  return printJson(parts.map((part) => part ?? null));
}

function secureId(entity: Json): string | undefined {
  const ids = (arrayAt(entity, "policyEvents") ?? []).map((event) => textAt(event, "id"));
  if (ids.length === 0 || ids.includes(undefined)) return undefined;
  return (ids as string[]).sort().join(",");
}
