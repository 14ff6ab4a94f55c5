/**
 * Tornado's smart_monitoring_check_result: a passive check result that brings its object along.
 *
 *     process-check-result ──► anything but "no objects found": that is the outcome
 *              │ no objects found
 *     host, then service, through the Director with live creation (already there is fine)
 *              │
 *     process-check-result once more: its outcome is the outcome
 *
 * When the object is still missing then (a Director without live creation deploys later), the delivery is tried again
 * for `missing_for`; every attempt goes the whole way.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { duration } from "../component/units.ts";
import { isObject, member, type JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/delivery/outcome.ts";
import { httpUrl } from "./support/http-options.ts";
import { createIcingaApi, icinga2Base, icingaLogin, jsonObject, secretsOf } from "./support/icinga-api.ts";
import { icinga2Outcome } from "./support/icinga2-outcome.ts";
import { createMonitoredObjects, type MonitoredObject } from "./support/monitored-objects.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor } from "./support/redact.ts";

const monitored = (kind: string) =>
  z.looseObject({
    object_name: z
      .string()
      .min(1)
      .describe(`Name of the ${kind}; the other keys are the Director's, such as \`imports\`.`),
  });

const payloadSchema = z.strictObject({
  check_result: jsonObject().describe(
    "Parameters of `process-check-result`; the object addressed is filled in, the event's time too where it is not given.",
  ),
  host: monitored("host").describe("The host, as it is created when Icinga 2 does not know it."),
  service: monitored("service").nullish().describe("The service; absent, the result is the host's."),
});

const PATH = "/v1/actions/process-check-result";

export const smartMonitoringCheckResult = defineExecutor({
  type: "smart_monitoring_check_result",
  summary: "Sets a check result in Icinga 2, creating its host and service through the Director when they are missing.",
  options: z.strictObject({
    icinga2: z
      .strictObject({
        url: httpUrl().describe("Address of the Icinga 2 API, `https://HOST:5665`."),
        ...icingaLogin("Name of the `ApiUser`."),
      })
      .describe("Where check results go."),
    director: z
      .strictObject({
        url: httpUrl().describe("Address of the Director, `https://HOST/icingaweb2/director`."),
        ...icingaLogin("User of Icinga Web with the permission `director/api`."),
      })
      .describe("Where missing objects are created."),
    missing_for: duration()
      .default(600_000)
      .describe("How long a result is tried again when its object is missing although it was created."),
  }),
  payload: payloadSchema,
  code: {},
  defaultOrder: addressedObject,
  guarantees:
    "At least once, in order per object. Results carry the event's time, so that Icinga drops one that is older than the last; an object that is already there is left as it is.",
  examples: [
    {
      title: "Result of a service that may be new",
      options: {
        icinga2: { url: "https://localhost:5665", username: "squall", password: "change-me" },
        director: { url: "https://localhost/icingaweb2/director", username: "squall", password: "change-me" },
      },
      payload: {
        check_result: { exit_status: 2, plugin_output: "Print Spooler stopped" },
        host: { object_name: "h1", address: "192.0.2.7", imports: ["generic-host"] },
        service: { object_name: "eventlog", imports: ["passive-service"] },
      },
      request: {
        method: "POST",
        url: "https://localhost:5665/v1/actions/process-check-result",
        headers: {
          accept: "application/json",
          authorization: "Basic ***",
          "content-type": "application/json",
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
        },
        body: {
          execution_start: 1_700_000_000.5,
          execution_end: 1_700_000_000.5,
          exit_status: 2,
          plugin_output: "Print Spooler stopped",
          type: "Service",
          service: "h1!eventlog",
        },
      },
    },
  ],
  create(options, deps) {
    const redact = createRedactor([
      ...secretsOf(options.icinga2),
      ...secretsOf(options.director),
      ...(deps.secrets ?? []),
    ]);
    const context = { clock: deps.clock, redact };
    const icinga = createIcingaApi(options.icinga2, icinga2Base, { ...deps, redact, option: "icinga2." });
    const director = createIcingaApi(options.director, (path) => path, { ...deps, redact, option: "director." });
    const objects = createMonitoredObjects({ ...context, director, logger: deps.logger });

    const report = async (item: ExecutorItem, signal: AbortSignal): Promise<Outcome> => {
      const answer = await icinga.post(PATH, checkResultOf(item), item, signal);
      return answer.ok ? icinga2Outcome(answer.value, options.missing_for, context) : answer.error;
    };
    return {
      async execute(item, { signal }) {
        const readable = readPayload(payloadSchema, item.payload);
        if (!readable.ok) return readable.error;
        const first = await report(item, signal);
        if (!isMissing(first)) return first;
        const created = await objects.create(objectOf(item.payload), item, signal);
        return created.kind === "delivered" ? report(item, signal) : created;
      },
      preview: (item) => icinga.preview(PATH, checkResultOf(item), item),
      async close() {
        await Promise.all([icinga.close(), director.close()]);
      },
    };
  },
});

const isMissing = (outcome: Outcome): boolean => outcome.kind === "retry" && outcome.giveUp?.code === "object_missing";

function checkResultOf({ payload, eventMs }: ExecutorItem): JsonObject {
  const given = member(payload, "check_result");
  const { hostName, serviceName } = objectOf(payload);
  const seconds = eventMs / 1000;
  return {
    execution_start: seconds,
    execution_end: seconds,
    ...(isObject(given) ? given : {}),
    ...(serviceName === null
      ? { type: "Host", host: hostName }
      : { type: "Service", service: `${hostName}!${serviceName}` }),
  };
}

function objectOf(payload: JsonObject): MonitoredObject {
  const [host = {}, service] = ["host", "service"].map((key) => {
    const value = member(payload, key);
    return isObject(value) ? value : undefined;
  });
  const nameOf = (object: JsonObject): string => String(member(object, "object_name") ?? "");
  const hostName = nameOf(host);
  return {
    hostName,
    serviceName: service ? nameOf(service) : null,
    host: { ...host, object_type: "Object" },
    service: service ? { ...service, object_type: "Object", host: hostName } : null,
  };
}

export function addressedObject(payload: JsonObject): string | null {
  const { hostName, serviceName } = objectOf(payload);
  if (hostName === "") return null;
  return serviceName === null ? hostName : `${hostName}!${serviceName}`;
}
