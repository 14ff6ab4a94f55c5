/**
 * Tornado's icinga2 executor: `POST {url}/v1/actions/{icinga2_action_name}` with Basic authentication,
 * `Accept: application/json` (without it Icinga answers 400 in HTML) and `icinga2_action_payload` as the JSON body.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { duration } from "../component/units.ts";
import { isObject, member, printJson, type JsonObject } from "../core/json.ts";
import { superseded, type Outcome } from "../core/delivery/outcome.ts";
import { httpUrl } from "./support/http-options.ts";
import { createIcingaApi, icinga2Base, icingaLogin, jsonObject, secretsOf } from "./support/icinga-api.ts";
import { icinga2Outcome } from "./support/icinga2-outcome.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor } from "./support/redact.ts";

const payloadSchema = z.looseObject({
  icinga2_action_name: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, { error: "expected the name of an Icinga 2 action, such as process-check-result" })
    .describe("Name of the Icinga 2 action, such as `process-check-result`."),
  icinga2_action_payload: jsonObject()
    .nullish()
    .describe("Body of the request: the action's parameters, and the objects it is for by name or by `filter`."),
});

export const icinga2 = defineExecutor({
  type: "icinga2",
  summary: "Calls an action of the Icinga 2 API, most often `process-check-result`.",
  options: z.strictObject({
    url: httpUrl().describe(
      "Address of the API, `https://HOST:5665`; Tornado's form ending in `/v1/actions` is the same.",
    ),
    ...icingaLogin("Name of the `ApiUser`."),
    missing_for: duration()
      .default(600_000)
      .describe("How long a result for an object that Icinga does not have is tried again before it is a dead letter."),
    execution_time: z
      .enum(["none", "event"])
      .default("none")
      .describe("`event`: send the event's time as execution start and end, so that Icinga refuses older results."),
    coalesce: z
      .enum(["none", "newest"])
      .default("none")
      .describe(
        "`newest`: of the results that wait for one object, send the newest by event time; the others are superseded.",
      ),
    allow_dynamic_code: z
      .boolean()
      .default(false)
      .describe("Allow placeholders in `filter` outside of string literals, where they are not escaped."),
  }),
  payload: payloadSchema,
  code: { "icinga2_action_payload.filter": "icinga-filter" },
  // One order key may be in a batch more than once: `coalesce: newest` is what batches are for here.
  ordered: true,
  defaultOrder: addressedObject,
  defaults: { batch: { maxItems: 100, maxBytes: 1_048_576, lingerMs: 0 } },
  guarantees:
    "At least once, in order per addressed object. A repeated check result sets the same state again; with `execution_time: event` Icinga drops results older than the last one.",
  examples: [
    {
      title: "Set a service to CRITICAL",
      options: { url: "https://localhost:5665", username: "squall", password: "change-me" },
      payload: {
        icinga2_action_name: "process-check-result",
        icinga2_action_payload: { service: "h1!eventlog", exit_status: 2, plugin_output: "Print Spooler stopped" },
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
        body: { service: "h1!eventlog", exit_status: 2, plugin_output: "Print Spooler stopped" },
      },
    },
    {
      title: "Address the object by filter, as a Tornado rule does",
      options: {
        url: "https://localhost:5665/v1/actions",
        username: "squall",
        password: "change-me",
        execution_time: "event",
      },
      payload: {
        icinga2_action_name: "process-check-result",
        icinga2_action_payload: {
          type: "Service",
          filter: 'host.name=="h1" && service.name=="eventlog"',
          exit_status: 0,
          plugin_output: "ok",
        },
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
          type: "Service",
          filter: 'host.name=="h1" && service.name=="eventlog"',
          exit_status: 0,
          plugin_output: "ok",
          execution_start: 1_700_000_000.5,
          execution_end: 1_700_000_000.5,
        },
      },
    },
  ],
  create(options, deps) {
    const redact = createRedactor([...secretsOf(options), ...(deps.secrets ?? [])]);
    // An action for a filter answers with one result per object, and a filter may match thousands.
    const api = createIcingaApi(options, icinga2Base, { ...deps, redact, maxAnswerBytes: 8_388_608 });
    const pathOf = (item: ExecutorItem): string => `/v1/actions/${String(item.payload["icinga2_action_name"])}`;

    const bodyOf = (item: ExecutorItem): JsonObject | null => {
      const body = member(item.payload, "icinga2_action_payload");
      if (!isObject(body)) return null;
      const timed =
        options.execution_time === "event" && item.payload["icinga2_action_name"] === "process-check-result";
      const seconds = item.eventMs / 1000;
      return timed ? { execution_start: seconds, execution_end: seconds, ...body } : body;
    };
    const execute = async (item: ExecutorItem, { signal }: { readonly signal: AbortSignal }): Promise<Outcome> => {
      const readable = readPayload(payloadSchema, item.payload);
      if (!readable.ok) return readable.error;
      const answer = await api.post(pathOf(item), bodyOf(item), item, signal);
      if (!answer.ok) return answer.error;
      return icinga2Outcome(answer.value, options.missing_for, { clock: deps.clock, redact });
    };

    return {
      ...(options.coalesce === "newest"
        ? { executeBatch: (items, context) => sendNewest(items, (item) => execute(item, context)) }
        : { execute }),
      preview: (item) => api.preview(pathOf(item), bodyOf(item), item),
      close: () => api.close(),
    };
  },
});

/** What results are ordered and coalesced by: the object's name, else the filter with its variables. */
export function addressedObject(payload: JsonObject): string | null {
  const parameters = member(payload, "icinga2_action_payload");
  if (!isObject(parameters)) return null;
  const [service, host, filter, variables] = ["service", "host", "filter", "filter_vars"].map((key) =>
    member(parameters, key),
  );
  if (typeof service === "string") return service;
  if (typeof host === "string") return host;
  if (typeof filter !== "string") return null;
  return variables === undefined ? filter : `${filter} ${printJson(variables)}`;
}

/**
 * `coalesce: newest`: of the items for one object and action only the newest by event time is sent, of equal times the
 * later one. The others are superseded once that is delivered; when it is rejected, the next newest is tried; when the
 * target cannot take it now, all wait with it, so that no result is given up for one that never arrives.
 */
async function sendNewest(
  items: readonly ExecutorItem[],
  send: (item: ExecutorItem) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<ExecutorItem, Outcome>();
  await Promise.all(
    groups(items).map(async (group) => {
      let settledBy: Outcome | undefined;
      for (const item of group) {
        if (settledBy === undefined) {
          const outcome = await send(item);
          outcomes.set(item, outcome);
          if (outcome.kind !== "reject") settledBy = outcome;
        } else {
          const newer = settledBy.kind === "delivered" || settledBy.kind === "superseded";
          outcomes.set(item, newer ? superseded("a newer result for the same object was delivered") : settledBy);
        }
      }
    }),
  );
  return items.map((item) => outcomes.get(item)!);
}

/** Items by action and object, each group newest first; an item that addresses nothing stands alone. */
function groups(items: readonly ExecutorItem[]): readonly (readonly ExecutorItem[])[] {
  const byObject = new Map<string, ExecutorItem[]>();
  const alone: ExecutorItem[][] = [];
  for (const item of items) {
    const object = addressedObject(item.payload);
    // Only check results replace one another: of two comments both are wanted.
    if (object === null || item.payload["icinga2_action_name"] !== "process-check-result") {
      alone.push([item]);
      continue;
    }
    const group = byObject.get(object);
    if (group) group.unshift(item);
    else byObject.set(object, [item]);
  }
  for (const group of byObject.values()) group.sort((a, b) => b.eventMs - a.eventMs);
  return [...byObject.values(), ...alone];
}
