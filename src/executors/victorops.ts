/** VictorOps (Splunk On-Call): the generic REST endpoint, https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide/ */
import { z } from "zod";
import { defineExecutor } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { isObject, member, parseJson } from "../core/json.ts";
import { delivered, reject, type Outcome } from "../core/delivery/outcome.ts";
import type { HttpAnswer } from "./support/http-exchange.ts";
import { httpUrl, readHttpUrl } from "./support/http-options.ts";
import { responseText, withAnswer, type OutcomeContext } from "./support/http-outcome.ts";
import { createJsonPost } from "./support/json-post.ts";

const payload = z.looseObject({
  message_type: z
    .enum(["CRITICAL", "WARNING", "INFO", "ACKNOWLEDGEMENT", "RECOVERY"])
    .describe("CRITICAL opens an incident and pages, RECOVERY closes it, INFO only shows in the timeline."),
  entity_id: z.string().min(1).describe("What ties all messages of one incident together."),
  entity_display_name: z.string().optional().describe("Title of the incident; `entity_id` without it."),
  state_message: z.string().optional().describe("Long text of the incident."),
  state_start_time: z.number().optional().describe("When it began, in seconds since 1970."),
  monitoring_tool: z.string().optional().describe("Name of the sender; `squall` without it."),
});

export const victorops = defineExecutor({
  type: "victorops",
  summary: "Opens, updates and recovers incidents through the VictorOps (Splunk On-Call) REST endpoint.",
  options: z.strictObject({
    url: httpUrl()
      .default("https://alert.victorops.com/integrations/generic/20131114/alert")
      .describe("Address of the REST endpoint, up to the keys."),
    api_key: secret().describe("Key of the REST integration."),
    routing_key: z.string().min(1).default("default").describe("Routing key, which chooses the team."),
  }),
  payload: payload.describe("Other keys are kept as details of the incident."),
  code: {},
  guarantees: "At least once; repeats carry the same `entity_id`, which VictorOps folds into one incident.",
  examples: [
    {
      title: "Open an incident",
      options: { api_key: "change-me", routing_key: "windows" },
      payload: { message_type: "CRITICAL", entity_id: "h1/eventlog", state_message: "Print Spooler stopped" },
      request: {
        method: "POST",
        url: "https://alert.victorops.com/integrations/generic/20131114/alert/***/windows",
        headers: { "content-type": "application/json", "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: {
          monitoring_tool: "squall",
          message_type: "CRITICAL",
          entity_id: "h1/eventlog",
          state_message: "Print Spooler stopped",
        },
      },
    },
  ],
  create({ url, api_key: key, routing_key: route }, deps) {
    const base = readHttpUrl(url)!;
    base.pathname = `${base.pathname.replace(/\/+$/, "")}/${encodeURIComponent(key.reveal())}/${encodeURIComponent(route)}`;
    return createJsonPost(
      {
        url: base,
        secrets: [key],
        payload,
        body: (document) => ({ monitoring_tool: "squall", ...document }),
        judge,
      },
      deps,
    );
  },
});

/** The endpoint may say `{"result":"failure","message":…}` with 200. */
function judge(answer: HttpAnswer, { redact }: OutcomeContext): Outcome {
  const body = parseJson(answer.text);
  if (!body.ok || !isObject(body.value) || member(body.value, "result") !== "failure") return delivered();
  const response = responseText(answer.text, redact);
  return reject(withAnswer(`${answer.target} answered with a failure`, response), response);
}
