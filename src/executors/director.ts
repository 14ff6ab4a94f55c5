/**
 * Tornado's director executor: `POST {url}/host` or `{url}/service`, with `?live-creation=true` when the object is to
 * reach Icinga 2 at once instead of with the next deployment. Without `Accept: application/json` Icinga Web answers HTML.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { isObject, member, type JsonObject } from "../core/json.ts";
import { directorOutcome } from "./support/director-outcome.ts";
import { httpUrl } from "./support/http-options.ts";
import { createIcingaApi, icingaLogin, jsonObject, secretsOf } from "./support/icinga-api.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor } from "./support/redact.ts";

const payloadSchema = z.strictObject({
  action_name: z.enum(["create_host", "create_service"]).describe("What to create."),
  action_payload: jsonObject().describe(
    "The object as the Director's REST API takes it: `object_name`, `object_type`, `imports` and so on.",
  ),
  icinga2_live_creation: z
    .boolean()
    .nullish()
    .describe("Create the object in the running Icinga 2 too; without it, the next deployment does."),
});

export const director = defineExecutor({
  type: "director",
  summary: "Creates hosts and services through the REST API of the Icinga Director.",
  options: z.strictObject({
    url: httpUrl().describe("Address of the Director, `https://HOST/icingaweb2/director`."),
    ...icingaLogin("User of Icinga Web with the permission `director/api`."),
  }),
  payload: payloadSchema,
  code: {},
  defaultOrder: hostOf,
  guarantees:
    "At least once, in order per host; an object that is already there is left as it is, so a repeat changes nothing.",
  examples: [
    {
      title: "Create a host in Icinga 2 at once",
      options: { url: "https://localhost/icingaweb2/director", username: "squall", password: "change-me" },
      payload: {
        action_name: "create_host",
        action_payload: { object_type: "object", object_name: "h1", address: "192.0.2.7", imports: ["generic-host"] },
        icinga2_live_creation: true,
      },
      request: {
        method: "POST",
        url: "https://localhost/icingaweb2/director/host?live-creation=true",
        headers: {
          accept: "application/json",
          authorization: "Basic ***",
          "content-type": "application/json",
          "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015",
        },
        body: { object_type: "object", object_name: "h1", address: "192.0.2.7", imports: ["generic-host"] },
      },
    },
  ],
  create(options, deps) {
    const redact = createRedactor([...secretsOf(options), ...(deps.secrets ?? [])]);
    const context = { clock: deps.clock, redact };
    const api = createIcingaApi(options, (path) => path, { ...deps, redact });
    const bodyOf = ({ payload }: ExecutorItem): JsonObject | null => {
      const body = member(payload, "action_payload");
      return isObject(body) ? body : null;
    };
    return {
      async execute(item, { signal }) {
        const readable = readPayload(payloadSchema, item.payload);
        if (!readable.ok) return readable.error;
        const answer = await api.post(pathOf(item.payload), bodyOf(item), item, signal);
        return answer.ok ? directorOutcome(answer.value, context) : answer.error;
      },
      preview: (item) => api.preview(pathOf(item.payload), bodyOf(item), item),
      close: () => api.close(),
    };
  },
});

function pathOf(payload: JsonObject): string {
  const live = member(payload, "icinga2_live_creation") === true;
  return `/${member(payload, "action_name") === "create_service" ? "service" : "host"}${live ? "?live-creation=true" : ""}`;
}

/** A host goes before its services. */
function hostOf(payload: JsonObject): string | null {
  const object = member(payload, "action_payload");
  if (!isObject(object)) return null;
  const host = member(object, member(payload, "action_name") === "create_service" ? "host" : "object_name");
  return typeof host === "string" ? host : null;
}
